#!/usr/bin/env python3
"""Identity resolution by Onefold and by Splink on the same records, on one machine, one after the other.

    resolve.py contacts WORK RECORDS         WORK/shop, made by `onefold demo --files-only` → WORK/contacts.parquet
    resolve.py compare ONEFOLD WORK          times both and prints Markdown
    resolve.py alone ONEFOLD WORK            times Onefold
    resolve.py again ONEFOLD WORK            times Onefold with `--state`, before and after one in a hundred records is another

A record is a contact of the CRM, the loyalty scheme or the web shop, as it was written there. Onefold gets no settings but
which column is the truth. Splink gets what its documentation advises: cleaned columns, several blocking rules, term
frequencies, u from random pairs, m by expectation maximisation in three passes, and the threshold that is best by the truth.
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import duckdb

THREADS = len(os.sched_getaffinity(0))
# Probabilities, as match weights: 0 is as likely as not.
THRESHOLDS = [1 - 1 / (1 + 2.0**weight) for weight in (0, 4, 8, 12, 16, 20, 24, 28)]


def connect(work):
    return duckdb.connect(config={"threads": THREADS, "memory_limit": "12GB", "temp_directory": str(work / "spill")})


# ── the records ──────────────────────────────────────────────────────────────────────────────────────────────────────

CONTACTS = """
WITH crm AS (
    SELECT 'crm:' || "Customer No" AS record_id, 'crm' AS source, "First Name" AS first_name, "Last Name" AS last_name,
        NULL AS name, "Date of Birth" AS birth_date, "Sex" AS sex, "E-mail" AS email, "Telephone" AS phone,
        "Street" AS street, "City" AS city, "County" AS county, "Postcode" AS postcode, "Country" AS country,
        "Company" AS company, "Loyalty Card" AS loyalty_card, "National ID" AS national_id
    FROM read_csv('{shop}/sources/crm/contacts.csv', delim = ';', {csv})
), loyalty AS (
    SELECT 'loyalty:' || "Card", 'loyalty', NULL, NULL, "Name", replace("Born", '/', '.'), NULL, "Mail", "Mobile",
        "Address", "Town", NULL, "Postcode", "Country", NULL, "Card", "NI Number"
    FROM read_csv('{shop}/sources/loyalty/members.csv', delim = ';', encoding = 'latin-1', {csv})
), shop AS (
    SELECT 'shop:' || id, 'shop', name.first, name.last, NULL, strftime(CAST(birthday AS DATE), '%d.%m.%Y'), NULL, email,
        phone, address.street, address.city, address.region, address.postcode, country, NULL, NULL, NULL
    FROM read_json('{shop}/sources/shop/customers.ndjson', format = 'newline_delimited', ignore_errors = true, columns = {{
        id: 'VARCHAR', email: 'VARCHAR', name: 'STRUCT("first" VARCHAR, "last" VARCHAR)', birthday: 'VARCHAR',
        phone: 'VARCHAR', country: 'VARCHAR',
        address: 'STRUCT(street VARCHAR, city VARCHAR, region VARCHAR, postcode VARCHAR)'}})
), every AS (FROM crm UNION ALL FROM loyalty UNION ALL FROM shop)
SELECT every.*, person_id AS cluster
FROM every JOIN read_csv('{shop}/truth/people.csv', all_varchar = true) USING (record_id)
QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY email, name, last_name) = 1
"""
CSV = "all_varchar = true, header = true, ignore_errors = true, strict_mode = false, null_padding = true"


def make_contacts(work, records):
    connection = connect(work)
    connection.execute(f"CREATE TABLE contacts AS {CONTACTS.format(shop=work / 'shop', csv=CSV)}")
    # Whole people, until there are enough records.
    connection.execute(f"""
        COPY (
            SELECT * EXCLUDE (before) FROM (
                SELECT *, count(*) OVER (ORDER BY cluster RANGE UNBOUNDED PRECEDING) AS before FROM contacts
            ) WHERE before <= {records} ORDER BY hash(record_id)
        ) TO '{work / 'contacts.parquet'}' (FORMAT parquet)""")


# ── Splink ───────────────────────────────────────────────────────────────────────────────────────────────────────────

CLEANED = r"""
WITH split AS (
    SELECT *, strip_accents(lower(trim(coalesce(first_name, regexp_extract(name, '^(.*) \S+$', 1))))) AS given,
        strip_accents(lower(trim(coalesce(last_name, regexp_extract(name, '(\S+)$', 1))))) AS family,
        regexp_replace(phone, '[^0-9]', '', 'g') AS digits,
        upper(regexp_replace(national_id, '[^0-9A-Za-z]', '', 'g')) AS national
    FROM read_parquet('{contacts}')
)
SELECT record_id AS unique_id, nullif(given, '') AS given, nullif(family, '') AS family,
    given || ' ' || family AS given_family, strftime(try_strptime(birth_date, '%d.%m.%Y'), '%Y-%m-%d') AS born,
    nullif(lower(trim(email)), '') AS email, CASE WHEN length(digits) >= 6 THEN right(digits, 9) END AS phone,
    lower(street) AS street, lower(city) AS city, upper(replace(postcode, ' ', '')) AS postcode,
    nullif(loyalty_card, '') AS loyalty_card, nullif(national, '') AS national_id
