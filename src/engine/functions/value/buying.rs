//! The models of when customers buy and until when: `nbd_`, `bg_nbd_`, `mbg_nbd_`, `pareto_nbd_` and `bg_bb_`, each with
//! `fit`, `p_alive`, `p_order`, `expected_orders` and `clv`.

use datafusion::arrow::datatypes::DataType;

use super::super::FunctionDoc;
use super::super::aggregate::Aggregate;
use super::super::scalar::{Scalar, Takes};
use super::columns::{predict, predict_with_memo};
use super::fit::{Fits, coerce, fitted, outcome, state};
use crate::value::{Ahead, BgBb, BgNbd, BuyingModel, MbgNbd, Nbd, Parameters, ParetoNbd};

/// The functions of one model.
pub(in super::super) struct Buying {
    pub(in super::super) fit: Aggregate,
    pub(in super::super) p_alive: Scalar,
    pub(in super::super) p_order: Scalar,
    pub(in super::super) expected_orders: Scalar,
    pub(in super::super) clv: Scalar,
}

/// The functions of `$model`; `$literal` is a model, `$customer` a history, as SQL.
macro_rules! buying {
    (
        $model:ty, $prefix:literal, $about:literal, $example:literal => $n:literal,
        $literal:literal, $customer:literal,
        p_alive: $p_alive:literal, p_order: $p_order:literal, orders: $horizon:literal => $orders:literal, clv: $year:literal => $clv:literal
    ) => {
        Buying {
            fit: Aggregate {
                doc: FunctionDoc {
                    name: concat!($prefix, "_fit"),
                    signature: concat!($prefix, "_fit(frequency, recency, age [, customers])"),
                    returns: "STRUCT(parameters…, log_likelihood, n, converged, identified, warning)",
                    summary: concat!(
                        $about,
                        " Fitted by maximum likelihood to customers' repeat purchase periods, time from first to last, \
                         and time from first to now, in one unit. A row stands for one customer, or for `customers` of \
                         them. Rows with a NULL do not count; a history that cannot be is an error. `identified` is \
                         false and `warning` says why where the data do not determine the parameters."
                    ),
                    example: $example,
                    example_result: $n,
                },
                coerce: |given| coerce(given, 3),
                returns: |_| fitted(<$model as Parameters>::NAMES),
                state: |name, _| state(name, 3),
                groups: |_| {
                    Ok(Box::new(Fits::<3>::new(
                        <$model as Parameters>::NAMES,
                        3,
                        |values| <$model as BuyingModel>::history(values[0], values[1], values[2]).map(Into::into),
                        |sample| outcome(<$model as BuyingModel>::fit(sample)),
                    )))
                },
            },
            p_alive: Scalar {
                doc: FunctionDoc {
                    name: concat!($prefix, "_p_alive"),
                    signature: concat!($prefix, "_p_alive(model, frequency, recency, age)"),
                    returns: "DOUBLE",
                    summary: concat!(
                        "The probability that a customer with this history is still a customer, by a model from ",
                        $prefix,
                        "_fit. NULL if an argument is, or if the history cannot be."
                    ),
                    example: concat!("round(", $prefix, "_p_alive(", $literal, ", ", $customer, "), 4)"),
                    example_result: $p_alive,
                },
                takes: &[Takes::Model(<$model as Parameters>::NAMES), Takes::Number, Takes::Number, Takes::Number],
                more: None,
                returns: DataType::Float64,
                check: None,
                kernel: |arguments, rows| {
                    predict(arguments, rows, |model: &$model, [frequency, recency, age]| {
                        let history = <$model as BuyingModel>::history(frequency, recency, age).ok()?;
                        Some(model.p_alive(&history))
                    })
                },
            },
            p_order: Scalar {
                doc: FunctionDoc {
                    name: concat!($prefix, "_p_order"),
                    signature: concat!($prefix, "_p_order(model, frequency, recency, age, horizon)"),
                    returns: "DOUBLE",
                    summary: concat!(
                        "The probability that a customer with this history buys at all in the next `horizon` units of \
                         time, by a model from ",
                        $prefix,
                        "_fit. NULL if an argument is, if the history cannot be, or if the horizon is negative."
                    ),
                    example: concat!("round(", $prefix, "_p_order(", $literal, ", ", $customer, ", ", $horizon, "), 4)"),
                    example_result: $p_order,
                },
                takes: &[
                    Takes::Model(<$model as Parameters>::NAMES),
                    Takes::Number,
                    Takes::Number,
                    Takes::Number,
                    Takes::Number,
                ],
                more: None,
                returns: DataType::Float64,
                check: None,
                kernel: |arguments, rows| {
                    predict_with_memo(arguments, rows, |model: &$model, [frequency, recency, age, horizon], memo| {
                        let history = <$model as BuyingModel>::history(frequency, recency, age).ok()?;
                        let of = (horizon >= 0.0).then_some([frequency, age, horizon])?;
                        let if_alive = memo.get(of, || model.p_order_if_alive(frequency, age, horizon));
                        Some(model.p_alive(&history) * if_alive)
                    })
                },
            },
            expected_orders: Scalar {
                doc: FunctionDoc {
                    name: concat!($prefix, "_expected_orders"),
                    signature: concat!($prefix, "_expected_orders(model, frequency, recency, age, horizon)"),
                    returns: "DOUBLE",
                    summary: concat!(
                        "The expected number of purchase periods of a customer with this history in the next `horizon` \
                         units of time, by a model from ",
                        $prefix,
                        "_fit. NULL if an argument is, if the history cannot be, or if the horizon is negative."
                    ),
                    example: concat!(
                        "round(", $prefix, "_expected_orders(", $literal, ", ", $customer, ", ", $horizon, "), 4)"
                    ),
                    example_result: $orders,
                },
                takes: &[
                    Takes::Model(<$model as Parameters>::NAMES),
                    Takes::Number,
                    Takes::Number,
                    Takes::Number,
                    Takes::Number,
                ],
                more: None,
                returns: DataType::Float64,
                check: None,
                kernel: |arguments, rows| {
                    predict_with_memo(arguments, rows, |model: &$model, [frequency, recency, age, horizon], memo| {
                        let history = <$model as BuyingModel>::history(frequency, recency, age).ok()?;
                        let of = (horizon >= 0.0).then_some([frequency, age, horizon])?;
                        let if_alive = memo.get(of, || model.orders_if_alive(frequency, age, horizon));
                        Some(if horizon > 0.0 { model.p_alive(&history) * if_alive } else { 0.0 })
                    })
                },
            },
            clv: Scalar {
                doc: FunctionDoc {
                    name: concat!($prefix, "_clv"),
                    signature: concat!(
                        $prefix,
                        "_clv(model, frequency, recency, age, spend, horizon, annual_rate, units_per_year)"
                    ),
                    returns: "DOUBLE",
                    summary: concat!(
                        "What a customer with this history will spend in the next `horizon` units of time, as of today, \
                         by a model from ",
                        $prefix,
                        "_fit. `spend` is the expected amount of an order, `annual_rate` the yearly discount rate (0.1 \
                         is 10 %), `units_per_year` how many units of time a year has: 365.25 for days. The same in \
                         every unit. NULL if an argument is, or cannot be."
                    ),
                    example: concat!(
                        "round(", $prefix, "_clv(", $literal, ", ", $customer, ", 25, ", $year, ", 0.1, ", $year, "), 2)"
                    ),
                    example_result: $clv,
                },
                takes: &[
                    Takes::Model(<$model as Parameters>::NAMES),
                    Takes::Number,
                    Takes::Number,
                    Takes::Number,
                    Takes::Number,
                    Takes::Number,
                    Takes::Number,
                    Takes::Number,
                ],
                more: None,
                returns: DataType::Float64,
                check: None,
                kernel: |arguments, rows| {
                    predict_with_memo(arguments, rows, |model: &$model, values, memo| {
                        let [frequency, recency, age, spend, horizon, annual_rate, units_per_year] = values;
                        let history = <$model as BuyingModel>::history(frequency, recency, age).ok()?;
                        let can_be = horizon >= 0.0 && annual_rate > -1.0 && units_per_year > 0.0;
                        let of = can_be.then_some([frequency, age, horizon, annual_rate, units_per_year])?;
                        let ahead = Ahead { horizon, annual_rate, units_per_year };
                        let if_alive = memo.get(of, || model.discounted_if_alive(frequency, age, ahead));
                        Some(spend * (model.p_alive(&history) * if_alive))
                    })
                },
            },
        }
    };
}

