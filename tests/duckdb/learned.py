"""Whether what Onefold has learnt is what there is to learn: a second opinion on `rfm.cluster_traits` and
`rfm.propensity_traits`.

Fits are not compared with another's number by number. Of clusters: means and deviations are computed anew; customers are put
to the nearest stored centre, whose means must be the centres; and a k-means that knows nothing of ours looks for better
ones. Of regressions: an optimiser that knows nothing of ours looks for better coefficients under the same penalty.
"""

import numpy as np
from scipy.optimize import minimize

REACH = 3.0
RIDGE = 1.0
CLUSTERED = "SELECT {traits} FROM rfm.traits WHERE days_back = 0 ORDER BY ALL"
EXAMPLES = {
    "repeat_purchase": "SELECT bought_again, {traits} FROM rfm.traits WHERE days_back = {days} AND {learnt} ORDER BY ALL",
    "churn": "SELECT NOT bought_again, {traits} FROM rfm.traits"
    " WHERE days_back = {days} AND recency_days <= {days} AND {learnt} ORDER BY ALL",
}
LEARNT = "substr(md5(customer_id), 1, 2) >= '33'"


def numbers(connection, sql):
    """The rows as an array, NaN for NULL."""
    rows = connection.execute(sql).fetchall()
    return np.array([[np.nan if value is None else float(value) for value in row] for row in rows], dtype=float)


def scales(traits):
    """Means and deviations of what is known; a constant has a deviation of 1."""
    means, deviations = np.nanmean(traits, axis=0), np.nanstd(traits, axis=0)
    return means, np.where(deviations > 1e-12 * np.abs(means), deviations, 1.0)


def apart(left, right):
    """The largest difference, by absolute value or relative to the second."""
    return float(np.max(np.abs(left - right) / np.maximum(1.0, np.abs(right)), initial=0.0))


def nearest(rows, centres):
    squares = ((rows[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return squares.argmin(axis=1), float(squares.min(axis=1).sum())


def k_means(rows, clusters, chance):
    """The inertia of Lloyd's algorithm from random rows."""
    centres = rows[chance.choice(len(rows), clusters, replace=False)]
    for _ in range(100):
        assigned, _ = nearest(rows, centres)
        centres = np.array([rows[assigned == at].mean(axis=0) if (assigned == at).any() else centres[at] for at in range(clusters)])
    return nearest(rows, centres)[1]


def clusters(connection):
    """Rows of rfm.cluster_traits, and what is wrong with them, a line each."""
    stored = connection.execute("SELECT cluster, trait, mean, deviation, centre FROM rfm.cluster_traits ORDER BY 1, 2").fetchall()
    if not stored:
        return 0, []
    names = sorted({row[1] for row in stored})
    count = len(stored) // len(names)
    parts = np.array([row[2:] for row in stored], dtype=float).reshape(count, len(names), 3)
    traits = numbers(connection, CLUSTERED.format(traits=", ".join(names)))
    means, deviations = scales(traits)
    differences = []
    for said, ours, theirs in (("mean", parts[0, :, 0], means), ("deviation", parts[0, :, 1], deviations)):
        if apart(ours, theirs) > 1e-9:
            differences.append(f"{said}: {ours}, and by numpy {theirs}")
    rows = np.clip(np.nan_to_num((traits - means) / deviations), -REACH, REACH)
    centres = parts[:, :, 2]
    assigned, inertia = nearest(rows, centres)
    middles = np.array([rows[assigned == at].mean(axis=0) for at in range(count)])
    # The search ends when a step gains less than a ten-millionth, which a few customers on a border may still do.
    if apart(middles, centres) > 0.01:
        differences.append(f"centres are not the means of their customers: {centres}, {middles}")
    sizes = np.bincount(assigned, minlength=count)
    if (np.diff(sizes) > 0.01 * len(rows)).any():
        differences.append(f"clusters are not in the order of their sizes: {sizes}")
    chance = np.random.default_rng(7)
    best = min(k_means(rows, count, chance) for _ in range(10))
    if best < 0.99 * inertia:
        differences.append(f"inertia {inertia}, and another search finds {best}")
    return len(stored), differences


def penalised(coefficients, labels, rows):
    """The negative log-likelihood with its penalty, and the gradient."""
    log_odds = coefficients[0] + rows @ coefficients[1:]
    value = np.sum(np.logaddexp(0.0, log_odds) - labels * log_odds) + 0.5 * RIDGE * np.sum(coefficients[1:] ** 2)
    slope = 1.0 / (1.0 + np.exp(-log_odds)) - labels
    return value, np.concatenate([[slope.sum()], rows.T @ slope + RIDGE * coefficients[1:]])


def propensities(connection):
    """Rows of rfm.propensity_traits, and what is wrong with them, a line each."""
    differences = []
    total = 0
    for model, query in EXAMPLES.items():
        stored = connection.execute(
            "SELECT trait, mean, deviation, coefficient, days, n, positives, log_likelihood FROM rfm.propensity_traits"
            f" WHERE model = '{model}' ORDER BY trait"
        ).fetchall()
        total += len(stored)
        names = [row[0] for row in stored[1:]]
        examples = numbers(connection, query.format(traits=", ".join(names), days=stored[0][4], learnt=LEARNT))
        found = (len(examples), int(examples[:, 0].sum()) if len(examples) else 0)
        if found != stored[0][5:7]:
            differences.append(f"{model}: learnt from {stored[0][5:7]} customers and positives, of whom there are {found}")
        if stored[0][3] is None:
            continue
        parts = np.array([row[1:4] for row in stored], dtype=float)
        labels, (means, deviations) = examples[:, 0], scales(examples[:, 1:])
        for said, ours, theirs in (("mean", parts[1:, 0], means), ("deviation", parts[1:, 1], deviations)):
            if apart(ours, theirs) > 1e-9:
                differences.append(f"{model}: {said} {ours}, and by numpy {theirs}")
        rows = np.nan_to_num((examples[:, 1:] - means) / deviations)
        ours = penalised(parts[:, 2], labels, rows)[0]
        likelihood = 0.5 * RIDGE * np.sum(parts[1:, 2] ** 2) - ours
        if abs(likelihood / stored[0][7] - 1) > 1e-9:
            differences.append(f"{model}: log-likelihood {stored[0][7]}, and by numpy {likelihood}")
        other = minimize(penalised, np.zeros(len(stored)), (labels, rows), "BFGS", jac=True, options={"gtol": 1e-6})
        if other.fun < ours - 1e-6 or apart(other.x, parts[:, 2]) > 1e-4:
            differences.append(f"{model}: {parts[:, 2]} at {ours}, and another optimiser finds {other.x} at {other.fun}")
    return total, differences
