//! `latest(value, at)`: the newest value of each group in one pass, without a sort or a window.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, TimeUnit};
use datafusion::common::Result;

use super::FunctionDoc;
use super::aggregate::{Aggregate, Groups, kept, passes};
use super::values::{Codec, Heap, Span};

pub(super) static LATEST: Aggregate = Aggregate {
    doc: FunctionDoc {
        name: "latest",
        signature: "latest(value, at)",
        returns: "the value's type",
        summary: "The value with the greatest `at` (date, timestamp or whole number). NULL values do not count; a NULL \
                  `at` is earlier than any other; of several values at the same time the greatest wins, so the answer \
                  does not depend on the order of rows. NULL if there is no value.",
        example: "SELECT latest(city, at) FROM (VALUES ('Cluj', DATE '2023-05-01'), ('Iași', DATE '2024-02-01'), \
                  (NULL, DATE '2024-03-01')) AS moves(city, at)",
        example_result: "Iași",
    },
    coerce: |given| match given {
        [value, at] => Some(vec![plain(value), coerce_at(at)?]),
        _ => None,
    },
    returns: |arguments| arguments[0].clone(),
    state: |name, arguments| {
        vec![
            Arc::new(Field::new(format!("{name}[value]"), arguments[0].clone(), true)),
            Arc::new(Field::new(format!("{name}[at]"), DataType::Int64, true)),
        ]
    },
    groups: |arguments| {
        Ok(Box::new(Latest { codec: Codec::new(&arguments[0])?, slots: Vec::new(), heap: Heap::default() }))
    },
};

/// A dictionary stands for its values, and a bare NULL is text.
pub(super) fn plain(value: &DataType) -> DataType {
    match value {
        DataType::Dictionary(_, value) => plain(value),
        DataType::Null => DataType::Utf8View,
        value => value.clone(),
    }
}

fn coerce_at(at: &DataType) -> Option<DataType> {
    match at {
        DataType::Date32 | DataType::Timestamp(..) => Some(at.clone()),
        DataType::Date64 => Some(DataType::Timestamp(TimeUnit::Millisecond, None)),
        DataType::Null => Some(DataType::Int64),
        integer if integer.is_integer() => Some(DataType::Int64),
        _ => None,
    }
}

/// The place of NULL in time: before everything. As a time of its own it lies outside any calendar.
pub(super) const NEVER: i64 = i64::MIN;

#[derive(Debug, Clone, Copy)]
struct Slot {
    at: i64,
    value: Option<Span>,
}

struct Latest {
    codec: Codec,
    slots: Vec<Slot>,
    heap: Heap,
}

impl Groups for Latest {
    fn resize(&mut self, groups: usize) {
        self.slots.resize(groups, Slot { at: NEVER, value: None });
    }

    fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], keep: Option<&BooleanArray>) -> Result<()> {
        let values = self.codec.encode(&arguments[0])?;
        let at = cast(&arguments[1], &DataType::Int64)?;
        let at = at.as_primitive::<Int64Type>();
        for (row, &group) in groups.iter().enumerate() {
            let Some(value) = values.get(row).filter(|_| passes(keep, row)) else { continue };
            let at = if at.is_valid(row) { at.value(row) } else { NEVER };
            let slot = &mut self.slots[group];
            let wins = slot.value.is_none_or(|best| at > slot.at || at == slot.at && value > self.heap.get(best));
            if wins {
                *slot = Slot { at, value: Some(self.heap.replace(slot.value.unwrap_or(Span::EMPTY), &[value])) };
            }
        }
        if self.heap.is_wasteful() {
            self.heap.compact(self.slots.iter_mut().filter_map(|slot| slot.value.as_mut()));
        }
        Ok(())
    }

    /// A state is a value and its time: a row like any other.
    fn merge(&mut self, states: &[ArrayRef], groups: &[usize]) -> Result<()> {
        self.update(states, groups, None)
    }

    fn results(&self, groups: usize) -> Result<ArrayRef> {
        self.codec.decode(self.slots[..groups].iter().map(|slot| slot.value.map(|value| self.heap.get(value))))
    }

    fn states(&self, groups: usize) -> Result<Vec<ArrayRef>> {
        let at: Int64Array = self.slots[..groups].iter().map(|slot| (slot.at != NEVER).then_some(slot.at)).collect();
        Ok(vec![self.results(groups)?, Arc::new(at)])
    }

    fn states_of_rows(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        Ok(vec![kept(&arguments[0], keep)?, cast(&arguments[1], &DataType::Int64)?])
    }

    fn drop_first(&mut self, groups: usize) {
        for slot in self.slots.drain(..groups) {
            self.heap.release(slot.value.unwrap_or(Span::EMPTY));
        }
        if self.slots.is_empty() {
            (self.slots, self.heap) = (Vec::new(), Heap::default());
        }
    }

    fn len(&self) -> usize {
        self.slots.len()
    }

    fn size(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>() + self.heap.size()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use datafusion::arrow::array::{Decimal128Array, StringViewArray, TimestampMicrosecondArray};
    use datafusion::arrow::datatypes::Decimal128Type;
    use datafusion::arrow::record_batch::RecordBatch;
    use proptest::prelude::*;

    use super::super::aggregate::tests::query;
    use super::*;

    type Row = (i64, Option<String>, Option<i64>, bool);

    fn batch(rows: &[Row]) -> RecordBatch {
        let amounts: Decimal128Array = rows.iter().map(|row| row.1.as_ref().map(|text| text.len() as i128)).collect();
        RecordBatch::try_from_iter_with_nullable([
            ("k", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0))) as ArrayRef, true),
            ("v", Arc::new(rows.iter().map(|row| row.1.clone()).collect::<StringViewArray>()), true),
            ("n", Arc::new(amounts), true),
            ("at", Arc::new(rows.iter().map(|row| row.2).collect::<TimestampMicrosecondArray>()), true),
            ("keep", Arc::new(rows.iter().map(|row| Some(row.3)).collect::<BooleanArray>()), true),
        ])
        .unwrap()
    }

    /// Sorts the rows of a group; the last one is the answer.
    fn naive(rows: &[Row]) -> BTreeMap<i64, (Option<String>, Option<i128>)> {
        let mut groups: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            groups.entry(row.0).or_default().push(row);
        }
        let last = |rows: &[&Row]| {
            rows.iter()
                .filter(|row| row.1.is_some())
                .max_by_key(|row| (row.2, row.1.clone()))
                .and_then(|row| row.1.clone())
        };
        let last_long = |rows: &[&Row]| {
            rows.iter()
                .filter(|row| row.3)
                .filter_map(|row| row.1.as_ref().map(|text| (row.2, text.len() as i128)))
                .max()
                .map(|(_, len)| len)
        };
        groups.into_iter().map(|(key, rows)| (key, (last(&rows), last_long(&rows)))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn equals_a_sort(
            rows in prop::collection::vec((0..12_i64, prop::option::of("[a-c]{0,3}|[a-z]{20,24}"), prop::option::of(0..4_i64), any::<bool>()), 3..120),
            cuts in (0..120_usize, 0..120_usize),
            skips_partial in any::<bool>(),
        ) {
            let (low, high) = (cuts.0.min(cuts.1).min(rows.len()), cuts.0.max(cuts.1).min(rows.len()));
            let partitions = [&rows[..low], &rows[low..high], &rows[high..]].map(|rows| rows.chunks(5).map(batch).collect()).to_vec();
            let partitions: Vec<Vec<RecordBatch>> = partitions.into_iter().filter(|batches: &Vec<_>| !batches.is_empty()).collect();
            let sql = "SELECT k, latest(v, at) AS v, latest(n, at) FILTER (WHERE keep) AS n FROM t GROUP BY k ORDER BY k";
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let batches = runtime.block_on(query(partitions, sql, skips_partial));
            let mut got = BTreeMap::new();
            for batch in batches {
                for row in 0..batch.num_rows() {
                    let v = batch.column(1).as_string_view();
                    let n = batch.column(2).as_primitive::<Decimal128Type>();
                    let key = batch.column(0).as_primitive::<Int64Type>().value(row);
                    got.insert(key, (v.is_valid(row).then(|| v.value(row).to_owned()), n.is_valid(row).then(|| n.value(row))));
                }
            }
            prop_assert_eq!(got, naive(&rows));
        }
    }

    #[tokio::test]
    async fn window_and_whole_table() {
        let rows = [(1, Some("b"), Some(2)), (1, Some("a"), Some(1)), (1, None, Some(3)), (1, Some("c"), None)]
            .map(|(k, v, at)| (k, v.map(str::to_owned), at, true));
        let sql = "SELECT latest(v, at) FROM t UNION ALL SELECT latest(v, at) FROM t WHERE at IS NULL
            UNION ALL SELECT last_value(w ORDER BY at NULLS FIRST) FROM (SELECT at, latest(v, at) OVER (ORDER BY at NULLS FIRST) w FROM t)";
        let batches = query(vec![vec![batch(&rows)]], sql, false).await;
        let mut got: Vec<_> =
            batches.iter().flat_map(|batch| batch.column(0).as_string_view().iter().flatten()).collect();
        got.sort_unstable();
        assert_eq!(got, ["b", "b", "c"]);
    }
}
