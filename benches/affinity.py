#!/usr/bin/env python3
"""Bought-together rules by Onefold, DuckDB and mlxtend on the same order lines, on one machine, one after the other.

    affinity.py lines WORK LINES                         WORK/lines.parquet: seeded order lines, if not there
    affinity.py compare ONEFOLD WORK LINES SAMPLE        times all and prints Markdown

About three lines an order, a few thousand products as popular as Zipf's law has it, half of the lines after the first in an
order one of the products that go with the one before. Each tool goes from the Parquet file to all pairs that are on MIN_ORDERS
orders or more, with their support, confidence and lift. mlxtend gets the orders with the first SAMPLE lines, because on all
it takes longer than anybody waits; of it FP-growth, because its Apriori lays all pairs of the products beside all orders at once,
which even for 200,000 lines would be 498 GiB.
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

SEED = 20260630
PRODUCTS = 4000
ZIPF = 0.9
LINES_PER_ORDER = 3
COMPANIONS = 8
MIN_ORDERS = 5
MAX_PRODUCTS = 100
MEMORY = "8GB"
THREADS = len(os.sched_getaffinity(0))

# What all are asked: how many pairs, and sums by which it is seen that they are the same ones.
FIGURES = """SELECT count(*) AS pairs, sum(orders) AS orders, sum(product_orders) AS product_orders,
       sum(other_orders) AS other_orders, min(purchases) AS purchases,
       round(sum(round(CAST(orders AS DOUBLE) / product_orders, 6)), 2) AS confidence,
       round(max(CAST(orders AS DOUBLE) * purchases / product_orders / other_orders), 6) AS lift"""

OURS = f"""WITH counted AS (
    SELECT bought_together(order_id, product_id, {MIN_ORDERS}, {MAX_PRODUCTS}) AS found FROM '{{file}}'
), pairs AS (SELECT found['orders'] AS purchases, unnest(found['pairs']) AS pair FROM counted
), named AS (SELECT purchases, pair['orders'] AS orders, pair['product_orders'] AS product_orders,
                    pair['other_orders'] AS other_orders FROM pairs)
{FIGURES} FROM named"""

# Products on too few orders are left out before the join, as Onefold does: it is faster with than without.
THEIRS = f"""WITH lines AS (SELECT DISTINCT order_id, product_id FROM '{{file}}'
), small AS (SELECT order_id FROM lines GROUP BY order_id HAVING count(*) <= {MAX_PRODUCTS}
), kept AS (SELECT order_id, product_id FROM lines SEMI JOIN small USING (order_id)
), each AS (SELECT product_id, count(*) AS orders FROM kept GROUP BY product_id HAVING count(*) >= {MIN_ORDERS}
), frequent AS (SELECT order_id, product_id FROM kept SEMI JOIN each USING (product_id)
), pairs AS (SELECT a.product_id, b.product_id AS other_product_id, count(*) AS orders
             FROM frequent AS a JOIN frequent AS b ON b.order_id = a.order_id AND a.product_id < b.product_id
             GROUP BY ALL HAVING count(*) >= {MIN_ORDERS}
), named AS (SELECT pairs.orders, one.orders AS product_orders, other.orders AS other_orders,
                    (SELECT count(*) FROM small) AS purchases
             FROM pairs JOIN each AS one ON one.product_id = pairs.product_id
             JOIN each AS other ON other.product_id = pairs.other_product_id)
{FIGURES} FROM named"""

# The plainest way to write it: no order has a product twice here, and none is large, so that the answer is the same.
PLAIN = f"""WITH lines AS (SELECT order_id, product_id FROM '{{file}}'
), each AS (SELECT product_id, count(*) AS orders FROM lines GROUP BY product_id
), pairs AS (SELECT a.product_id, b.product_id AS other_product_id, count(*) AS orders
             FROM lines AS a JOIN lines AS b ON b.order_id = a.order_id AND a.product_id < b.product_id
             GROUP BY ALL HAVING count(*) >= {MIN_ORDERS}
), named AS (SELECT pairs.orders, one.orders AS product_orders, other.orders AS other_orders,
                    (SELECT count(DISTINCT order_id) FROM lines) AS purchases
             FROM pairs JOIN each AS one ON one.product_id = pairs.product_id
             JOIN each AS other ON other.product_id = pairs.other_product_id)
{FIGURES} FROM named"""


# ── the order lines ──────────────────────────────────────────────────────────────────────────────────────────────────


def make_lines(work, lines):
    """Order lines as clean.order_lines has them: texts for ids, by order and line; no product twice on an order."""
    import numpy
    import pyarrow as arrow
    import pyarrow.compute as compute
    import pyarrow.parquet as parquet

    target = work / "lines.parquet"
    if target.exists():
        return
    random = numpy.random.default_rng(SEED)
    # A few more than asked for, because products that come twice on an order go.
    drawn = int(lines * 1.1) + 1000
    sizes = numpy.minimum(random.geometric(1 / LINES_PER_ORDER, drawn // LINES_PER_ORDER), 40)
    order = numpy.repeat(numpy.arange(len(sizes)), sizes)
    chances = 1 / numpy.arange(1, PRODUCTS + 1) ** ZIPF
    product = random.permutation(PRODUCTS)[random.choice(PRODUCTS, len(order), p=chances / chances.sum())]
    companions = random.integers(0, PRODUCTS, (PRODUCTS, COMPANIONS))
    follows = (numpy.diff(order, prepend=-1) == 0) & (random.random(len(order)) < 0.5)
    before = numpy.roll(product, 1)
    product = numpy.where(follows, companions[before, random.integers(0, COMPANIONS, len(order))], product)
    keys = numpy.unique(order * PRODUCTS + product)[:lines]
    order, product = keys // PRODUCTS, keys % PRODUCTS
    first = numpy.flatnonzero(numpy.diff(order, prepend=-1))
    number = numpy.arange(len(order)) - numpy.repeat(first, numpy.diff(numpy.append(first, len(order)))) + 1
    padded = lambda prefix, values, width: compute.binary_join_element_wise(
        prefix, compute.utf8_lpad(arrow.array(values).cast(arrow.string()), width, "0"), ""
    )
    table = arrow.table({
        "order_id": padded("shop:", order, 8), "line_number": number, "product_id": padded("P", product, 5),
    })  # fmt: skip
    parquet.write_table(table, target, compression="snappy", row_group_size=1 << 20)


def few(work, lines):
    """The first of the lines in a file of their own."""
    import pyarrow.parquet as parquet

    target = work / f"lines-{lines}.parquet"
    if not target.exists():
        parquet.write_table(parquet.read_table(work / "lines.parquet").slice(0, lines), target, compression="snappy")
    return target


# ── those that are timed ─────────────────────────────────────────────────────────────────────────────────────────────


def in_duckdb(work, sql):
    """Seconds of a query, and its figures."""
    import duckdb

    connection = duckdb.connect(
        config={"threads": THREADS, "memory_limit": MEMORY, "temp_directory": str(work / "spill")}
    )
    started = time.monotonic()
    cursor = connection.execute(sql.format(file=work / "lines.parquet"))
    row = dict(zip((column[0] for column in cursor.description), cursor.fetchone()))
    return {"seconds": time.monotonic() - started, "figures": row}


def in_mlxtend(work, lines):
    """Seconds of the pairs by FP-growth and their rules, with and without those of making the matrix that it wants."""
    import duckdb
    import pandas
    from mlxtend.frequent_patterns import association_rules, fpgrowth
    from mlxtend.preprocessing import TransactionEncoder

    started = time.monotonic()
    rows = duckdb.execute(
        f"SELECT list(product_id) FROM (FROM '{work}/lines.parquet' LIMIT {lines}) GROUP BY order_id ORDER BY order_id"
    ).fetchall()
    baskets = [row[0] for row in rows]
    encoder = TransactionEncoder()
    matrix = encoder.fit(baskets).transform(baskets, sparse=True)
    frame = pandas.DataFrame.sparse.from_spmatrix(matrix, columns=list(map(str, encoder.columns_)))
    encoded = time.monotonic()
    itemsets = fpgrowth(frame, min_support=MIN_ORDERS / len(baskets), use_colnames=True, max_len=2)
    rules = association_rules(itemsets, metric="support", min_threshold=0)
    ended = time.monotonic()
    figures = {"pairs": len(rules) // 2, "orders": round((rules["support"] * len(baskets)).sum() / 2)}
    return {"seconds": ended - started, "encoding": encoded - started, "orders": len(baskets), "figures": figures}


def run(command):
    """Runs a command; gives what it prints, seconds, and peak resident memory in bytes."""
    started = time.monotonic()
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        return None, time.monotonic() - started, usage.ru_maxrss * 1024
    return output, time.monotonic() - started, usage.ru_maxrss * 1024


def compare(onefold, work, lines, sample):
    file = work / "lines.parquet"
    file.read_bytes()  # into the page cache, for all
    version = subprocess.run([onefold, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"# Bought together, {lines:,} order lines\n")
    print(f"{version}, {THREADS} threads, {platform.machine()}, {platform.system()} {platform.release()}. Seconds from the")
    print(f"Parquet file ({file.stat().st_size / 1e6:,.0f} MB) to all pairs on {MIN_ORDERS} orders or more with their figures.\n")
    print("| | lines | pairs | seconds | peak memory |\n|---|--:|--:|--:|--:|")

    def row(name, lines, output, seconds, peak):
        figures = "failed" if output is None else f"{output['figures']['pairs']:,}"
        print(f"| {name} | {lines:,} | {figures} | {seconds:.2f} | {peak / 1e6:,.0f} MB |", flush=True)

    best = None
    for _ in range(3):
        output, seconds, peak = run([onefold, "sql", "-c", OURS.format(file=file), "--format", "ndjson"])
        if best is None or seconds < best[1]:
            best = ({"figures": json.loads(output)}, seconds, peak)
    row("onefold, `bought_together`, best of 3", lines, *best)
    fastest = None
    for name, sql in (("self-join", "plain"), ("self-join, rare products left out first", "pruned")):
        output, seconds, peak = run([sys.executable, __file__, "duckdb", work, sql])
        output = output and json.loads(output)
        row(f"DuckDB, {name}", lines, output, output["seconds"] if output else seconds, peak)
        if output is None:
            continue
        fastest = min(fastest or output["seconds"], output["seconds"])
        theirs, ours = ({key: float(value) for key, value in of["figures"].items()} for of in (output, best[0]))
        if theirs != ours:
            print(f"\n**Not the same pairs**: {ours} and {theirs}\n")
    output, seconds, peak = run([sys.executable, __file__, "mlxtend", work, sample])
    output = output and json.loads(output)
    row("mlxtend, `fpgrowth(max_len=2)`", sample, output, output["seconds"] if output else seconds, peak)
    output, seconds, peak = run([onefold, "sql", "-c", OURS.format(file=few(work, sample)), "--format", "ndjson"])
    row("onefold, the same lines", sample, output and {"figures": json.loads(output)}, seconds, peak)
    if fastest:
        print(f"\nDuckDB's faster one takes {fastest / best[1]:.1f} times as long as Onefold; a figure of Onefold's includes its start.")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["lines", work, lines]:
            make_lines(Path(work).resolve(), int(lines))
        case ["duckdb", work, which]:
            print(json.dumps(in_duckdb(Path(work), {"plain": PLAIN, "pruned": THEIRS}[which]), default=float))
        case ["mlxtend", work, lines]:
            print(json.dumps(in_mlxtend(Path(work), int(lines)), default=float))
        case ["compare", onefold, work, lines, sample]:
            compare(onefold, Path(work).resolve(), int(lines), int(sample))
        case _:
            sys.exit(__doc__)
