//! `survivor(value, trust, at, record_id)`: which of several claims about a customer survives into the golden record,
//! with who made it and who else claimed what, in one pass. Who wins is decided in [`super::claims`]; here are the SQL
//! types and the columns.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, Float64Array, Int64Array, Int64Builder, StringViewArray,
    StringViewBuilder, StructArray, TimestampMicrosecondArray, new_null_array,
};
use datafusion::arrow::compute::nullif;
use datafusion::arrow::datatypes::{
    DataType, Field, Fields, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::Result;

use super::FunctionDoc;
use super::aggregate::{Aggregate, Groups, passes};
use super::claims::{Claim, Claims, Rank};
use super::latest::{NEVER, plain};
use super::values::{Codec, Encoded};

pub(super) static SURVIVOR: Aggregate = Aggregate {
    doc: FunctionDoc {
        name: "survivor",
        signature: "survivor(value, trust, at, record_id)",
        returns: "STRUCT(value, record_id, trust, at, records, agreeing, rivals, reason)",
        summary: "The claim that survives: highest trust, then latest `at` (NULL last), then smallest record_id. A row \
                  is one record's claim; with a NULL value, or a NULL trust, which means not eligible, it does not \
                  count at all. `records` made a claim, `agreeing` claim the winning value, `rivals` other values \
                  were claimed. `reason`: only (one claim), agreed (all the same), trust, recency or tie, by what \
                  the winner beat the best claim of another value. NULL if nobody claims anything.",
        example: "SELECT survivor(phone, trust, at, id)['value'] FROM (VALUES \
                  ('+40721000001', 5, DATE '2023-01-01', 'crm:1'), ('+40721000002', 1, DATE '2024-01-01', 'shop:7')) \
                  AS claims(phone, trust, at, id)",
        example_result: "+40721000001",
    },
    coerce: |given| match given {
        [value, trust, at, record_id] => {
            let is_number = trust.is_numeric() || *trust == DataType::Null;
            let is_time = matches!(at, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) | DataType::Null);
            let is_text = record_id.is_string() || record_id.is_integer() || *record_id == DataType::Null;
            let fits = is_number && is_time && is_text;
            fits.then(|| vec![plain(value), DataType::Float64, TIMESTAMP, DataType::Utf8View])
        }
        _ => None,
    },
    returns: |arguments| DataType::Struct(fields(&arguments[0])),
    state: |name, arguments| {
        [
            ("value", arguments[0].clone()),
            ("trust", DataType::Float64),
            ("at", TIMESTAMP),
            ("record_id", DataType::Utf8View),
            ("agreeing", DataType::Int64),
            ("rivals", DataType::Binary),
        ]
        .map(|(part, data_type)| Arc::new(Field::new(format!("{name}[{part}]"), data_type, true)))
        .to_vec()
    },
    groups: |arguments| {
        let codec = Codec::new(&arguments[0])?;
        Ok(Box::new(Survivor { value_type: arguments[0].clone(), codec, claims: Claims::new() }))
    },
};

const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

fn fields(value: &DataType) -> Fields {
    let field = |name, data_type| Field::new(name, data_type, true);
    Fields::from(vec![
        field("value", value.clone()),
        field("record_id", DataType::Utf8View),
        field("trust", DataType::Float64),
        field("at", TIMESTAMP),
        field("records", DataType::Int64),
        field("agreeing", DataType::Int64),
        field("rivals", DataType::Int64),
        field("reason", DataType::Utf8View),
    ])
}

struct Survivor {
    value_type: DataType,
    codec: Codec,
    claims: Claims,
}

/// The columns of claims, row by row: arguments, or the first four columns of a state.
struct Rows<'a> {
    values: Encoded<'a>,
    trust: &'a Float64Array,
    at: &'a TimestampMicrosecondArray,
    record_ids: &'a StringViewArray,
}

impl<'a> Rows<'a> {
    fn new(codec: &Codec, columns: &'a [ArrayRef]) -> Result<Self> {
        Ok(Self {
            values: codec.encode(&columns[0])?,
            trust: columns[1].as_primitive::<Float64Type>(),
            at: columns[2].as_primitive::<TimestampMicrosecondType>(),
            record_ids: columns[3].as_string_view(),
        })
    }

    /// The row's claim, made by so many records, if it counts.
    #[inline]
    fn get(&self, row: usize, records: u32) -> Option<Claim<'_>> {
        let value = self.values.get(row)?;
        let trust = trust(self.trust, row)?;
        let at = if self.at.is_valid(row) { self.at.value(row) } else { NEVER };
        let record_id = if self.record_ids.is_valid(row) { self.record_ids.value(row).as_bytes() } else { &[] };
        Some(Claim { value, rank: Rank { trust, at }, record_id, records })
    }
}

