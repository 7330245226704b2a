//! `min` and `max` of texts, with a view for each group. DataFusion's own keep an object on the heap for each, which a table
//! of ten million orders with four such columns has no memory for.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray, StringViewBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::function::AccumulatorArgs;
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Documentation, GroupsAccumulator, ReversedUDAF, SetMonotonicity,
    Signature, StatisticsArgs,
};

use super::aggregate::{Groups, grouped, kept, passes};
use super::values::{Heap, Span};

/// `min` and `max`, which differ from DataFusion's in how they keep texts.
pub(super) fn functions() -> [AggregateUDF; 2] {
    let of = |inner, wins| AggregateUDF::new_from_impl(Extreme { inner, wins });
    [of(min_udaf(), Wins::Least), of(max_udaf(), Wins::Greatest)]
}

/// Which of two texts stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Wins {
    Least,
    Greatest,
}

/// DataFusion's function, but for texts in groups.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Extreme {
    inner: Arc<AggregateUDF>,
    wins: Wins,
}

impl AggregateUDFImpl for Extreme {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        self.inner.inner().return_type(arguments)
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(given)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        self.inner.accumulator(args)
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        self.inner.create_sliding_accumulator(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.inner.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        match args.return_field.data_type() {
            DataType::Utf8View => Ok(grouped(Box::new(Texts::new(self.wins)))),
            _ => self.inner.create_groups_accumulator(args),
        }
    }

    fn is_descending(&self) -> Option<bool> {
        self.inner.is_descending()
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.inner.order_sensitivity()
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        self.inner.reverse_udf()
    }

    fn value_from_stats(&self, statistics: &StatisticsArgs) -> Option<ScalarValue> {
        self.inner.value_from_stats(statistics)
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.inner.inner().set_monotonicity(data_type)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }
}

/// The slot of a group without a text. No view is so: its text would be 4 GiB long.
const NONE: u128 = u128::MAX;

/// The longest text that lies in its view.
const INLINE_MAX: u32 = 12;

/// A text for each group: as Arrow's views are, in sixteen bytes if it is short, else with its first four and where it
/// lies in the heap.
struct Texts {
    wins: Wins,
    slots: Vec<u128>,
    heap: Heap,
}

impl Texts {
    fn new(wins: Wins) -> Self {
        Self { wins, slots: Vec::new(), heap: Heap::default() }
    }

    /// Whether a text stays in place of the one that a slot has.
    #[inline]
    fn stays(&self, view: u128, text: &str, slot: u128) -> bool {
        let order = if length(view) <= INLINE_MAX && length(slot) <= INLINE_MAX {
            StringViewArray::inline_key_fast(view).cmp(&StringViewArray::inline_key_fast(slot))
        } else {
            let compare = || text.as_bytes().cmp(self.text(slot, &mut [0; 16]));
            first_bytes(view).cmp(&first_bytes(slot)).then_with(compare)
        };
        order == if self.wins == Wins::Least { Ordering::Less } else { Ordering::Greater }
    }

    /// The text of a slot that has one.
    fn text<'a>(&'a self, slot: u128, inline: &'a mut [u8; 16]) -> &'a [u8] {
        if length(slot) > INLINE_MAX {
            return self.heap.get(span(slot));
        }
        *inline = slot.to_le_bytes();
        &inline[4..][..length(slot) as usize]
    }

    fn put(&mut self, group: usize, view: u128, text: &str) {
        let old = self.slots[group];
        self.slots[group] = if length(view) <= INLINE_MAX {
            self.heap.release(span(old));
            view
        } else {
            at(view, self.heap.replace(span(old), &[text.as_bytes()]))
        };
    }

    fn compact(&mut self) {
        let is_long = |slot: &&mut u128| span(**slot).len > 0;
        let mut spans: Vec<Span> = self.slots.iter_mut().filter(is_long).map(|slot| span(*slot)).collect();
        self.heap.compact(spans.iter_mut());
        for (slot, span) in self.slots.iter_mut().filter(is_long).zip(spans) {
            *slot = at(*slot, span);
        }
    }
}

fn length(view: u128) -> u32 {
    view as u32
}

/// The first four bytes, which compare as the texts do if they differ: what a shorter one lacks is zero.
fn first_bytes(view: u128) -> u32 {
    ((view >> 32) as u32).swap_bytes()
}

/// What a slot has of the heap.
fn span(slot: u128) -> Span {
    match slot {
        NONE => Span::EMPTY,
        short if length(short) <= INLINE_MAX => Span::EMPTY,
        long => Span { start: (long >> 64) as u64, len: length(long) },
    }
}

/// The slot of a long text that lies there.
fn at(view: u128, span: Span) -> u128 {
    u128::from(view as u64) | u128::from(span.start) << 64
}

impl Groups for Texts {
    fn resize(&mut self, groups: usize) {
        self.slots.resize(groups, NONE);
    }

    fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], keep: Option<&BooleanArray>) -> Result<()> {
        let texts = arguments[0].as_string_view();
        for (row, &group) in groups.iter().enumerate() {
            if texts.is_null(row) || !passes(keep, row) {
                continue;
            }
            let (view, text, slot) = (texts.views()[row], texts.value(row), self.slots[group]);
            if slot == NONE || self.stays(view, text, slot) {
                self.put(group, view, text);
            }
        }
        if self.heap.is_wasteful() {
            self.compact();
        }
        Ok(())
    }

    /// A state is a text like any other.
    fn merge(&mut self, states: &[ArrayRef], groups: &[usize]) -> Result<()> {
        self.update(states, groups, None)
    }

    fn results(&self, groups: usize) -> Result<ArrayRef> {
        let mut texts = StringViewBuilder::with_capacity(groups);
        for &slot in &self.slots[..groups] {
            if slot == NONE {
                texts.append_null();
            } else {
                let mut inline = [0; 16];
                texts.append_value(str::from_utf8(self.text(slot, &mut inline)).expect("it was a text"));
            }
        }
        Ok(Arc::new(texts.finish()))
    }

    fn states(&self, groups: usize) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.results(groups)?])
    }

    fn states_of_rows(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        Ok(vec![kept(&arguments[0], keep)?])
    }

    fn drop_first(&mut self, groups: usize) {
        for slot in self.slots.drain(..groups) {
            self.heap.release(span(slot));
        }
        if self.slots.is_empty() {
            (self.slots, self.heap) = (Vec::new(), Heap::default());
        }
    }

    fn len(&self) -> usize {
        self.slots.len()
    }

    fn size(&self) -> usize {
        self.slots.capacity() * size_of::<u128>() + self.heap.size()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use datafusion::arrow::array::Int64Array;
    use datafusion::arrow::datatypes::Int64Type;
    use datafusion::arrow::record_batch::RecordBatch;
    use proptest::prelude::*;

    use super::super::aggregate::tests::query;
    use super::*;

    type Row = (i64, Option<String>, bool);

    fn batch(rows: &[Row]) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable([
            ("k", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0))) as ArrayRef, true),
            ("v", Arc::new(rows.iter().map(|row| row.1.clone()).collect::<StringViewArray>()), true),
            ("keep", Arc::new(rows.iter().map(|row| Some(row.2)).collect::<BooleanArray>()), true),
        ])
        .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_least_and_the_greatest_of_each_group(
            rows in prop::collection::vec(
                // Of one beginning, with zeros that a short view is filled up with, and longer than a view.
                (0..9_i64, prop::option::of("(ab|ananas|ananas of the sou)?[a-b\u{0}é]{0,3}"), any::<bool>()), 3..120),
            cut in 0..120_usize,
            skips_partial in any::<bool>(),
        ) {
            let (one, two) = rows.split_at(cut.min(rows.len() - 1));
            let partitions = [one, two].map(|rows| rows.chunks(5).map(batch).collect::<Vec<_>>());
            let partitions = partitions.into_iter().filter(|batches| !batches.is_empty()).collect();
            let sql = "SELECT k, min(v) AS least, max(v) FILTER (WHERE keep) AS most FROM t GROUP BY k";
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut found = BTreeMap::new();
            for batch in runtime.block_on(query(partitions, sql, skips_partial)) {
                let text = |column: usize, row: usize| {
                    let texts = batch.column(column).as_string_view();
                    texts.is_valid(row).then(|| texts.value(row).to_owned())
                };
                for row in 0..batch.num_rows() {
                    let key = batch.column(0).as_primitive::<Int64Type>().value(row);
                    found.insert(key, (text(1, row), text(2, row)));
                }
            }
            let mut expected: BTreeMap<i64, (Option<String>, Option<String>)> = BTreeMap::new();
            for (key, text, keep) in rows {
                let (least, most) = expected.entry(key).or_default();
                if least.is_none() || text.is_some() && text < *least {
                    least.clone_from(&text);
                }
                if keep && text > *most {
                    *most = text;
                }
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn texts_that_come_and_go_leave_no_waste() {
        let mut texts = Texts::new(Wins::Greatest);
        texts.resize(3);
        for round in 0..20_000 {
            let (long, short) = (format!("{round:08} and many letters more"), format!("{round:08}"));
            let column: ArrayRef = Arc::new(StringViewArray::from(vec![
                long.as_str(),
                &short,
                if round % 2 == 0 { &long } else { &short },
            ]));
            texts.update(&[column], &[0, 1, 2], None).expect("takes them");
        }
        let expected = ["00019999 and many letters more", "00019999", "00019999"].map(Some);
        assert_eq!(texts.results(3).expect("texts").as_string_view().iter().collect::<Vec<_>>(), expected);
        assert!(texts.size() < 1 << 20, "{}", texts.size());
        texts.drop_first(1);
        assert_eq!(texts.results(2).expect("texts").as_string_view().value(0), "00019999");
    }
}
