#!/usr/bin/env python3
"""Fits and scores of lifetime value by Onefold, lifetimes and PyMC-Marketing, on one machine, one after the other.

    value.py histories WORK CUSTOMERS PARETO                 the files in WORK, if not there
    value.py compare ONEFOLD WORK CUSTOMERS PARETO PYMC      times all and prints Markdown; PYMC is a Python that has it

Each customer is a row: repeat purchase days, days from first to last, days until now, and the mean amount of the repeat
ones. They are CDNOW's 23,570, where there is real data, and seeded ones from a BG/NBD and a Gamma–Gamma with the
parameters that the papers found for CDNOW, over two years, on whole days, so that what is bought on one day counts once.

A fit finds a model's parameters, a scoring the sums over all customers of the probability to be alive and of the orders in
HORIZON days, or of the expected amounts. Python's tools are timed in a process that has imported them and read the file,
Onefold by the time that its shell says for the query, which reads the file, and by that of a process that asks once. Everything
is the fastest of RUNS runs in one process, so that what PyMC has to compile is compiled; a tool that takes longer than a minute
runs once.

No tool has a penalizer; PyMC-Marketing's priors are flat, so that its maximum a posteriori is that of the likelihood. All
log-likelihoods are computed by the formulas of lifetimes. It fails if Onefold's is worse than another's by more than WORSE,
or is not what Onefold says; if Onefold's predictions by the other's parameters are not the other's; or if its own
parameters and predictions differ by more than SAME from those of a tool that has come to the top, TOP.
"""

import json
import math
import os
import platform
import re
import subprocess
import sys
import time
import warnings
from pathlib import Path

SEED = 20260630
BUYING = {"r": 0.243, "alpha": 4.414 * 7, "a": 0.793, "b": 2.426}
SPENDING = {"p": 6.25, "q": 3.74, "v": 15.44}
DAYS = 730
CHUNK = 100_000
HORIZON = 365
WEEK = 7
RUNS = 7
PATIENCE = 60
THREADS = len(os.sched_getaffinity(0))

WORSE = 1e-6
SAME = 1e-3
TOP = 1e-9

HISTORY = ("frequency", "recency", "age")
SPEND = ("frequency", "spend")

# By the prefix of Onefold's functions: the name, the classes of lifetimes and of PyMC-Marketing, the columns.
MODELS = {
    "bg_nbd": ("BG/NBD", "BetaGeoFitter", "BetaGeoModel", HISTORY),
    "mbg_nbd": ("MBG/NBD", "ModifiedBetaGeoFitter", "ModifiedBetaGeoModel", HISTORY),
    "pareto_nbd": ("Pareto/NBD", "ParetoNBDFitter", "ParetoNBDModel", HISTORY),
    "gamma_gamma": ("Gamma–Gamma", "GammaGammaFitter", "GammaGammaModel", SPEND),
}
PARAMETERS = {
    "bg_nbd": ("r", "alpha", "a", "b"),
    "mbg_nbd": ("r", "alpha", "a", "b"),
    "pareto_nbd": ("r", "alpha", "s", "beta"),
    "gamma_gamma": ("p", "q", "v"),
}
# The parameters in units of time.
TIMES = ("alpha", "beta")


# ── the histories ────────────────────────────────────────────────────────────────────────────────────────────────────


def histories(work, customers, pareto):
    for count in {*sizes(customers), pareto}:
        target = drawn_file(work, count)
        if not target.exists():
            write(target, (drawn(first, min(CHUNK, count - first)) for first in range(0, count, CHUNK)))
    data = os.environ.get("ONEFOLD_TEST_DATA")
    if data:
        write(work / "cdnow.parquet", [cdnow(Path(data) / "reference" / "cdnow_full_summary_days_cal19970930.csv")])


def sizes(customers):
    """The numbers of customers whose growth is looked at."""
    return customers // 10, customers, customers * 10


def drawn_file(work, count):
    return work / f"customers-{count}.parquet"


