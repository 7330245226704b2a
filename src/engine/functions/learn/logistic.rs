//! `logistic_fit` and `logistic_probability`: how probable a label is.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Float64Array, Float64Builder, Int64Builder, StringViewBuilder, StructArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::Result;

use super::super::FunctionDoc;
use super::super::aggregate::Aggregate;
use super::super::scalar::{Scalar, Takes};
use super::fit::{Besides, Collected, Fits, lists, state};
use super::model::{Model, Part, ask};
use super::traits::are_traits;
use crate::learn::{Coefficient, Logistic, Scale, logistic, probability};

pub(in super::super) static LOGISTIC_FIT: Aggregate = Aggregate {
    doc: FunctionDoc {
        name: "logistic_fit",
        signature: "logistic_fit(label, traits)",
        returns: "STRUCT(coefficients LIST(STRUCT(trait, mean, deviation, coefficient, error)), n, positives, \
                  log_likelihood, converged, identified, warning)",
        summary: "Logistic regression: how traits, a STRUCT of numbers, move the probability of a label, true or false. \
                  Traits are standardised: a coefficient is what one standard deviation more adds to the log-odds, and \
                  `(intercept)` the log-odds of who is usual in all. A trait that is NULL counts as usual. Rows without a \
                  label, or without any trait, do not count. A ridge penalty of half the sum of squared coefficients \
                  keeps them finite. `identified` is false and `warning` says why where there are fewer than five rows of \
                  the rarer label for each trait. The same in whatever order rows come; of more than a million different \
                  rows a fair sample of a million is used.",
        example: "SELECT logistic_fit(label, named_struct('visits', visits))['positives'] FROM (VALUES (true, 9), \
                  (false, 1), (true, 4), (false, 5)) AS customers(label, visits)",
        example_result: "2",
    },
    coerce: |given| match given {
        [label, traits]
            if are_traits(traits) && (label.is_numeric() || matches!(label, DataType::Null | DataType::Boolean)) =>
        {
            Some(vec![DataType::Float64, traits.clone()])
        }
        _ => None,
    },
    returns: |_| DataType::Struct(fields()),
    state: |name, _| state(name),
    groups: |arguments| Ok(Box::new(Fits::new(Besides::Label, arguments, fits))),
};

pub(in super::super) static LOGISTIC_PROBABILITY: Scalar = Scalar {
    doc: FunctionDoc {
        name: "logistic_probability",
        signature: "logistic_probability(model, traits)",
        returns: "DOUBLE",
        summary: "The probability of the label for a row with these traits, by a model from logistic_fit: a STRUCT whose \
                  `coefficients` have `trait`, `mean`, `deviation` and `coefficient`. Traits are matched by name; one that \
                  is NULL counts as usual. NULL if an argument is, if no trait is known, or if nothing was learnt.",
        example: "round(logistic_probability(named_struct('coefficients', make_array(named_struct('trait', \
                  '(intercept)', 'mean', 0.0, 'deviation', 1.0, 'coefficient', -1.0), named_struct('trait', 'visits', \
                  'mean', 4.0, 'deviation', 2.0, 'coefficient', 0.5))), named_struct('visits', 8)), 4)",
        example_result: "0.5",
    },
    takes: &[Takes::Learnt(Regression::LIST, Regression::NUMBERS), Takes::Traits],
    more: None,
    returns: DataType::Float64,
    check: None,
    kernel: |arguments, rows| {
        let answers = ask(arguments, rows, |model: &Regression, traits| {
            let added = model.coefficients.iter().zip(traits).map(|(part, value)| part.adds(*value));
            Some(probability(model.intercept + added.sum::<f64>())).filter(|probability| probability.is_finite())
        })?;
        Ok(Arc::new(answers.into_iter().collect::<Float64Array>()))
    },
};

/// As R calls it; no trait of the user's has such a name by chance.
const INTERCEPT: &str = "(intercept)";

