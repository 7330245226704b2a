#!/usr/bin/env python3
"""Times Onefold and DuckDB side by side, on one machine, one disk, the same files and the same SQL.

    compare.py ONEFOLD WORK CUSTOMERS        WORK/shop is a project that `onefold demo --files-only` has made

Landing: every source by itself, files to Parquet, each into a lake of its own. Stages: the SQL that ships, on the same
Parquet files. DuckDB runs in a process of its own, so that its peak memory is its own. Prints Markdown.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "duckdb"))
import duckdb  # noqa: E402

import compare as oracle  # noqa: E402
import functions  # noqa: E402

AS_OF = "2026-06-30"
MEMORY = "4GB"
THREADS = len(os.sched_getaffinity(0))

# What DuckDB computes where Onefold calls its own functions: far less work, but no Python in its way.
CHEAP = """
CREATE MACRO normalize_email(t) AS nullif(lower(trim(t)), '');
CREATE MACRO email_domain(t) AS split_part(lower(trim(t)), '@', 2);
CREATE MACRO normalize_phone(t, country) AS nullif(regexp_replace(t, '[^0-9+]', '', 'g'), '');
CREATE MACRO normalize_name(t) AS nullif(trim(t), '');
CREATE MACRO fold_name(t) AS nullif(lower(strip_accents(trim(t))), '');
CREATE MACRO normalize_postcode(t, country) AS nullif(upper(trim(t)), '');
CREATE MACRO parse_date(t, f1) AS CAST(try_strptime(t, f1) AS DATE);
CREATE MACRO parse_timestamp(t, zone) AS TRY_CAST(t AS TIMESTAMP),
    (t, zone, f1) AS CAST(timezone(zone, try_strptime(t, f1)) AS TIMESTAMP);
CREATE MACRO from_epoch_millis(t) AS make_timestamp(TRY_CAST(t AS BIGINT) * 1000);
CREATE MACRO from_epoch_seconds(t) AS make_timestamp(TRY_CAST(t AS BIGINT) * 1000000);
CREATE MACRO parse_decimal(t, mark) AS TRY_CAST(
    CASE mark WHEN ',' THEN replace(replace(t, '.', ''), ',', '.') ELSE t END AS DECIMAL(28,6));
CREATE MACRO parse_boolean(t) AS CASE
    WHEN lower(t) IN ('true', 't', 'yes', 'y', '1') THEN true
    WHEN lower(t) IN ('false', 'f', 'no', 'n', '0') THEN false END;
"""


# ── the processes that are timed ─────────────────────────────────────────────────────────────────────────────────────


def run(command, **options):
    """Runs a command; gives its output, seconds, and peak resident memory in bytes."""
    started = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"`{' '.join(map(str, command))}` failed with exit code {child.returncode}\n{output}")
    return output, time.monotonic() - started, usage.ru_maxrss * 1024


def in_duckdb(what, *arguments):
    output, _, peak = run([sys.executable, __file__, what, *map(str, arguments)])
    return json.loads(output), peak


def connect(scratch):
    connection = duckdb.connect(
        config={"threads": THREADS, "memory_limit": MEMORY, "temp_directory": str(scratch / "spill")}
    )
    connection.execute(oracle.DIALECT)
    connection.execute("SET preserve_insertion_order = false")
    return connection


# ── landing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def sources(shop):
    """Name, files, format and options of every source."""
    config = tomllib.loads((shop / "onefold.toml").read_text())
    for name, source in config["sources"].items():
        files = sorted(shop.glob(source["path"]))
        yield name, files, "".join(files[0].suffixes).lstrip("."), source


def reader(files, kind, source):
    """DuckDB's expression that reads a source, every column as text where the format leaves it open."""
    paths = [str(file) for file in files]
    if kind == "parquet":
        return f"read_parquet({paths})"
    if kind.startswith(("json", "ndjson")):
        return f"read_json({paths}, union_by_name = true)"
    delimiter = source.get("delimiter", "\t" if kind.startswith("tsv") else ",")
    encoding = "latin-1" if source.get("encoding", "utf-8") == "windows-1252" else "utf-8"
    options = f"all_varchar = true, header = true, delim = '{delimiter}', encoding = '{encoding}', union_by_name = true"
    options += ", ignore_errors = true"  # the rows that Onefold quarantines
    return f"read_csv({paths}, {options})"