def write(target, chunks):
    """A file of chunks of columns, which appears when it is whole."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    kinds = [(name, arrow.int64()) for name in HISTORY] + [("spend", arrow.float64())]
    part = target.with_suffix(".part")
    with parquet.ParquetWriter(part, arrow.schema(kinds), compression="snappy") as writer:
        for chunk in chunks:
            writer.write_table(arrow.table(dict(zip((*HISTORY, "spend"), chunk)), schema=arrow.schema(kinds)))
    part.rename(target)


def cdnow(file):
    import pandas

    table = pandas.read_csv(file)
    return [table[name].to_numpy() for name in ("x", "t_x", "T", "m_x")]


def drawn(first, count):
    """The customers from number `first` on: the same whatever the number of all."""
    import numpy

    random = numpy.random.default_rng([SEED, first])
    rate = numpy.maximum(random.gamma(BUYING["r"], 1 / BUYING["alpha"], CHUNK), 1e-12)
    leaves = random.beta(BUYING["a"], BUYING["b"], CHUNK)
    age = random.integers(1, DAYS, CHUNK, endpoint=True)
    frequency, recency, now = numpy.zeros(CHUNK, int), numpy.zeros(CHUNK, int), numpy.zeros(CHUNK)
    there = numpy.arange(CHUNK)
    while len(there):
        now[there] += random.exponential(1 / rate[there])
        there = there[now[there] <= age[there]]
        day = numpy.ceil(now[there]).astype(int)
        frequency[there] += day > recency[there]
        recency[there] = day
        there = there[random.random(len(there)) >= leaves[there]]
    shape = SPENDING["p"] * numpy.maximum(frequency, 1)
    own = random.gamma(SPENDING["q"], 1 / SPENDING["v"], CHUNK)
    mean = random.gamma(shape) / (own * numpy.maximum(frequency, 1))
    spend = numpy.where(frequency > 0, numpy.maximum(mean.round(2), 0.01), 0)
    return [column[:count] for column in (frequency, recency, age, spend)]


def read(file, model):
    """The rows that a model learns from, in columns."""
    import pyarrow.parquet as parquet

    columns = MODELS[model][3]
    table = parquet.read_table(file, columns=list(columns)).to_pandas()
    if columns == SPEND:
        table = table[(table["frequency"] > 0) & (table["spend"] > 0)]
    return table.astype(float).reset_index(drop=True)


# ── those that are timed ─────────────────────────────────────────────────────────────────────────────────────────────


def fastest(work):
    """Seconds of the fastest run, and what it gives."""
    best, begun = None, time.monotonic()
    for _ in range(RUNS):
        started = time.monotonic()
        result = work()
        best = min(best or float("inf"), time.monotonic() - started)
        if time.monotonic() - begun > PATIENCE:
            break
    return best, result


def timed(fit, score):
    """Both, each by itself; `fit` gives what `score` takes, `score` the sums."""
    fit_seconds, fitted = fastest(fit)
    score_seconds, sums = fastest(lambda: score(fitted))
    sums = {name: float(value) for name, value in sums.items()}
    return fitted, {"fit": fit_seconds, "scoring": score_seconds, "sums": sums}


def in_lifetimes(file, model, are_counted):
    """By lifetimes, on all rows or on distinct ones with how many customers have each, which counts to the fit."""
    import lifetimes
    import numpy

    table, columns = read(file, model), list(MODELS[model][3])
    rows = [table[column].to_numpy() for column in columns]

    def fit():
        numpy.random.seed(SEED)
        fitter = getattr(lifetimes, MODELS[model][1])(penalizer_coef=0.0)
        if not are_counted:
            return fitter.fit(*rows)
        distinct = table.groupby(columns, as_index=False).size()
        return fitter.fit(*(distinct[column].to_numpy() for column in columns), weights=distinct["size"].to_numpy())

    def score(fitter):
        if model == "gamma_gamma":
            return {"spend": fitter.conditional_expected_average_profit(*rows).sum()}
        return {
            "alive": fitter.conditional_probability_alive(*rows).sum(),
            "orders": fitter.conditional_expected_number_of_purchases_up_to_time(HORIZON, *rows).sum(),
        }

    fitter, result = timed(fit, score)
    return result | {"parameters": fitter.params_.to_dict()}


def in_pymc(file, model):
    """By PyMC-Marketing's maximum a posteriori with flat priors, in weeks, which it likes better than days."""
    from pymc_extras.prior import Prior
    from pymc_marketing import clv

    table = read(file, model)
    if model != "gamma_gamma":
        table[["recency", "age"]] /= WEEK
    table = table.rename(columns={"age": "T", "spend": "monetary_value"}).rename_axis("customer_id").reset_index()
    flat = {name: Prior("HalfFlat") for name in PARAMETERS[model]}

    def fit():
        fitter = getattr(clv, MODELS[model][2])(data=table, model_config=flat)
        fitter.fit(method="map", progressbar=False)
        return fitter

    def score(fitter):
        if model == "gamma_gamma":
            return {"spend": fitter.expected_customer_spend(table).sum()}
        return {
            "alive": fitter.expected_probability_alive(table).sum(),
            "orders": fitter.expected_purchases(table, future_t=HORIZON / WEEK).sum(),
        }

    fitter, result = timed(fit, score)
    parameters = {name: float(fitter.fit_result[name].squeeze()) for name in PARAMETERS[model]}
    return result | {"parameters": {name: in_days(name, value) for name, value in parameters.items()}}