pub(in super::super) static NBD: Buying = buying!(
    Nbd,
    "nbd",
    "NBD (Ehrenberg 1959): customers buy at rates of their own and never leave.",
    "SELECT round(nbd_fit(frequency, recency, age)['r'], 4) FROM (VALUES (0, 0, 30), (2, 20, 30), (1, 5, 30), \
     (9, 29, 30)) AS history(frequency, recency, age)" => "0.8113",
    "named_struct('r', 0.385, 'alpha', 12.072)",
    "2, 30.43, 38.86",
    p_alive: "1.0",
    p_order: "0.7423",
    orders: "39" => "1.8263",
    clv: "52" => "58.06"
);

pub(in super::super) static BG_NBD: Buying = buying!(
    BgNbd,
    "bg_nbd",
    "BG/NBD (Fader, Hardie, Lee 2005): customers may leave after each repeat purchase.",
    "SELECT bg_nbd_fit(frequency, recency, age)['n'] FROM (VALUES (0, 0, 30), (2, 20, 30), (9, 29, 30)) \
     AS history(frequency, recency, age)" => "3",
    "named_struct('r', 0.243, 'alpha', 4.414, 'a', 0.793, 'b', 2.426)",
    "2, 30.43, 38.86",
    p_alive: "0.7266",
    p_order: "0.5546",
    orders: "39" => "1.226",
    clv: "52" => "37.29"
);

