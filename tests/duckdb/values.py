"""Whether the models that Onefold has fitted are the best ones: a second opinion on the tables of MODELS.

A fit is not compared number by number, because near the maximum many parameters fit as well as others. Instead the
likelihood of the stored parameters is computed anew from the papers' formulas, which must give the stored log-likelihood,
and an optimiser that knows nothing of ours looks for a better one.
"""

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

# Tables of models, and what they learn from: companies only where there are enough of them.
MODELS = {
    "rfm.value_models": "SELECT 'rfm.buyers'",
    "rfm.account_models": "SELECT if(min(learnt_from) = 'accounts', 'rfm.account_buyers', 'rfm.buyers') FROM rfm.account_models",
}
HISTORIES = "SELECT repeat_days, first_to_last_days, age_days, count(*) FROM {} GROUP BY ALL ORDER BY ALL"
SPENDS = "SELECT repeat_days, mean_spend FROM {} WHERE repeat_days > 0 AND mean_spend > 0 ORDER BY ALL"
STARTS = ((-1.0, 2.0, 0.0, 1.0), (0.0, 3.0, -1.0, 0.0), (-0.5, 4.0, -3.0, 1.0))


def mbg_nbd(rows, r, alpha, a, b):
    """Batislam, Denizel, Filiztekin (2007), equation 6; for a = 0 nobody leaves (NBD)."""
    x, t_x, t, weight = rows
    bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    there = bought - (r + x) * np.log(alpha + t)
    if a == 0:
        return float(np.sum(weight * there))
    alive = there + betaln(a, b + x + 1) - betaln(a, b)
    left = bought - (r + x) * np.log(alpha + t_x) + betaln(a + 1, b + x) - betaln(a, b)
    return float(np.sum(weight * np.logaddexp(alive, left)))


def gamma_gamma(rows, p, q, v):
    """Fader, Hardie (2013), equation 1a."""
    x, mean = rows
    shape = p * x
    each = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v) + shape * np.log(x)
    return float(np.sum(each + (shape - 1) * np.log(mean) - (shape + q) * np.log(x * mean + v)))


def best(likelihood, rows, starts):
    """The best log-likelihood that Nelder and Mead find, in logarithms of the parameters."""
    options = {"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-9, "fatol": 1e-9, "adaptive": True}
    lost = lambda logs: -likelihood(rows, *np.exp(np.clip(logs, -30, 30)))
    return max(-minimize(lost, start, method="Nelder-Mead", options=options).fun for start in starts)


def compare(connection, table):
    """Rows of a table of MODELS, and what is wrong with them, a line each."""
    buyers = connection.execute(MODELS[table]).fetchone()[0]
    columns = "model, r, alpha, a, b, p, q, v, log_likelihood, n, identified"
    models = connection.execute(f"SELECT {columns} FROM {table} ORDER BY model").fetchall()
    differences = []
    for model, r, alpha, a, b, p, q, v, stored, n, identified in models:
        query = (SPENDS if model == "gamma_gamma" else HISTORIES).format(buyers)
        rows = np.array(connection.execute(query).fetchall(), dtype=float).T
        customers = 0 if rows.size == 0 else rows.shape[1] if model == "gamma_gamma" else int(rows[3].sum())
        if customers != n:
            differences.append(f"{model}: learnt from {n:,} customers, of whom there are {customers:,}")
        if stored is None:
            continue
        if model == "gamma_gamma":
            ours, theirs = gamma_gamma(rows, p, q, v), best(gamma_gamma, rows, ((1.0, 1.0, 3.0), (0.0, 0.5, 1.0)))
        else:
            ours, theirs = mbg_nbd(rows, r, alpha, a, b), best(mbg_nbd, rows, STARTS)
        if abs(ours / stored - 1) > 1e-9:
            differences.append(f"{model}: log-likelihood {stored}, and by the papers' formula {ours}")
        # Without dropout two parameters less may cost what the information criterion allows: ln n.
        slack = 1e-9 * abs(theirs) + (0 if identified else np.log(n))
        if theirs - ours > slack:
            differences.append(f"{model}: log-likelihood {ours}, and another optimiser finds {theirs}")
    return len(models), differences