def in_days(name, value):
    """A parameter that was found in weeks."""
    return value * WEEK if name in TIMES else value


def run(command, **options):
    """Runs a command; gives what it prints on stdout and, if asked for, on stderr, seconds, and peak memory in bytes."""
    started = time.monotonic()
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True, **options)
    output, notes = child.stdout.read(), child.stderr.read() if child.stderr else ""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return output if status == 0 else None, notes, time.monotonic() - started, usage.ru_maxrss * 1024


def in_python(python, *arguments):
    """What a tool of Python gives, in a process of its own, so that its peak memory is its own."""
    output, _, _, peak = run([python, __file__, *arguments])
    return output and json.loads(output) | {"peak": peak}


def likelihood_of(file, model, result):
    """In a process of its own, because a process starts with the peak memory of the one that starts it."""
    output, *_ = run([sys.executable, __file__, "likelihood", file, model, json.dumps(result["parameters"])])
    return json.loads(output)


class Onefold:
    def __init__(self, program, work):
        self.program, self.work = program, work

    def ask(self, sql, runs=RUNS):
        """A query's row, its seconds, the fastest of those that one process asks one after the other, and of processes that
        ask it once, the seconds of the fastest and the highest peak of memory."""
        output, notes, *_ = self.run([sql] * runs)
        seconds = [float(seconds) for seconds in re.findall(r"\((\d+\.\d+) s\)", notes)]
        once = [self.run([sql]) for _ in range(runs)]
        return json.loads(output.splitlines()[0]), min(seconds), min(of[2] for of in once), max(of[3] for of in once)

    def run(self, statements):
        script = "\n".join(["\\timing on", *(f"{sql};" for sql in statements)])
        output, notes, seconds, peak = run(
            [self.program, "sql", "--format", "ndjson", "-c", script], cwd=self.work, stderr=subprocess.PIPE
        )
        if output is None:
            sys.exit(f"`{script}` failed:\n{notes}")
        return output, notes, seconds, peak

    def sums(self, file, model, parameters, runs=RUNS):
        """As `ask`, for the sums of a model's predictions."""
        literal = ", ".join(f"'{name}', {parameters[name]!r}" for name in PARAMETERS[model])
        literal, columns = f"named_struct({literal})", ", ".join(MODELS[model][3])
        if model == "gamma_gamma":
            what = f"sum(gamma_gamma_expected_spend({literal}, {columns})) AS spend"
            where = "WHERE frequency > 0 AND spend > 0"
        else:
            what = f"""sum({model}_p_alive({literal}, {columns})) AS alive,
                       sum({model}_expected_orders({literal}, {columns}, {HORIZON})) AS orders"""
            where = ""
        return self.ask(f"SELECT {what} FROM '{file}' {where}", runs)

    def model(self, file, model):
        """What the others give, too, and the seconds of the processes."""
        columns = ", ".join(MODELS[model][3])
        row, fit, fit_process, fit_peak = self.ask(f"SELECT {model}_fit({columns}) AS fit FROM '{file}'")
        parameters = {name: row["fit"][name] for name in PARAMETERS[model]}
        sums, scoring, scoring_process, scoring_peak = self.sums(file, model, parameters)
        return {
            "fit": fit, "scoring": scoring, "processes": fit_process + scoring_process, "peak": max(fit_peak, scoring_peak),
            "parameters": parameters, "sums": sums, "said": row["fit"]["log_likelihood"],
        }  # fmt: skip

    def distinct(self, file):
        sql = f"SELECT count(*) AS rows FROM (SELECT DISTINCT {', '.join(HISTORY)} FROM '{file}')"
        return self.ask(sql, 1)[0]["rows"]


# ── whether they found the same ──────────────────────────────────────────────────────────────────────────────────────