FROM split
"""


def splink(work):
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    started = time.monotonic()
    connection = connect(work)
    connection.execute(f"CREATE TABLE records AS {CLEANED.replace('{contacts}', str(work / 'contacts.parquet'))}")
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ForenameSurnameComparison(
                "given", "family", forename_surname_concat_col_name="given_family"
            ).configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("born", input_is_string=True),
            cl.EmailComparison("email").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("phone", [1]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("street", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("postcode", [1]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("loyalty_card", [1]),
            cl.LevenshteinAtThresholds("national_id", [1]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("email"),
            block_on("phone"),
            block_on("national_id"),
            block_on("loyalty_card"),
            block_on("given", "family", "born"),
            block_on("given", "family", "city"),
            block_on("family", "born"),
            block_on("given", "born"),
            block_on("family", "postcode"),
            block_on("given", "postcode"),
            block_on("street", "postcode"),
        ],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(connection).register("records"), settings)
    sure = [block_on("email"), block_on("phone"), block_on("given", "family", "born")]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in [block_on("given", "family"), block_on("email"), block_on("phone")]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=THRESHOLDS[0])
    results, seconds = [], None
    for threshold in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold)
        # One threshold is enough where it is known.
        seconds = seconds or time.monotonic() - started
        found = f"(SELECT unique_id AS record_id, cluster_id AS customer_id FROM {clusters.physical_name})"
        results.append({"threshold": threshold, **score(connection, work, found)})
    pairs = connection.execute(f"SELECT count(*) FROM {predicted.physical_name}").fetchall()[0][0]
    return {"seconds": seconds, "pairs": pairs, "results": results}


# ── the comparison ───────────────────────────────────────────────────────────────────────────────────────────────────


def score(connection, work, found):
    """Precision, recall and F1 of the pairs of records that are together."""
    pairs = "SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM both_ids GROUP BY {})"
    right, together, true = connection.execute(f"""
        WITH both_ids AS (SELECT * FROM {found} JOIN read_parquet('{work / 'contacts.parquet'}') USING (record_id))
        SELECT ({pairs.format('customer_id, cluster')}), ({pairs.format('customer_id')}), ({pairs.format('cluster')})
    """).fetchall()[0]
    return {"precision": right / together, "recall": right / true, "f1": 2 * right / (together + true)}


def run(command):
    """Runs a command; gives the JSON that it prints, seconds, and peak resident memory in bytes."""
    started = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    output, errors = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"`{' '.join(map(str, command))}` failed\n{errors}")
    return json.loads(output[output.index("{") :]), time.monotonic() - started, usage.ru_maxrss * 1024


def compare(onefold, work, is_alone):
    contacts, out = work / "contacts.parquet", work / "onefold.parquet"
    contacts.read_bytes()  # into the page cache, for both
    report, seconds, peak = run(
        [onefold, "resolve", contacts, "--out", out, "--ignore", "cluster", "--quiet", "--json"]
    )
    ours = score(connect(work), work, f"(SELECT record_id, customer_id FROM read_parquet('{out}'))")
    rows = [("onefold", seconds, peak, report["pairs"], ours)]
    version = subprocess.run([onefold, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    machine = f"{THREADS} threads, {platform.machine()}, {platform.system()} {platform.release()}"
    if is_alone:
        print(f"# Onefold, {report['records']:,} contacts\n\n{version}, {machine}.\n")
        print("Seconds from the Parquet file to clusters; pairs that were weighed.\n")
    else:
        import splink as package

        theirs, _, theirs_peak = run([sys.executable, __file__, "splink", work])
        best = max(theirs["results"], key=lambda result: result["f1"])
        rows.append(("Splink", theirs["seconds"], theirs_peak, theirs["pairs"], best))
        print(f"# Onefold and Splink, {report['records']:,} contacts\n")
        print(f"{version}; Splink {package.__version__} on DuckDB {duckdb.__version__}; {machine}.\n")
        print("Seconds from the Parquet file to clusters; pairs that were weighed (of Splink's those that are kept: the")
        print(f"likely ones). Splink's threshold, {best['threshold']:.9f}, is the best of {len(THRESHOLDS)} by the truth;")
        print("Onefold's is its default.\n")
    print("| | seconds | peak memory | pairs | precision | recall | F1 |\n|---|--:|--:|--:|--:|--:|--:|")
    for name, seconds, peak, pairs, result in rows:
        figures = " | ".join(f"{result[figure]:.4f}" for figure in ("precision", "recall", "f1"))
        print(f"| {name} | {seconds:.1f} | {peak / 1e6:,.0f} MB | {pairs:,} | {figures} |")
    if not is_alone:
        print(f"\nSplink takes {rows[1][1] / rows[0][1]:.1f} times as long.")


CHANGED = """
WITH numbered AS (SELECT *, hash(record_id, 7) % 1000 AS part FROM read_parquet('{contacts}'))
SELECT * EXCLUDE (part) REPLACE (CASE WHEN part < 8 THEN reverse(phone) ELSE phone END AS phone) FROM numbered
WHERE part NOT IN (8, 9)
UNION ALL
SELECT * EXCLUDE (part) REPLACE (record_id || '-again' AS record_id, upper(street) AS street) FROM numbered WHERE part IN (8, 9)
"""


def again(onefold, work):
    contacts, changed = work / "contacts.parquet", work / "changed.parquet"
    connect(work).execute(f"COPY ({CHANGED.format(contacts=contacts)}) TO '{changed}' (FORMAT parquet)")
    state = work / "state.arrow"
    state.unlink(missing_ok=True)
    print("| | records | new or changed | gone or changed | seconds | peak memory | pairs |\n|---|--:|--:|--:|--:|--:|--:|")
    all_seconds = None
    for name, file in (("all", contacts), ("what changed", changed)):
        file.read_bytes()  # into the page cache
        out = work / f"{file.stem}-again.parquet"
        report, seconds, peak = run(
            [onefold, "resolve", file, "--out", out, "--ignore", "cluster", "--state", state, "--quiet", "--json"]
        )
        followed = report["followed"] or {"fresh": report["records"], "gone": 0}
        counts = f"{report['records']:,} | {followed['fresh']:,} | {followed['gone']:,}"
        print(f"| {name} | {counts} | {seconds:.1f} | {peak / 1e6:,.0f} MB | {report['pairs']:,} |")
        all_seconds = all_seconds or seconds
    print(f"\n{100 * seconds / all_seconds:.0f} % of the time of all.")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["contacts", work, records]:
            make_contacts(Path(work).resolve(), int(records))
        case ["splink", work]:
            print(json.dumps(splink(Path(work).resolve())))
        case ["compare" | "alone" as what, onefold, work]:
            compare(Path(onefold), Path(work).resolve(), what == "alone")
        case ["again", onefold, work]:
            again(Path(onefold), Path(work).resolve())
        case _:
            sys.exit(__doc__)