fn coefficient_fields() -> Fields {
    let numbers = ["mean", "deviation", "coefficient", "error"].map(|name| Field::new(name, DataType::Float64, true));
    [Field::new("trait", DataType::Utf8View, true)].into_iter().chain(numbers).collect()
}

fn fields() -> Fields {
    let coefficients = DataType::new_list(DataType::Struct(coefficient_fields()), true);
    [
        ("coefficients", coefficients),
        ("n", DataType::Int64),
        ("positives", DataType::Int64),
        ("log_likelihood", DataType::Float64),
        ("converged", DataType::Boolean),
        ("identified", DataType::Boolean),
        ("warning", DataType::Utf8View),
    ]
    .into_iter()
    .map(|(name, data_type)| Field::new(name, data_type, true))
    .collect()
}

fn fits(names: &[String], groups: &[Collected]) -> Result<ArrayRef> {
    let fits: Vec<Logistic> = groups.iter().map(|group| logistic(&group.rows)).collect();
    let mut trait_names = StringViewBuilder::new();
    let mut numbers: [Float64Builder; 4] = std::array::from_fn(|_| Float64Builder::new());
    // What was not learnt is NULL.
    let known = |value: f64| (!value.is_nan()).then_some(value);
    for fit in &fits {
        let named = names.iter().map(String::as_str).zip(&fit.coefficients);
        for (name, Coefficient { scale, coefficient, error }) in [(INTERCEPT, &fit.intercept)].into_iter().chain(named)
        {
            trait_names.append_value(name);
            for (builder, number) in numbers.iter_mut().zip([scale.mean, scale.deviation, *coefficient, *error]) {
                builder.append_option(known(number));
            }
        }
    }
    let mut parts: Vec<ArrayRef> = vec![Arc::new(trait_names.finish())];
    parts.extend(numbers.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
    let coefficients = lists(&coefficient_fields(), parts, fits.iter().map(|_| names.len() + 1))?;
    let (mut n, mut positives) = (Int64Builder::new(), Int64Builder::new());
    let mut log_likelihood = Float64Builder::new();
    let (mut converged, mut identified) = (BooleanBuilder::new(), BooleanBuilder::new());
    let mut warning = StringViewBuilder::new();
    for fit in fits {
        n.append_value(fit.n as i64);
        positives.append_value(fit.positives as i64);
        log_likelihood.append_option(known(fit.log_likelihood));
        converged.append_value(fit.converged);
        identified.append_value(fit.identified);
        warning.append_option(fit.warning);
    }
    let columns: Vec<ArrayRef> = vec![
        coefficients,
        Arc::new(n.finish()),
        Arc::new(positives.finish()),
        Arc::new(log_likelihood.finish()),
        Arc::new(converged.finish()),
        Arc::new(identified.finish()),
        Arc::new(warning.finish()),
    ];
    Ok(Arc::new(StructArray::try_new(fields(), columns, None)?))
}

/// A fitted regression.
struct Regression {
    names: Vec<String>,
    intercept: f64,
    coefficients: Vec<Coefficient>,
}

impl Model for Regression {
    const LIST: &'static str = "coefficients";
    const NUMBERS: &'static [&'static str] = &["mean", "deviation", "coefficient"];

    fn read(parts: &[Part]) -> Result<Self> {
        // In the order of their names, so that sums do not depend on that of the parts.
        let mut parts: Vec<&Part> = parts.iter().collect();
        parts.sort_by(|a, b| a.name.cmp(&b.name));
        let mut model = Self { names: Vec::new(), intercept: f64::NAN, coefficients: Vec::new() };
        for part in parts {
            let &[mean, deviation, coefficient] = &part.numbers[..] else { continue };
            if part.name == INTERCEPT {
                model.intercept = coefficient;
                continue;
            }
            model.names.push(part.name.clone());
            model.coefficients.push(Coefficient { scale: Scale { mean, deviation }, coefficient, error: f64::NAN });
        }
        Ok(model)
    }

    fn traits(&self) -> &[String] {
        &self.names
    }
}