def log_likelihood(file, model, parameters):
    """That of the parameters in days, by the formulas of lifetimes, whose unit must be such that nothing underflows."""
    import lifetimes
    import numpy

    table = read(file, model)
    fitter, count = getattr(lifetimes, MODELS[model][1]), numpy.ones(len(table))
    values, rows = numpy.array([parameters[name] for name in PARAMETERS[model]]), table.to_numpy().T
    if model == "gamma_gamma":
        return -len(table) * fitter._negative_log_likelihood(numpy.log(values), *rows, count, 0)
    unit = rows[2].max()
    values = numpy.where(numpy.isin(PARAMETERS[model], TIMES), values / unit, values)
    rows = rows[0], rows[1] / unit, rows[2] / unit
    density = rows[0].sum() * numpy.log(unit)
    if model == "pareto_nbd":
        return fitter._conditional_log_likelihood(values, *rows).sum() - density
    return -len(table) * fitter._negative_log_likelihood(numpy.log(values), *rows, count, 0) - density


def apart(ours, theirs):
    """By how much the numbers of the same names differ at most, relative to theirs."""
    differences = [abs(ours[name] / theirs[name] - 1) for name in theirs]
    return max(differences) if all(map(math.isfinite, differences)) else math.inf


class Judge:
    """Collects what is wrong."""

    def __init__(self):
        self.wrongs = []

    def holds(self, is_right, wrong):
        if not is_right:
            self.wrongs.append(wrong)

    def compare(self, where, tool, ours, theirs, by_theirs):
        """Says how the other's figures stand to Onefold's; `by_theirs` are Onefold's sums by the other's parameters."""
        lead = (ours["log_likelihood"] - theirs["log_likelihood"]) / abs(theirs["log_likelihood"])
        self.holds(lead >= -WORSE, f"{where}: the log-likelihood of {tool} is better by {-lead:.1e}")
        formulas = apart(by_theirs, theirs["sums"])
        self.holds(formulas <= SAME, f"{where}: by the parameters of {tool} predictions differ by {formulas:.1e}")
        parameters, sums = apart(ours["parameters"], theirs["parameters"]), apart(ours["sums"], theirs["sums"])
        is_top = lead <= TOP
        if is_top:
            self.holds(parameters <= SAME, f"{where}: parameters of {tool} differ by {parameters:.1e}")
            self.holds(sums <= SAME, f"{where}: predictions of {tool} differ by {sums:.1e}")
        return f"{parameters:.0e} | {sums:.0e} | {formulas:.0e}" + ("" if is_top else ", short of the top")


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────────────────


