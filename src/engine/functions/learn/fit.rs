//! The aggregate behind both fits: it collects distinct rows, and fits when all are in.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Float64Builder, ListArray, ListBuilder, StructArray,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Float64Type};
use datafusion::common::{Result, exec_err};

use super::super::aggregate::{Groups, passes};
use super::traits::{Traits, names, numbers};
use crate::learn::Rows;

/// What a fit takes besides the traits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Besides {
    /// Before them: a label, 0 or 1, which becomes the first number of a row.
    Label,
    /// Perhaps behind them: a setting, the same in all rows.
    Setting,
}

/// What a fit has to go by.
#[derive(Debug, Clone)]
pub(super) struct Collected {
    pub(super) rows: Rows,
    /// The setting; none if it was not given.
    pub(super) setting: Option<f64>,
}

/// The fits of some groups, as a column: of traits with these names.
pub(super) type Fit = fn(&[String], &[Collected]) -> Result<ArrayRef>;

/// The state: the rows' numbers one behind the other, how often each row came, and the setting.
pub(super) fn state(name: &str) -> Vec<FieldRef> {
    let list = || DataType::new_list(DataType::Float64, true);
    let columns = [list(), list(), DataType::Float64];
    columns
        .into_iter()
        .enumerate()
        .map(|(at, kind)| Arc::new(Field::new(format!("{name}[{at}]"), kind, true)))
        .collect()
}

/// A column of LISTs of STRUCTs, of lists of these lengths.
pub(super) fn lists(fields: &Fields, columns: Vec<ArrayRef>, lengths: impl Iterator<Item = usize>) -> Result<ArrayRef> {
    let item = Arc::new(Field::new_list_field(DataType::Struct(fields.clone()), true));
    let structs = StructArray::try_new(fields.clone(), columns, None)?;
    Ok(Arc::new(ListArray::try_new(item, OffsetBuffer::from_lengths(lengths), Arc::new(structs), None)?))
}

/// The groups of a fit.
pub(super) struct Fits {
    besides: Besides,
    names: Vec<String>,
    fit: Fit,
    groups: Vec<Collected>,
}

impl Fits {
    /// For arguments of these types.
    pub(super) fn new(besides: Besides, arguments: &[DataType], fit: Fit) -> Self {
        let traits = usize::from(besides == Besides::Label);
        Self { besides, names: names(&arguments[traits]), fit, groups: Vec::new() }
    }

    fn width(&self) -> usize {
        self.names.len() + usize::from(self.besides == Besides::Label)
    }

    /// Hands each row that counts to `take`, with the setting. A row without a label or without any known trait does not
    /// count.
    fn rows(
        &self,
        arguments: &[ArrayRef],
        keep: Option<&BooleanArray>,
        mut take: impl FnMut(usize, &[f64], Option<f64>) -> Result<()>,
    ) -> Result<()> {
        let (label, traits, setting) = match (self.besides, arguments) {
            (Besides::Label, [label, traits]) => (Some(numbers(label)?), traits, None),
            (Besides::Setting, [traits]) => (None, traits, None),
            (Besides::Setting, [traits, setting]) => (None, traits, Some(numbers(setting)?)),
            _ => return exec_err!("a fit was called with {} arguments", arguments.len()),
        };
        let traits = Traits::of(traits)?;
        let places = traits.places(&self.names)?;
        let mut values = vec![0.0; self.width()];
        let value = |column: &Float64Array, row: usize| column.is_valid(row).then(|| column.value(row));
        for row in (0..arguments[0].len()).filter(|row| passes(keep, *row)) {
            let labels = values.len() - places.len();
            if let Some(label) = &label {
                match value(label, row) {
                    None => continue,
                    Some(label) if label == 0.0 || label == 1.0 => values[0] = label,
                    Some(label) => return exec_err!("a label is true or false, or 1 or 0, not {label}"),
                }
            }
            if traits.read(row, &places, &mut values[labels..]) {
                take(row, &values, setting.as_ref().and_then(|setting| value(setting, row)))?;
            }
        }
        Ok(())
    }
}