/// A row's trust; NaN is no trust, and there is one zero.
fn trust(column: &Float64Array, row: usize) -> Option<f64> {
    column.is_valid(row).then(|| column.value(row) + 0.0).filter(|trust| !trust.is_nan())
}

impl Survivor {
    /// Value, trust, time and record of the first `groups` winners.
    fn winners(&self, groups: usize) -> Result<[ArrayRef; 4]> {
        let winners = || (0..groups).map(|group| self.claims.winner(group));
        let values = self.codec.decode(winners().map(|winner| Some(winner?.value)))?;
        let trust: Float64Array = winners().map(|winner| Some(winner?.rank.trust)).collect();
        let at: TimestampMicrosecondArray =
            winners().map(|winner| Some(winner?.rank.at).filter(|at| *at != NEVER)).collect();
        let mut record_ids = StringViewBuilder::with_capacity(groups);
        for winner in winners() {
            let record_id = winner.map(|winner| winner.record_id).filter(|record_id| !record_id.is_empty());
            record_ids.append_option(record_id.map(|id| str::from_utf8(id).expect("it came from a text column")));
        }
        Ok([values, Arc::new(trust), Arc::new(at), Arc::new(record_ids.finish())])
    }
}

impl Groups for Survivor {
    fn resize(&mut self, groups: usize) {
        self.claims.resize(groups);
    }

    fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], keep: Option<&BooleanArray>) -> Result<()> {
        let rows = Rows::new(&self.codec, arguments)?;
        for (row, &group) in groups.iter().enumerate() {
            if let Some(claim) = rows.get(row, 1).filter(|_| passes(keep, row)) {
                self.claims.add(group, claim);
            }
        }
        self.claims.tidy();
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize]) -> Result<()> {
        let rows = Rows::new(&self.codec, states)?;
        let agreeing = states[4].as_primitive::<Int64Type>();
        let rivals = states[5].as_binary::<i32>();
        for (row, &group) in groups.iter().enumerate() {
            let Some(claim) = rows.get(row, agreeing.value(row) as u32) else { continue };
            self.claims.add(group, claim);
            if rivals.is_valid(row) {
                self.claims.add_rivals(group, rivals.value(row));
            }
        }
        self.claims.tidy();
        Ok(())
    }

    fn results(&self, groups: usize) -> Result<ArrayRef> {
        let [value, trust, at, record_id] = self.winners(groups)?;
        let mut records = Int64Builder::with_capacity(groups);
        let mut agreeing = Int64Builder::with_capacity(groups);
        let mut rivals = Int64Builder::with_capacity(groups);
        let mut reasons = StringViewBuilder::with_capacity(groups);
        for group in 0..groups {
            let verdict = self.claims.verdict(group);
            let verdict = verdict.as_ref();
            records.append_option(verdict.map(|it| i64::from(it.winner.records) + i64::from(it.disagreeing)));
            agreeing.append_option(verdict.map(|it| i64::from(it.winner.records)));
            rivals.append_option(verdict.map(|it| i64::from(it.rivals)));
            reasons.append_option(verdict.map(|it| it.reason));
        }
        let reasons = reasons.finish();
        let nulls = reasons.nulls().cloned();
        let columns: Vec<ArrayRef> = vec![
            value,
            record_id,
            trust,
            at,
            Arc::new(records.finish()),
            Arc::new(agreeing.finish()),
            Arc::new(rivals.finish()),
            Arc::new(reasons),
        ];
        Ok(Arc::new(StructArray::try_new(fields(&self.value_type), columns, nulls)?))
    }

    fn states(&self, groups: usize) -> Result<Vec<ArrayRef>> {
        let records = |group| self.claims.winner(group).map_or(0, |winner| i64::from(winner.records));
        let agreeing = Int64Array::from_iter_values((0..groups).map(records));
        let mut rivals = BinaryBuilder::new();
        let mut packed = Vec::new();
        for group in 0..groups {
            packed.clear();
            self.claims.pack_rivals(group, &mut packed);
            rivals.append_value(&packed);
        }
        let mut states = self.winners(groups)?.to_vec();
        states.push(Arc::new(agreeing));
        states.push(Arc::new(rivals.finish()));
        Ok(states)
    }

    fn states_of_rows(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = arguments[0].len();
        let trusts = arguments[1].as_primitive::<Float64Type>();
        let counts = |row| passes(keep, row) && trust(trusts, row).is_some();
        let mut states = arguments.to_vec();
        if !(0..rows).all(counts) {
            states[0] = nullif(&arguments[0], &(0..rows).map(|row| Some(!counts(row))).collect())?;
        }
        states.push(Arc::new(Int64Array::from_value(1, rows)));
        states.push(new_null_array(&DataType::Binary, rows));
        Ok(states)
    }

    fn drop_first(&mut self, groups: usize) {
        self.claims.drop_first(groups);
    }

    fn len(&self) -> usize {
        self.claims.len()
    }

    fn size(&self) -> usize {
        self.claims.size()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use datafusion::arrow::record_batch::RecordBatch;
    use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
    use proptest::prelude::*;

    use super::super::aggregate::tests::query;
    use super::*;

    /// Group, value, trust, at, record, kept.
    type Row = (i64, Option<String>, Option<i64>, Option<i64>, u8, bool);

    fn batch(rows: &[Row]) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable([
            ("k", Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.0))) as ArrayRef, true),
            ("v", Arc::new(rows.iter().map(|row| row.1.clone()).collect::<StringViewArray>()), true),
            ("n", Arc::new(rows.iter().map(|row| Some(row.1.as_ref()?.len() as i64)).collect::<Int64Array>()), true),
            ("trust", Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>()), true),
            ("at", Arc::new(rows.iter().map(|row| row.3).collect::<TimestampMicrosecondArray>()), true),
            ("id", Arc::new(rows.iter().map(|row| Some(format!("crm:{}", row.4))).collect::<StringViewArray>()), true),
            ("keep", Arc::new(rows.iter().map(|row| Some(row.5)).collect::<BooleanArray>()), true),
        ])
        .unwrap()
    }

    /// Sorts the claims of a group and counts.
    fn naive<V: Ord + Clone + ToString>(rows: &[Row], value: impl Fn(&Row) -> Option<V>) -> BTreeMap<i64, String> {
        let mut groups: BTreeMap<i64, Vec<_>> = BTreeMap::new();
        for row in rows {
            let claims = groups.entry(row.0).or_default();
            if let (Some(value), Some(trust)) = (value(row), row.2) {
                use std::cmp::Reverse;
                claims.push((Reverse(trust), Reverse(row.3.unwrap_or(i64::MIN)), format!("crm:{}", row.4), value));
            }
        }
        let show = |mut claims: Vec<(std::cmp::Reverse<i64>, std::cmp::Reverse<i64>, String, V)>| {
            claims.sort();
            let Some((trust, at, id, winner)) = claims.first().cloned() else { return String::new() };
            let agreeing = claims.iter().filter(|claim| claim.3 == winner).count();
            let rivals: BTreeSet<_> =
                claims.iter().filter(|claim| claim.3 != winner).map(|claim| claim.3.clone()).collect();
            let reason = match claims.iter().find(|claim| claim.3 != winner) {
                None if claims.len() == 1 => "only",
                None => "agreed",
                Some(best) if best.0 != trust => "trust",
                Some(best) if best.1 != at => "recency",
                Some(_) => "tie",
            };
            let at = if at.0 == i64::MIN { String::new() } else { at.0.to_string() };
            format!(
                "{}|{id}|{}|{at}|{}|{agreeing}|{}|{reason}",
                winner.to_string(),
                trust.0,
                claims.len(),
                rivals.len()
            )
        };
        groups.into_iter().map(|(key, claims)| (key, show(claims))).collect()
    }

    fn shown(batches: &[RecordBatch], column: usize) -> BTreeMap<i64, String> {
        let mut shown = BTreeMap::new();
        for batch in batches {
            let keys = batch.column(0).as_primitive::<Int64Type>();
            let result = batch.column(column).as_struct();
            let options = FormatOptions::default();
            let columns: Vec<ArrayRef> = result
                .columns()
                .iter()
                .map(|column| match column.data_type() {
                    DataType::Float64 | DataType::Timestamp(..) => {
                        datafusion::arrow::compute::cast(column, &DataType::Int64).unwrap()
                    }
                    _ => Arc::clone(column),
                })
                .collect();
            let parts: Vec<_> =
                columns.iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
            for row in 0..batch.num_rows() {
                let parts: Vec<_> = parts.iter().map(|part| part.value(row).to_string()).collect();
                let text = if result.is_null(row) { String::new() } else { parts.join("|") };
                assert_eq!(result.is_null(row), result.column(4).is_null(row), "a null struct has null fields");
                shown.insert(keys.value(row), text);
            }
        }
        shown
    }

    fn row() -> impl Strategy<Value = Row> {
        let value = prop::option::weighted(0.9, "[a-d]{1,2}|[a-b]{20}");
        let trust = prop::option::weighted(0.9, -1..3_i64);
        (0..6_i64, value, trust, prop::option::of(0..3_i64), 0..9_u8, prop::bool::weighted(0.8))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn equals_a_sort(
            rows in prop::collection::vec(row(), 3..150),
            cuts in (0..150_usize, 0..150_usize),
            skips_partial in any::<bool>(),
        ) {
            let (low, high) = (cuts.0.min(cuts.1).min(rows.len()), cuts.0.max(cuts.1).min(rows.len()));
            let mut partitions: Vec<Vec<_>> =
                [&rows[..low], &rows[low..high], &rows[high..]].iter().map(|rows| rows.chunks(5).map(batch).collect()).collect();
            partitions.retain(|batches| !batches.is_empty());
            let sql = "SELECT k, survivor(v, trust, at, id) v, survivor(n, trust, at, id) n,
                survivor(v, trust, at, id) FILTER (WHERE keep) kept FROM t GROUP BY k";
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let batches = runtime.block_on(query(partitions, sql, skips_partial));
            prop_assert_eq!(shown(&batches, 1), naive(&rows, |row| row.1.clone()));
            prop_assert_eq!(shown(&batches, 2), naive(&rows, |row| row.1.as_ref().map(String::len)));
            prop_assert_eq!(shown(&batches, 3), naive(&rows, |row| row.1.clone().filter(|_| row.5)));
        }

        /// Groups are emitted a few at a time when memory is short; the rest must not notice.
        #[test]
        fn emitting_the_first_groups_leaves_the_rest(rows in prop::collection::vec(row(), 1..80), first in 0..6_usize) {
            let arguments = |rows: &[Row]| -> Vec<ArrayRef> {
                let batch = batch(rows);
                let trust = datafusion::arrow::compute::cast(batch.column(3), &DataType::Float64).unwrap();
                vec![Arc::clone(batch.column(1)), trust, Arc::clone(batch.column(4)), Arc::clone(batch.column(5))]
            };
            let groups = |rows: &[Row], shift: usize| -> Vec<usize> { rows.iter().map(|row| row.0 as usize - shift).collect() };
            let new = || (SURVIVOR.groups)(&[DataType::Utf8View]).unwrap();
            let mut whole = new();
            whole.resize(6);
            whole.update(&arguments(&rows), &groups(&rows, 0), None).unwrap();
            let expected = whole.results(6).unwrap();

            let (before, after) = rows.split_at(rows.len() / 2);
            let after: Vec<_> = after.iter().filter(|row| row.0 as usize >= first).cloned().collect();
            let mut parts = new();
            parts.resize(6);
            parts.update(&arguments(before), &groups(before, 0), None).unwrap();
            parts.drop_first(first);
            parts.resize(6 - first);
            parts.update(&arguments(&after), &groups(&after, first), None).unwrap();
            let mut merged = new();
            merged.resize(6 - first);
            let indices: Vec<usize> = (0..6 - first).collect();
            merged.merge(&parts.states(6 - first).unwrap(), &indices).unwrap();
            let rest = expected.slice(first, 6 - first);
            prop_assert_eq!(&parts.results(6 - first).unwrap(), &rest);
            prop_assert_eq!(&merged.results(6 - first).unwrap(), &rest);
        }
    }

    #[tokio::test]
    async fn reasons_an_analyst_reads() {
        let claims = |rows: &[(&str, i64, Option<i64>, u8)]| -> Vec<Row> {
            rows.iter()
                .map(|(value, trust, at, id)| (1, Some((*value).to_owned()), Some(*trust), *at, *id, true))
                .collect()
        };
        for (rows, expected) in [
            (claims(&[("a", 1, None, 1)]), "a|crm:1|1||1|1|0|only"),
            (claims(&[("a", 1, None, 2), ("a", 1, None, 1)]), "a|crm:1|1||2|2|0|agreed"),
            (claims(&[("a", 5, None, 2), ("b", 1, Some(9), 1), ("b", 1, Some(8), 3)]), "a|crm:2|5||3|1|1|trust"),
            (claims(&[("a", 1, None, 1), ("b", 1, Some(9), 2)]), "b|crm:2|1|9|2|1|1|recency"),
            (claims(&[("a", 1, Some(9), 2), ("b", 1, Some(9), 1)]), "b|crm:1|1|9|2|1|1|tie"),
        ] {
            let batches =
                query(vec![vec![batch(&rows)]], "SELECT k, survivor(v, trust, at, id) FROM t GROUP BY k", false).await;
            assert_eq!(shown(&batches, 1)[&1], expected);
        }
    }
}