def side_by_side(onefold, file, names, tools, judge):
    """A table of models; `tools` gives a name and a call for each tool, `names` the models. Gives how often as long."""
    ratios = {}
    print("| | | fit s | scoring s | processes s | peak memory | log-likelihood | fit | scoring | both | whole |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    notes = []
    for model in names:
        title = MODELS[model][0]
        ours = onefold.model(file, model)
        ours["log_likelihood"] = likelihood_of(file, model, ours)
        said = abs(ours["said"] / ours["log_likelihood"] - 1)
        judge.holds(said <= WORSE, f"{title}: Onefold says {ours['said']} for {ours['log_likelihood']}")
        print_tool(title, "onefold", ours, f"{ours['processes']:.3f}", "| | | ")
        for tool, call in tools.items():
            theirs = call(file, model)
            if theirs is None:
                print(f"| | {tool} | failed | | | | | | | | |", flush=True)
                continue
            theirs["log_likelihood"] = likelihood_of(file, model, theirs)
            both, both_ours = (of["fit"] + of["scoring"] for of in (theirs, ours))
            cells = [theirs["fit"] / ours["fit"], theirs["scoring"] / ours["scoring"], both / both_ours]
            ratios.setdefault(tool, {})[title] = cells[2], both / ours["processes"]
            cells.append(both / ours["processes"])
            print_tool("", tool, theirs, "", "| ".join(f"{cell:.1f} " for cell in cells))
            by_theirs = onefold.sums(file, model, theirs["parameters"], 1)[0]
            notes.append(f"| {title} | {tool} | {judge.compare(title, tool, ours, theirs, by_theirs)} |")
    print("\nHow far apart, relatively:\n")
    print("| | | parameters | predictions | predictions by the same parameters |\n|---|---|--:|--:|--:|")
    print("\n".join(notes), flush=True)
    return ratios


def print_tool(title, tool, result, processes, cells):
    print(
        f"| {title} | {tool} | {result['fit']:.3f} | {result['scoring']:.3f} | {processes} | {result['peak'] / 1e6:,.0f} MB "
        f"| {result['log_likelihood']:,.4f} | {cells}|",
        flush=True,
    )


def goal(ratios, tool, least):
    """Says for which models the tool takes `least` times as long as Onefold, for fit and scoring together."""
    print(f"\nGoal: {tool} takes {least} times as long for both.")
    for how, at in (("query", 0), ("whole processes", 1)):
        verdicts = {title: of[at] for title, of in ratios.get(tool, {}).items()}
        met = ", ".join(f"{title} {ratio:.1f}" for title, ratio in verdicts.items() if ratio >= least)
        missed = ", ".join(f"{title} {ratio:.1f}" for title, ratio in verdicts.items() if ratio < least)
        print(f"By Onefold's {how}: met by {met or 'none'}; missed by {missed or 'none'}.")


def growth(onefold, work, customers):
    """Onefold alone on ever more customers."""
    print("\n## Onefold alone\n")
    print("| customers | distinct histories | | fit s | scoring s | processes s | peak memory |")
    print("|--:|--:|---|--:|--:|--:|--:|")
    spent = {}
    for count in sizes(customers):
        file = drawn_file(work, count)
        file.read_bytes()
        distinct = onefold.distinct(file)
        for model, (title, *_) in MODELS.items():
            ours = onefold.model(file, model)
            print(
                f"| {count:,} | {distinct:,} | {title} | {ours['fit']:.3f} | {ours['scoring']:.3f} "
                f"| {ours['processes']:.3f} | {ours['peak'] / 1e6:,.0f} MB |",
                flush=True,
            )
            spent.setdefault(title, []).append(ours["fit"] + ours["scoring"])
    grown = ", ".join(f"{title} {all_of[-1] / all_of[-2]:.1f}" for title, all_of in spent.items())
    print(f"\nThe last ten times as many customers take so many times as long: {grown}.")


def compare(program, work, customers, pareto, pymc):
    onefold, judge = Onefold(program, work), Judge()
    version, start = run([program, "--version"])[0].strip(), onefold.ask("SELECT 1")[2]
    lifetimes = lambda file, model: in_python(sys.executable, "lifetimes", file, model, "all")
    counted = lambda file, model: in_python(sys.executable, "lifetimes", file, model, "counted")
    marketing = lambda file, model: in_python(pymc, "pymc", file, model)
    print(f"""# Lifetime value: fits and scores

{version}, {THREADS} threads, {processor()}, {platform.system()} {platform.release()}. Seconds of the fastest
of {RUNS} runs: of Python's tools within the process, of Onefold by its shell, from the Parquet file on; `processes` are
Onefold's two as a whole, of which each takes {start:.3f} s for `SELECT 1`. The last four columns say how many times as long
as Onefold a tool takes: for the fit, for the scoring, for both, and for both beside Onefold's whole processes. A scoring
is P(alive) and the orders in {HORIZON} days, or the expected amount, of all customers.""")

    file = work / "cdnow.parquet"
    if file.exists():
        print(f"\n## CDNOW, 23,570 customers, {onefold.distinct(file):,} distinct histories\n")
        ratios = side_by_side(onefold, file, MODELS, {"lifetimes": lifetimes, "PyMC-Marketing": marketing}, judge)
        goal(ratios, "lifetimes", 10)
        goal(ratios, "PyMC-Marketing", 20)
    else:
        print("\nCDNOW is left out: ONEFOLD_TEST_DATA does not name the folder with the real data.")

    file = drawn_file(work, customers)
    print(f"\n## {customers:,} customers, {onefold.distinct(file):,} distinct histories\n")
    tools = {"lifetimes": lifetimes, "lifetimes, distinct rows": counted}
    names = [model for model in MODELS if model != "pareto_nbd" or pareto == customers]
    ratios = side_by_side(onefold, file, names, tools, judge)
    goal(ratios, "lifetimes", 20)
    if pareto < customers:
        print(f"\n## Pareto/NBD, only {pareto:,} customers: lifetimes takes minutes on all\n")
        goal(side_by_side(onefold, drawn_file(work, pareto), ["pareto_nbd"], tools, judge), "lifetimes", 20)

    growth(onefold, work, customers)
    if judge.wrongs:
        print("\n**Not the same**: " + "; ".join(judge.wrongs))
        sys.exit(1)
    print("\nAll figures are the same.")


def processor():
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    match sys.argv[1:]:
        case ["histories", work, customers, pareto]:
            histories(Path(work).resolve(), int(customers), int(pareto))
        case ["lifetimes", file, model, rows]:
            print(json.dumps(in_lifetimes(file, model, rows == "counted")))
        case ["pymc", file, model]:
            print(json.dumps(in_pymc(file, model)))
        case ["likelihood", file, model, parameters]:
            print(log_likelihood(file, model, json.loads(parameters)))
        case ["compare", onefold, work, customers, pareto, pymc]:
            compare(onefold, Path(work).resolve(), int(customers), int(pareto), pymc)
        case _:
            sys.exit(__doc__)