def land_in_duckdb(shop, scratch, name):
    """One source into Parquet: rows and seconds."""
    connection = connect(scratch)
    relation = next(reader(files, kind, source) for other, files, kind, source in sources(shop) if other == name)
    started = time.monotonic()
    try:
        rows = connection.execute(
            f"COPY (FROM {relation}) TO '{scratch / name}.parquet' (COMPRESSION snappy)"
        ).fetchone()[0]
    except duckdb.Error as error:
        return {"error": str(error).splitlines()[0]}
    return {"rows": rows, "seconds": time.monotonic() - started}


def landing(onefold, shop, scratch):
    """A line per source and sums."""
    lines, peaks = [], [0, 0]
    for name, files, kind, _ in sources(shop):
        for file in files:  # into the page cache, for both
            file.read_bytes()
        lake = scratch / f"lake-{name}"
        output, _, ours_peak = run([onefold, "land", name, "--project", shop, "--lake", lake, "--json"])
        report = next(source for source in json.loads(output)["sources"] if source["source"] == name)
        shutil.rmtree(lake)
        theirs, theirs_peak = in_duckdb("land", shop, scratch, name)
        peaks = [max(peaks[0], ours_peak), max(peaks[1], theirs_peak)]
        lines.append({
            "name": name, "kind": kind, "rows": report["rows_landed"],
            "bytes": sum(file.stat().st_size for file in files),
            "ours": report["elapsed_ms"] / 1000, "theirs": theirs.get("seconds"), "error": theirs.get("error"),
        })  # fmt: skip
        if "rows" in theirs and theirs["rows"] != report["rows_landed"]:
            lines[-1]["error"] = f"DuckDB read {theirs['rows']:,} rows"
    return lines, peaks


def print_landing(lines, peaks, all_seconds, all_peak):
    print("## Landing: files to Parquet\n")
    print("| source | format | MB | rows | onefold s | DuckDB s | ratio |")
    print("|---|---|--:|--:|--:|--:|--:|")
    row = "| {name} | {kind} | {mb:,.1f} | {rows:,} | {ours:.2f} | {theirs} | {ratio} |"
    groups = (
        ("**plain CSV and TSV**", lambda kind: kind in ("csv", "tsv")),
        ("**all CSV and TSV**", lambda kind: kind.startswith(("csv", "tsv"))),
        ("**all**", lambda kind: True),
    )
    for line in lines:
        print(row.format(**line | shown(line["ours"], line["theirs"]), mb=line["bytes"] / 1e6))
    for name, belongs in groups:
        members = [line for line in lines if belongs(line["kind"]) and line["theirs"] is not None]
        ours, theirs, size, rows = (sum(line[key] for line in members) for key in ("ours", "theirs", "bytes", "rows"))
        print(row.format(name=name, kind="", mb=size / 1e6, rows=rows, ours=ours, **without(shown(ours, theirs), "ours")))
    print(f"\nPeak memory, of the largest source: onefold {mb(peaks[0])}, DuckDB {mb(peaks[1])}.")
    print(f"`onefold land` of all sources in one run: {all_seconds:.2f} s, {mb(all_peak)}.")
    for line in lines:
        if line["error"]:
            print(f"`{line['name']}`: {line['error']}.")


# ── stages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def key(paths):
    """The columns that a stored table is sorted by."""
    return re.search(r"^-- key: (.+)$", paths[0].read_text(), re.MULTILINE)[1]


def stages_in_duckdb(shop, scratch, order):
    """Every SQL stage into Parquet, in the order given: seconds by stage, as DuckDB likes the rows and sorted by the key."""
    lake = oracle.Lake(shop)
    connection = connect(scratch)
    connection.execute(CHEAP)
    connection.execute(functions.PLAIN_MACROS)
    oracle.schemas(connection)
    for table in lake.tables:
        oracle.attach(connection, lake, table, "VIEW")
    parts = lake.stages()
    results = {}
    for table in order:
        if table not in parts:
            continue
        kinds = oracle.columns(connection, table)
        target = f"'{scratch / table}.parquet' (COMPRESSION snappy)"
        try:
            started = time.monotonic()
            selects = []
            for path in parts[table]:
                sql = oracle.bind(path.read_text(), lake.params)
                have = oracle.columns(connection, f"(\n{sql}\n)")
                selects.append(f"SELECT {oracle.cast(have, kinds)} FROM (\n{sql}\n)")
            query = " UNION ALL ".join(selects)
            rows = connection.execute(f"COPY ({query}) TO {target}").fetchone()[0]
            seconds, started = time.monotonic() - started, time.monotonic()
            connection.execute(f"COPY (FROM ({query}) ORDER BY {key(parts[table])}) TO {target}")
            results[table] = {"rows": rows, "seconds": seconds, "sorted": time.monotonic() - started}
        except duckdb.Error as error:
            results[table] = {"error": str(error).splitlines()[0]}
    return results


