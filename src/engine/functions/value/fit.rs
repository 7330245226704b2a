//! The aggregate behind every `…_fit`: it counts distinct rows, and fits when all are in.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Float64Array, Float64Builder, Int64Builder, ListBuilder,
    StringViewBuilder, StructArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Float64Type};
use datafusion::common::{DataFusionError, Result, exec_err};

use super::super::aggregate::{Groups, passes};
use super::columns::numbers;
use crate::value::{Fit, Parameters, Sample};

/// The outcome of the fit of any model.
pub(super) type Outcome = Fit<Vec<f64>>;

/// `fit` without its type.
pub(super) fn outcome<P: Parameters>(fit: Fit<P>) -> Outcome {
    let Fit { parameters, log_likelihood, n, converged, identified, warning } = fit;
    Fit { parameters: parameters.values(), log_likelihood, n, converged, identified, warning }
}

/// STRUCT(parameters…, log_likelihood, n, converged, identified, warning).
pub(super) fn fitted(names: &[&str]) -> DataType {
    DataType::Struct(fields(names))
}

fn fields(names: &[&str]) -> Fields {
    let parameters = names.iter().map(|name| (*name, DataType::Float64));
    let report = [
        ("log_likelihood", DataType::Float64),
        ("n", DataType::Int64),
        ("converged", DataType::Boolean),
        ("identified", DataType::Boolean),
        ("warning", DataType::Utf8View),
    ];
    parameters.chain(report).map(|(name, data_type)| Field::new(name, data_type, true)).collect()
}

/// Arguments of so many numbers, and perhaps one more: how many customers a row stands for.
pub(super) fn coerce(given: &[DataType], numbers: usize) -> Option<Vec<DataType>> {
    let is_number = |given: &DataType| given.is_numeric() || matches!(given, DataType::Null | DataType::Boolean);
    let fits = (numbers..=numbers + 1).contains(&given.len()) && given.iter().all(is_number);
    fits.then(|| vec![DataType::Float64; given.len()])
}

/// The state: `columns` lists of the distinct rows' numbers, and one of their counts.
pub(super) fn state(name: &str, columns: usize) -> Vec<FieldRef> {
    let list = DataType::new_list(DataType::Float64, true);
    (0..=columns).map(|column| Arc::new(Field::new(format!("{name}[{column}]"), list.clone(), true))).collect()
}

/// The samples of all groups.
pub(super) struct Fits<const K: usize> {
    names: &'static [&'static str],
    /// Numbers in the order of a fit's arguments.
    arguments: usize,
    row: fn(&[f64]) -> crate::error::Result<[f64; K]>,
    fit: fn(&Sample<K>) -> Outcome,
    samples: Vec<Sample<K>>,
}

impl<const K: usize> Fits<K> {
    /// `row` makes a checked row of the first `arguments` arguments.
    pub(super) fn new(
        names: &'static [&'static str],
        arguments: usize,
        row: fn(&[f64]) -> crate::error::Result<[f64; K]>,
        fit: fn(&Sample<K>) -> Outcome,
    ) -> Self {
        Self { names, arguments, row, fit, samples: Vec::new() }
    }

    /// Hands each row that counts, and for how many customers, to `take`. A row with a NULL does not count.
    fn rows(
        &self,
        arguments: &[ArrayRef],
        keep: Option<&BooleanArray>,
        mut take: impl FnMut(usize, [f64; K], u64),
    ) -> Result<()> {
        let columns: Vec<Float64Array> = arguments.iter().map(numbers).collect::<Result<_>>()?;
        let nulls = columns.iter().fold(None, |nulls, column| NullBuffer::union(nulls.as_ref(), column.nulls()));
        let columns: Vec<&[f64]> = columns.iter().map(|column| &column.values()[..]).collect();
        let mut values = vec![0.0; columns.len()];
        for row in (0..columns[0].len()).filter(|row| passes(keep, *row)) {
            if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                continue;
            }
            values.iter_mut().zip(&columns).for_each(|(value, column)| *value = column[row]);
            let (values, customers) = values.split_at(self.arguments);
            let customers = customers.first().copied().unwrap_or(1.0);
            if !(customers >= 0.0 && customers.fract() == 0.0) {
                return exec_err!("a row stands for {customers} customers: give a whole number of them");
            }
            let checked = (self.row)(values).map_err(|error| DataFusionError::External(Box::new(error)))?;
            take(row, checked, customers as u64);
        }
        Ok(())
    }
}

impl<const K: usize> Groups for Fits<K> {
    fn resize(&mut self, groups: usize) {
        self.samples.resize_with(groups, Sample::default);
    }

    fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], keep: Option<&BooleanArray>) -> Result<()> {
        let mut samples = std::mem::take(&mut self.samples);
        let done = self.rows(arguments, keep, |row, values, customers| samples[groups[row]].add(values, customers));
        self.samples = samples;
        done
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize]) -> Result<()> {
        for (row, &group) in groups.iter().enumerate() {
            let lists: Vec<ArrayRef> = states.iter().map(|state| state.as_list::<i32>().value(row)).collect();
            let columns: Vec<&[f64]> =
                lists.iter().map(|list| &list.as_primitive::<Float64Type>().values()[..]).collect();
            let merged = self.samples[group].add_columns(&columns);
            merged.map_err(|error| DataFusionError::External(Box::new(error)))?;
        }
        Ok(())
    }

    fn results(&self, groups: usize) -> Result<ArrayRef> {
        let mut parameters: Vec<Float64Builder> = self.names.iter().map(|_| Float64Builder::new()).collect();
        let mut log_likelihood = Float64Builder::new();
        let mut n = Int64Builder::new();
        let (mut converged, mut identified) = (BooleanBuilder::new(), BooleanBuilder::new());
        let mut warning = StringViewBuilder::new();
        // What was not learnt is NULL.
        let known = |value: f64| (!value.is_nan()).then_some(value);
        for sample in &self.samples[..groups] {
            let outcome = (self.fit)(sample);
            for (builder, value) in parameters.iter_mut().zip(outcome.parameters) {
                builder.append_option(known(value));
            }
            log_likelihood.append_option(known(outcome.log_likelihood));
            n.append_value(outcome.n as i64);
            converged.append_value(outcome.converged);
            identified.append_value(outcome.identified);
            warning.append_option(outcome.warning);
        }
        let mut columns: Vec<ArrayRef> =
            parameters.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
        columns.push(Arc::new(log_likelihood.finish()));
        columns.push(Arc::new(n.finish()));
        columns.push(Arc::new(converged.finish()));
        columns.push(Arc::new(identified.finish()));
        columns.push(Arc::new(warning.finish()));
        Ok(Arc::new(StructArray::try_new(fields(self.names), columns, None)?))
    }

    fn states(&self, groups: usize) -> Result<Vec<ArrayRef>> {
        let rows = self.samples[..groups].iter().map(Sample::distinct).sum();
        let mut lists = lists(K + 1, rows);
        for sample in &self.samples[..groups] {
            for (list, column) in lists.iter_mut().zip(sample.to_columns()) {
                list.values().append_slice(&column);
                list.append(true);
            }
        }
        Ok(finish(lists))
    }

    fn states_of_rows(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let mut done = 0;
        let rows = arguments[0].len();
        let mut lists = lists(K + 1, rows);
        // Rows that do not count become empty lists.
        let skip_to = |lists: &mut Vec<ListBuilder<Float64Builder>>, done: usize, row: usize| {
            for _ in done..row {
                for list in lists.iter_mut() {
                    list.append(true);
                }
            }
        };
        self.rows(arguments, keep, |row, values, customers| {
            skip_to(&mut lists, done, row);
            for (list, value) in lists.iter_mut().zip(values.into_iter().chain([customers as f64])) {
                list.values().append_value(value);
                list.append(true);
            }
            done = row + 1;
        })?;
        skip_to(&mut lists, done, rows);
        Ok(finish(lists))
    }

    fn drop_first(&mut self, groups: usize) {
        self.samples.drain(..groups);
    }

    fn len(&self) -> usize {
        self.samples.len()
    }

    fn size(&self) -> usize {
        self.samples.iter().map(Sample::size_bytes).sum::<usize>() + self.samples.capacity() * size_of::<Sample<K>>()
    }
}

/// As many builders of lists, with room for so many numbers in all.
fn lists(columns: usize, numbers: usize) -> Vec<ListBuilder<Float64Builder>> {
    (0..columns).map(|_| ListBuilder::new(Float64Builder::with_capacity(numbers))).collect()
}

fn finish(lists: Vec<ListBuilder<Float64Builder>>) -> Vec<ArrayRef> {
    lists.into_iter().map(|mut list| Arc::new(list.finish()) as ArrayRef).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{BuyingModel, History, Nbd};

    fn nbd() -> Fits<3> {
        let mut fits = Fits::<3>::new(
            Nbd::NAMES,
            3,
            |values| History::new(values[0], values[1], values[2]).map(Into::into),
            |sample| outcome(Nbd::fit(sample)),
        );
        fits.resize(2);
        fits
    }

    fn column(values: impl IntoIterator<Item = Option<f64>>) -> ArrayRef {
        Arc::new(values.into_iter().collect::<Float64Array>())
    }

    fn arguments() -> Vec<ArrayRef> {
        vec![
            column([Some(0.0), Some(2.0), None, Some(1.0), Some(9.0), Some(0.0), Some(3.0)]),
            column([Some(0.0), Some(20.0), Some(1.0), Some(5.0), Some(29.0), Some(0.0), Some(8.0)]),
            column([30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 10.0].map(Some)),
        ]
    }

    const GROUPS: [usize; 7] = [0, 0, 0, 0, 0, 1, 1];

    #[test]
    fn parts_merged_are_the_whole() {
        let keep = BooleanArray::from(vec![true, true, true, true, true, true, false]);
        let mut whole = nbd();
        whole.update(&arguments(), &GROUPS, Some(&keep)).unwrap();
        let results = whole.results(2).unwrap();
        let fitted = results.as_struct();
        let n = fitted.column_by_name("n").unwrap();
        assert_eq!(numbers(n).unwrap().values()[..], [4.0, 1.0]);
        let r = numbers(fitted.column_by_name("r").unwrap()).unwrap();
        assert!((r.value(0) - 0.811_256_5).abs() < 1e-6 && r.is_null(1));

        let mut merged = nbd();
        merged.merge(&whole.states_of_rows(&arguments(), Some(&keep)).unwrap(), &GROUPS).unwrap();
        assert_eq!(&merged.results(2).unwrap(), &results);
        let mut again = nbd();
        again.merge(&merged.states(2).unwrap(), &[0, 1]).unwrap();
        assert_eq!(&again.results(2).unwrap(), &results);
        again.drop_first(1);
        assert_eq!((again.len(), &again.results(1).unwrap()), (1, &results.slice(1, 1)));
    }

    #[test]
    fn a_history_that_cannot_be_is_an_error_and_not_left_out() {
        let swapped = vec![column([Some(1.0)]), column([Some(30.0)]), column([Some(5.0)])];
        let error = nbd().update(&swapped, &[0], None).unwrap_err().to_string();
        assert!(error.contains("recency is greater than age"), "{error}");
    }
}