impl Collected {
    fn new(width: usize) -> Self {
        Self { rows: Rows::new(width), setting: None }
    }

    fn set(&mut self, setting: Option<f64>) -> Result<()> {
        match (self.setting, setting) {
            (Some(known), Some(setting)) if known != setting => {
                exec_err!("the number of clusters must be the same for all rows, not {known} and {setting}")
            }
            (known, setting) => {
                self.setting = setting.or(known);
                Ok(())
            }
        }
    }
}

impl Groups for Fits {
    fn resize(&mut self, groups: usize) {
        let width = self.width();
        self.groups.resize_with(groups, || Collected::new(width));
    }

    fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], keep: Option<&BooleanArray>) -> Result<()> {
        let mut collected = std::mem::take(&mut self.groups);
        let done = self.rows(arguments, keep, |row, values, setting| {
            let group = &mut collected[groups[row]];
            group.rows.add(values, 1.0);
            group.set(setting)
        });
        self.groups = collected;
        done
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize]) -> Result<()> {
        let [values, weights, settings] = states else {
            return exec_err!("the state of a fit has {} columns", states.len());
        };
        let (values, weights) = (values.as_list::<i32>(), weights.as_list::<i32>());
        let settings = settings.as_primitive::<Float64Type>();
        for (row, &group) in groups.iter().enumerate() {
            let (values, weights) = (values.value(row), weights.value(row));
            let group = &mut self.groups[group];
            let rows = values.as_primitive::<Float64Type>().values().chunks_exact(group.rows.width());
            for (values, weight) in rows.zip(weights.as_primitive::<Float64Type>().values()) {
                group.rows.add(values, *weight);
            }
            group.set(settings.is_valid(row).then(|| settings.value(row)))?;
        }
        Ok(())
    }

    fn results(&self, groups: usize) -> Result<ArrayRef> {
        (self.fit)(&self.names, &self.groups[..groups])
    }

    fn states(&self, groups: usize) -> Result<Vec<ArrayRef>> {
        let mut state = State::default();
        for Collected { rows, setting } in &self.groups[..groups] {
            state.add(rows.values(), rows.weights(), *setting);
        }
        Ok(state.finish())
    }

    fn states_of_rows(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let mut state = State::default();
        let mut done = 0;
        self.rows(arguments, keep, |row, values, setting| {
            state.skip(row - done);
            state.add(values, &[1.0], setting);
            done = row + 1;
            Ok(())
        })?;
        state.skip(arguments[0].len() - done);
        Ok(state.finish())
    }

    fn drop_first(&mut self, groups: usize) {
        self.groups.drain(..groups);
    }

    fn len(&self) -> usize {
        self.groups.len()
    }

    fn size(&self) -> usize {
        let rows = self.groups.iter().map(|group| group.rows.size_bytes()).sum::<usize>();
        rows + self.groups.capacity() * size_of::<Collected>()
    }
}

/// The columns of the state.
struct State {
    values: ListBuilder<Float64Builder>,
    weights: ListBuilder<Float64Builder>,
    settings: Float64Builder,
}

impl Default for State {
    fn default() -> Self {
        let list = || ListBuilder::new(Float64Builder::new());
        Self { values: list(), weights: list(), settings: Float64Builder::new() }
    }
}

impl State {
    fn add(&mut self, values: &[f64], weights: &[f64], setting: Option<f64>) {
        self.values.values().append_slice(values);
        self.values.append(true);
        self.weights.values().append_slice(weights);
        self.weights.append(true);
        self.settings.append_option(setting);
    }

    /// Rows that do not count.
    fn skip(&mut self, rows: usize) {
        for _ in 0..rows {
            self.add(&[], &[], None);
        }
    }

    fn finish(mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.values.finish()), Arc::new(self.weights.finish()), Arc::new(self.settings.finish())]
    }
}