def print_stage(name, rows, ours, theirs, in_order):
    plain, ordered = shown(ours, theirs), shown(ours, in_order)
    cells = (plain["theirs"], plain["ratio"], ordered["theirs"], ordered["ratio"])
    print(f"| {name} | {rows:,} | {ours:.2f} | {' | '.join(cells)} |")


def print_stages(report, theirs, peaks, seconds):
    print("\n## Stages: the SQL that ships, Parquet to Parquet\n")
    print("| stage | rows | onefold s | DuckDB s | ratio | DuckDB, sorted s | ratio |\n|---|--:|--:|--:|--:|--:|--:|")
    sums = [0, 0, 0, 0]
    for stage in report["stages"]:
        other = theirs.get(stage["stage"], {})
        ours = stage["elapsed_ms"] / 1000
        print_stage(stage["stage"], stage["rows"], ours, other.get("seconds"), other.get("sorted"))
        if "seconds" in other:
            sums = [sum(pair) for pair in zip(sums, (stage["rows"], ours, other["seconds"], other["sorted"]))]
    print_stage("**all that both ran**", *sums)
    print(f"\nPeak memory: onefold {mb(peaks[0])}, DuckDB {mb(peaks[1])}. `onefold run` as a whole: {seconds:.2f} s.")
    for table, result in theirs.items():
        if "error" in result:
            print(f"`{table}` does not run in DuckDB: {result['error']}.")


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────────────────


def shown(ours, theirs):
    ratio = "" if theirs is None else f"{ours / max(theirs, 0.001):.2f}"
    return {"ours": ours, "theirs": "" if theirs is None else f"{theirs:.2f}", "ratio": ratio}


def without(cells, key):
    return {name: cell for name, cell in cells.items() if name != key}


def mb(size):
    return f"{size / 1e6:,.0f} MB"


def machine():
    """Processor, threads, memory and system."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{model}, {THREADS} threads, {memory / 2**30:.0f} GiB RAM, {platform.system()} {platform.release()}"


def main(onefold, work, customers):
    shop, scratch = work / "shop", work / "scratch"
    for folder in (shop / "lake", scratch):
        shutil.rmtree(folder, ignore_errors=True)
    (scratch / "spill").mkdir(parents=True)
    version = run([onefold, "--version"])[0].strip()
    print(f"# Onefold and DuckDB, {int(customers):,} customers\n")
    print(f"{version}; DuckDB {duckdb.__version__}, {THREADS} threads, memory limit {MEMORY}.\n{machine()}.\n")
    print("Seconds, lower is better; ratio = onefold / DuckDB, below 1 onefold is faster. Both read from the page cache and")
    print("write Snappy Parquet to the same disk. Onefold also checks keys, sorts, hashes and syncs what it writes, and keeps")
    print("file and line of each row; DuckDB does none of that, but for sorting where its time says so. For Onefold's")
    print("functions DuckDB runs short macros that do far less (normalize_email is lower(trim(x)), normalize_phone drops what is no digit); `survivor` is a macro over lists.")
    print("windows-1252 is read as latin-1 by DuckDB.\n")

    lines, peaks = landing(onefold, shop, scratch)
    _, all_seconds, all_peak = run([onefold, "land", "--quiet", "--project", shop])
    print_landing(lines, peaks, all_seconds, all_peak)

    output, seconds, ours_peak = run([onefold, "run", "--json", "--as-of", AS_OF, "--project", shop])
    report = json.loads(output)
    order = scratch / "order.json"
    order.write_text(json.dumps([stage["stage"] for stage in report["stages"]]))
    theirs, theirs_peak = in_duckdb("stages", shop, scratch, order)
    print_stages(report, theirs, (ours_peak, theirs_peak), seconds)
    shutil.rmtree(scratch)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["land", shop, scratch, name]:
            print(json.dumps(land_in_duckdb(Path(shop), Path(scratch), name)))
        case ["stages", shop, scratch, order]:
            names = json.loads(Path(order).read_text())
            print(json.dumps(stages_in_duckdb(Path(shop), Path(scratch), names)))
        case [onefold, work, customers]:
            main(Path(onefold), Path(work).resolve(), customers)
        case _:
            sys.exit(__doc__)
