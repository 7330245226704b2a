#!/usr/bin/env python3
"""Whether every SQL stage of a project that has been run gives in DuckDB what Onefold stored.

    compare.py PROJECT_DIR [STAGE …]

Each stage's SQL runs in DuckDB on the stage's inputs as they lie in the lake (so that a difference shows where it
arises and nowhere else), is cast to the types of the stored table, and compared with it as a multiset of rows.
Onefold's own functions come from functions.py; fitted models are compared by their likelihood, see values.py and
learned.py. Nothing is written. Exit code 1 if any stage differs.
"""

import json
import re
import sys
import time
from functools import partial
from pathlib import Path

import duckdb

import functions
import learned
import values

REPOSITORY = Path(__file__).resolve().parents[2]
LAYERS = ("clean", "match", "profile", "rfm", "segment")
REFERENCE = ("countries", "generic_values", "honorifics", "nicknames")
ROWS_SHOWN = 3

# Onefold's SQL is PostgreSQL's where DuckDB chose otherwise.
DIALECT = """
SET TimeZone = 'UTC';
SET default_null_order = 'nulls_last_on_asc_first_on_desc';
SET integer_division = true;
"""


# Tables that a fit made, and what compares them.
FITTED = {
    **{table: partial(values.compare, table=table) for table in values.MODELS},
    "rfm.cluster_traits": learned.clusters,
    "rfm.propensity_traits": learned.propensities,
}


class Lake:
    """The head of a project's lake."""

    def __init__(self, project):
        self.project = project
        self.folder = project / "lake"
        manifests = sorted((self.folder / "_onefold" / "manifest").glob("*.json"))
        if not manifests:
            sys.exit(f"`{project}` has no run: nothing under lake/_onefold/manifest/")
        head = json.loads(manifests[-1].read_text())
        self.tables = head["tables"]
        self.params = head["params"]

    def files(self, table):
        return [str(self.folder / file["path"]) for file in self.tables[table]["files"]]

    def stages(self):
        """The SQL parts of every stored stage, by table: what ships, overlaid with the project's own."""
        parts = {}
        for root in (REPOSITORY / "sql", self.project / "sql"):
            for layer in LAYERS:
                for path in sorted((root / layer).glob("*.sql")):
                    parts[f"{layer}/{path.name}"] = path
        stages = {}
        for key, path in sorted(parts.items(), key=lambda part: (LAYERS.index(part[0].split("/")[0]), part[0])):
            layer, name = key.split("/")
            stages.setdefault(f"{layer}.{name.split('.')[0]}", []).append(path)
        return stages


TOKENS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$([a-z_][a-z0-9_]*)", re.DOTALL)


def bind(sql, params):
    """`sql` with its $parameters as literals, integers as BIGINT."""

    def literal(match):
        if match[1] is None:
            return match[0]
        text = params[match[1]]
        return f"CAST({text} AS BIGINT)" if re.fullmatch(r"-?\d+", text) else text

    return TOKENS.sub(literal, sql).strip().rstrip(";")


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def columns(connection, relation):
    """Column names with their types; a stored timestamp is one in UTC."""
    rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return {row[0]: row[1].replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMP") for row in rows}


def cast(have, want):
    """A SELECT list of `want`, NULL where `have` has no such column."""
    return ", ".join(
        f"CAST({quote(name) if name in have else 'NULL'} AS {kind}) AS {quote(name)}" for name, kind in want.items()
    )


def schemas(connection):
    """Makes the schemas, and the reference tables in theirs."""
    for schema in ("raw", "quarantine", "reference", *LAYERS):
        connection.execute(f"CREATE SCHEMA {schema}")
    for name in REFERENCE:
        path = REPOSITORY / "data" / f"{name}.csv"
        connection.execute(
            f"CREATE TABLE reference.{name} AS FROM read_csv('{path}', all_varchar = true, delim = ',', header = true)"
        )


def attach(connection, lake, table, kind):
    """Makes a table of the lake known as a VIEW of its files, or as a TABLE with their rows."""
    files = lake.files(table)
    if not files:
        connection.execute(contract(table))
        return
    relation = f"read_parquet({files}, union_by_name = true)"
    have = columns(connection, relation)
    layer, name = table.split(".")
    connection.execute(f"CREATE {kind} {layer}.{quote(name)} AS SELECT {cast(have, have)} FROM {relation}")


def contract(table):
    """The statement that makes a table of the contract, for one without rows."""
    text = re.sub(r"\s+COMMENT\s+'(?:[^']|'')*'", "", (REPOSITORY / "sql" / "contract.sql").read_text())
    return re.search(rf"^CREATE TABLE {re.escape(table)} \(.*?^\);", text, re.DOTALL | re.MULTILINE)[0]


def comparable(kinds):
    """A SELECT list in which floats are rounded to ten significant digits."""
    return ", ".join(
        f"printf('%.9e', {quote(name)} + 0.0) AS {quote(name)}" if kind in ("DOUBLE", "FLOAT") else quote(name)
        for name, kind in kinds.items()
    )


def compare(connection, table, paths, params):
    """Runs the stage; gives what differs, a line each."""
    kinds = columns(connection, table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE theirs AS SELECT * FROM {table} LIMIT 0")
    extra = set()
    for path in paths:
        sql = bind(path.read_text(), params)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE part AS FROM (\n{sql}\n)")
        have = columns(connection, "part")
        extra |= have.keys() - kinds.keys()
        connection.execute(f"INSERT INTO theirs SELECT {cast(have, kinds)} FROM part")
    differences = [f"column `{name}` is not stored" for name in sorted(extra)]
    ours, theirs = (f"SELECT {comparable(kinds)} FROM {relation}" for relation in (table, "theirs"))
    counts = [connection.execute(f"SELECT count(*) FROM {relation}").fetchone()[0] for relation in (table, "theirs")]
    if counts[0] != counts[1]:
        differences.append(f"{counts[0]:,} rows in the lake, {counts[1]:,} in DuckDB")
    for said, query in (("only in the lake", f"{ours} EXCEPT ALL {theirs}"), ("only in DuckDB", f"{theirs} EXCEPT ALL {ours}")):
        total = connection.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]
        if total:
            rows = connection.execute(f"FROM ({query}) ORDER BY ALL LIMIT {ROWS_SHOWN}").fetchall()
            differences.append(f"{total:,} rows {said}:")
            differences += ["    " + str(dict(zip(kinds, map(str, row)))) for row in rows]
    return counts[0], differences


def main():
    lake = Lake(Path(sys.argv[1]).resolve())
    wanted = sys.argv[2:]
    connection = duckdb.connect()
    connection.execute(DIALECT)
    functions.register(connection)
    schemas(connection)
    for table in lake.tables:
        attach(connection, lake, table, "TABLE")
    passed = failed = 0
    for table, paths in lake.stages().items():
        if wanted and table not in wanted:
            continue
        started = time.monotonic()
        try:
            if table not in lake.tables:
                raise KeyError("the lake has no such table")
            rows, differences = FITTED[table](connection) if table in FITTED else compare(connection, table, paths, lake.params)
        except (duckdb.Error, KeyError) as error:
            rows, differences = 0, [f"does not run: {error}"]
        failed, passed = failed + bool(differences), passed + (not differences)
        verdict = "DIFFERENT" if differences else "ok"
        print(f"{table:38} {rows:>9,} rows  {verdict}  {time.monotonic() - started:.2f} s", *differences, sep="\n  ")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
