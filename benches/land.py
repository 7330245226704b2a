#!/usr/bin/env python3
"""Times the landing of large clean CSVs, Onefold and DuckDB side by side, and fails if memory grows with the file.

    land.py ONEFOLD WORK GB

The files are orders under their customers, made by a seeded generator. Each side reads each file three times, in turn,
from the page cache, and writes Snappy Parquet to the same disk; the quickest time and the highest peak count.
"""

import importlib.util
import json
import random
import shutil
import sys
import time
from pathlib import Path

import duckdb

# By its path: `compare` is the name of the module in tests/duckdb, which it imports.
spec = importlib.util.spec_from_file_location("side_by_side", Path(__file__).with_name("compare.py"))
compare = importlib.util.module_from_spec(spec)
spec.loader.exec_module(compare)
mb, run = compare.mb, compare.run

SEED = 20260630
ROUNDS = 3
# By how much the peak of a file may exceed that of one a third as large.
GROWTH_MAX = 1.15
HEADER = "order_id,customer_no,first_name,last_name,email,phone,city,ordered_at,amount,note\n"
FIRST = ["Zoë", "Ann", "Bo", "Nicolae", "Emily", "陈伟", "Thị Ánh", "Maria", "José", "Dot", "Lee", "Ștefan"]
LAST = ["Fox", "Cooper", "Müller", "Nguyễn", "Stanciu", "O'Hara", "García", "Kim", "Lefèvre", "Ivanova"]
CITIES = ["London", "Cluj-Napoca", "München", "Hà Nội", "Lyon", "São Paulo", "Graz", "Łódź"]
NOTES = ["", "", "", "gift", '"leave at the door, please"', '"said ""call first"""', "call before delivery"]


def make(path, size):
    """Writes `size` bytes or a little more, unless they are there."""
    if path.exists() and path.stat().st_size >= size:
        return
    chance = random.Random(SEED)
    pick, number = chance.choice, chance.randrange
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        order = 0
        while file.tell() < size:
            lines = []
            for order in range(order + 1, order + 20_001):
                customer, first, last = number(2_000_000), pick(FIRST), pick(LAST)
                day = f"20{number(16, 26)}-{number(1, 13):02}-{number(1, 29):02}"
                lines.append(
                    f"{order},C{customer:07},{first},{last},c{customer}@example.com,+44 20 7946 {number(10_000):04},"
                    f"{pick(CITIES)},{day} {number(24):02}:{number(60):02}:{number(60):02},"
                    f"{number(1, 30_000) / 100:.2f},{pick(NOTES)}\n"
                )
            file.writelines(lines)
    part.rename(path)


def ours(onefold, shop):
    """Rows, seconds and peak memory of `onefold land`."""
    shutil.rmtree(shop / "lake", ignore_errors=True)
    output, _, peak = run([onefold, "land", "--project", shop, "--json"])
    report = json.loads(output)["sources"][0]
    if report["rows_quarantined"]:
        sys.exit(f"{report['rows_quarantined']} rows of a clean file went to quarantine")
    return report["rows_landed"], report["elapsed_ms"] / 1000, peak


def theirs(file, scratch):
    """The same of DuckDB, in a process of its own."""
    output, _, peak = run([sys.executable, __file__, "duckdb", file, scratch])
    result = json.loads(output)
    return result["rows"], result["seconds"], peak


def in_duckdb(file, scratch):
    connection = compare.connect(scratch)
    started = time.monotonic()
    target = f"'{scratch / 'orders'}.parquet' (COMPRESSION snappy)"
    relation = f"read_csv('{file}', all_varchar = true, header = true)"
    rows = connection.execute(f"COPY (FROM {relation}) TO {target}").fetchone()[0]
    return {"rows": rows, "seconds": time.monotonic() - started}


def main(onefold, work, gigabytes):
    scratch = work / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "spill").mkdir(parents=True)
    print(f"# Landing one CSV\n\n{run([onefold, '--version'])[0].strip()}; DuckDB {duckdb.__version__}.")
    print(f"{compare.machine()}.\n")
    print("| file | rows | onefold s | MB/s | peak | DuckDB s | MB/s | peak | ratio |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    peaks = []
    for size in (100_000_000, int(gigabytes * 1e9), int(3 * gigabytes * 1e9)):
        shop = work / f"shop-{size}"
        (shop / "in").mkdir(parents=True, exist_ok=True)
        (shop / "onefold.toml").write_text('name = "land"\n[sources.orders]\npath = "in/orders.csv"\n')
        file = shop / "in" / "orders.csv"
        make(file, size)
        megabytes = file.stat().st_size / 1e6
        with file.open("rb") as stream:  # into the page cache, for both
            while stream.read(1 << 24):
                pass
        rounds = [(ours(onefold, shop), theirs(file, scratch)) for _ in range(ROUNDS)]
        counts = {side[0] for pair in rounds for side in pair}
        if len(counts) > 1:
            sys.exit(f"the sides do not agree on the number of rows: {sorted(counts)}")
        our, their = (
            (min(pair[side][1] for pair in rounds), max(pair[side][2] for pair in rounds)) for side in (0, 1)
        )
        peaks.append(our[1])
        cells = [
            f"{seconds:.2f} | {megabytes / seconds:,.0f} | {mb(peak)}" for seconds, peak in (our, their)
        ]  # fmt: skip
        print(f"| {mb(megabytes * 1e6)} | {counts.pop():,} | {' | '.join(cells)} | {our[0] / their[0]:.2f} |", flush=True)
    print("\nRatio is Onefold's time by DuckDB's; below 1 Onefold is faster.")
    shutil.rmtree(scratch)
    if peaks[2] > GROWTH_MAX * peaks[1]:
        sys.exit(f"memory grows with the file: {mb(peaks[1])} for {gigabytes:g} GB, {mb(peaks[2])} for three times as much")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["duckdb", file, scratch]:
            print(json.dumps(in_duckdb(Path(file), Path(scratch))))
        case [onefold, work, gigabytes]:
            main(Path(onefold), Path(work).resolve(), float(gigabytes))
        case _:
            sys.exit(__doc__)