pub(in super::super) static MBG_NBD: Buying = buying!(
    MbgNbd,
    "mbg_nbd",
    "MBG/NBD (Batislam et al. 2007), the default: customers may leave after each purchase, the first one too.",
    "SELECT mbg_nbd_fit(frequency, recency, age)['identified'] FROM (VALUES (0, 0, 30), (2, 20, 30), (9, 29, 30)) \
     AS history(frequency, recency, age)" => "false",
    "named_struct('r', 0.525, 'alpha', 6.183, 'a', 0.891, 'b', 1.614)",
    "2, 30.43, 38.86",
    p_alive: "0.7062",
    p_order: "0.56",
    orders: "39" => "1.263",
    clv: "52" => "38.23"
);

pub(in super::super) static PARETO_NBD: Buying = buying!(
    ParetoNbd,
    "pareto_nbd",
    "Pareto/NBD (Schmittlein et al. 1987): customers leave after a time of their own, whatever they buy.",
    "SELECT pareto_nbd_fit(frequency, recency, age, customers)['n'] FROM (VALUES (0, 0, 30, 40), (2, 20, 30, 9)) \
     AS history(frequency, recency, age, customers)" => "49",
    "named_struct('r', 0.5533, 'alpha', 10.5776, 's', 0.6062, 'beta', 11.6673)",
    "2, 30.43, 38.86",
    p_alive: "0.8691",
    p_order: "0.5919",
    orders: "39" => "1.4551",
    clv: "52" => "44.28"
);

pub(in super::super) static BG_BB: Buying = buying!(
    BgBb,
    "bg_bb",
    "BG/BB (Fader, Hardie, Shang 2010), for occasions that come round: frequency counts those bought at, recency is the \
     number of the last of these, age counts all occasions so far.",
    "SELECT bg_bb_fit(frequency, recency, age, customers)['n'] FROM (VALUES (0, 0, 6, 3464), (1, 1, 6, 1091)) \
     AS history(frequency, recency, age, customers)" => "4555",
    "named_struct('alpha', 1.204, 'beta', 0.75, 'gamma', 0.657, 'delta', 2.783)",
    "2, 4, 6",
    p_alive: "0.5895",
    p_order: "0.4804",
    orders: "5" => "1.0573",
    clv: "5" => "25.03"
);

pub(in super::super) static PARETO_NBD_RESIDUAL_ORDERS: Scalar = Scalar {
    doc: FunctionDoc {
        name: "pareto_nbd_residual_orders",
        signature: "pareto_nbd_residual_orders(model, frequency, recency, age, annual_rate, units_per_year)",
        returns: "DOUBLE",
        summary: "Discounted expected residual transactions (Fader, Hardie, Lee 2005): all orders that a customer with \
                  this history will ever make, as of today, at a yearly discount rate, by a model from pareto_nbd_fit. \
                  Times the expected spend it is the lifetime value without a horizon. NULL if an argument is, or \
                  cannot be, or where the sum is infinite (no discount and s ≤ 1).",
        example: "round(pareto_nbd_residual_orders(named_struct('r', 0.5533, 'alpha', 10.5776, 's', 0.6062, \
                  'beta', 11.6673), 2, 30.43, 38.86, 0.15, 52), 4)",
        example_result: "6.5004",
    },
    takes: &[
        Takes::Model(<ParetoNbd as Parameters>::NAMES),
        Takes::Number,
        Takes::Number,
        Takes::Number,
        Takes::Number,
        Takes::Number,
    ],
    more: None,
    returns: DataType::Float64,
    check: None,
    kernel: |arguments, rows| {
        predict(arguments, rows, |model: &ParetoNbd, [frequency, recency, age, annual_rate, units_per_year]| {
            let history = ParetoNbd::history(frequency, recency, age).ok()?;
            let can_be = annual_rate >= 0.0 && units_per_year > 0.0;
            can_be.then(|| model.residual_orders(&history, annual_rate.ln_1p() / units_per_year))
        })
    },
};
