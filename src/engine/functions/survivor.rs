//! `survivor(value, trust, at, record_id)`: which of several claims about a customer survives into the golden record,
//! with who made it and who else claimed what, in one pass.
//!
//! The state is columns: one [`Winner`] per group, their bytes in one heap, and the values that lost in one list of
//! [`Rival`]s. A group whose records agree costs no list entry.

use std::cmp::Ordering;
use std::hash::Hasher;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, Float64Array, Int64Array, StringViewArray,
    StringViewBuilder, StructArray, TimestampMicrosecondArray, new_null_array,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::nullif;
use datafusion::arrow::datatypes::{
    DataType, Field, Fields, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::Result;
use rustc_hash::FxHasher;

use super::FunctionDoc;
use super::aggregate::{Aggregate, Groups, passes};
use super::latest::{NEVER, plain};
use super::values::{Codec, Encoded, Heap, Span};

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
        let table = Table { winners: Vec::new(), heap: Heap::default(), rivals: Vec::new(), free: END };
        Ok(Box::new(Survivor { value_type: arguments[0].clone(), codec: Codec::new(&arguments[0])?, table }))
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

/// By what claims are weighed before their record's name.
#[derive(Debug, Clone, Copy)]
struct Rank {
    trust: f64,
    /// [`NEVER`] stands for NULL.
    at: i64,
}

impl Rank {
    fn cmp(self, other: Self) -> Ordering {
        self.trust.total_cmp(&other.trust).then(self.at.cmp(&other.at))
    }

    fn max(self, other: Self) -> Self {
        if self.cmp(other).is_lt() { other } else { self }
    }
}

/// The winning claim of a group; none while `agreeing` is 0.
#[derive(Debug, Clone, Copy)]
struct Winner {
    rank: Rank,
    /// The value's bytes, then the record's.
    claim: Span,
    value_len: u32,
    /// Records that claim the value.
    agreeing: u32,
    /// The first of the values that lost, or [`END`].
    rivals: u32,
}

const NOBODY: Winner = Winner {
    rank: Rank { trust: 0.0, at: NEVER },
    claim: Span { start: 0, len: 0 },
    value_len: 0,
    agreeing: 0,
    rivals: END,
};

/// A value that lost. Values are told apart by 64 bits of hash: among the few of one group, a collision is no concern.
#[derive(Debug, Clone, Copy)]
struct Rival {
    hash: u64,
    /// Of its best claim.
    rank: Rank,
    records: u32,
    next: u32,
}

const END: u32 = u32::MAX;

/// One claim, or several of the same value from an earlier phase, whose best it is.
#[derive(Clone, Copy)]
struct Claim<'a> {
    value: &'a [u8],
    rank: Rank,
    record_id: &'a [u8],
    records: u32,
}

struct Survivor {
    value_type: DataType,
    codec: Codec,
    table: Table,
}

/// The winners of all groups and what they won against.
struct Table {
    winners: Vec<Winner>,
    heap: Heap,
    rivals: Vec<Rival>,
    /// The first of the entries of `rivals` that nobody uses.
    free: u32,
}

fn hash(value: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(value);
    hasher.finish()
}

impl Table {
    fn claim(&mut self, group: usize, claim: Claim) {
        let winner = self.winners[group];
        let (value, record_id) = self.heap.get(winner.claim).split_at(winner.value_len as usize);
        let order = claim
            .rank
            .cmp(winner.rank)
            .then_with(|| record_id.cmp(claim.record_id))
            .then_with(|| value.cmp(claim.value));
        let mut agreeing = claim.records;
        let mut rivals = winner.rivals;
        if winner.agreeing > 0 {
            if value == claim.value {
                agreeing += winner.agreeing;
                if order.is_le() {
                    self.winners[group].agreeing = agreeing;
                    return;
                }
            } else if order.is_le() {
                self.winners[group].rivals = self.lost(rivals, hash(claim.value), claim.rank, claim.records);
                return;
            } else {
                let was_there;
                (rivals, was_there) = self.take(rivals, hash(claim.value));
                agreeing += was_there;
                let hash = hash(self.heap.get(winner.claim).split_at(winner.value_len as usize).0);
                rivals = self.lost(rivals, hash, winner.rank, winner.agreeing);
            }
        }
        let span = self.heap.replace(winner.claim, &[claim.value, claim.record_id]);
        self.winners[group] =
            Winner { rank: claim.rank, claim: span, value_len: claim.value.len() as u32, agreeing, rivals };
    }

    /// Counts `records` more claims of a value that lost; gives the list's head.
    fn lost(&mut self, head: u32, hash: u64, rank: Rank, records: u32) -> u32 {
        let mut at = head;
        while at != END {
            let rival = &mut self.rivals[at as usize];
            if rival.hash == hash {
                rival.rank = rival.rank.max(rank);
                rival.records += records;
                return head;
            }
            at = rival.next;
        }
        let rival = Rival { hash, rank, records, next: head };
        if self.free == END {
            self.rivals.push(rival);
            return u32::try_from(self.rivals.len() - 1).expect("fewer than 2³² values lose");
        }
        let at = self.free;
        self.free = self.rivals[at as usize].next;
        self.rivals[at as usize] = rival;
        at
    }

    /// Counts a value that lost in an earlier phase. The winner there has been taken in, so it cannot win here either.
    fn lost_before(&mut self, group: usize, rival: &Rival) {
        let winner = self.winners[group];
        let value = self.heap.get(winner.claim).split_at(winner.value_len as usize).0;
        if hash(value) == rival.hash {
            self.winners[group].agreeing += rival.records;
        } else {
            self.winners[group].rivals = self.lost(winner.rivals, rival.hash, rival.rank, rival.records);
        }
    }

    /// Takes a value out of the list; gives the list's head and how many records claimed it.
    fn take(&mut self, head: u32, hash: u64) -> (u32, u32) {
        let mut before = END;
        let mut at = head;
        while at != END {
            let Rival { hash: other, records, next, .. } = self.rivals[at as usize];
            if other == hash {
                self.rivals[at as usize].next = self.free;
                self.free = at;
                if before == END {
                    return (next, records);
                }
                self.rivals[before as usize].next = next;
                return (head, records);
            }
            (before, at) = (at, next);
        }
        (head, 0)
    }

    fn rivals_of(&self, winner: &Winner) -> impl Iterator<Item = &Rival> {
        let get = |at: u32| self.rivals.get(at as usize);
        std::iter::successors(get(winner.rivals), move |rival| get(rival.next))
    }

    fn value_and_record(&self, winner: &Winner) -> (Option<&[u8]>, Option<&str>) {
        if winner.agreeing == 0 {
            return (None, None);
        }
        let (value, record_id) = self.heap.get(winner.claim).split_at(winner.value_len as usize);
        let record_id = str::from_utf8(record_id).expect("it came from a text column");
        (Some(value), Some(record_id).filter(|record_id| !record_id.is_empty()))
    }

    fn drop_first(&mut self, groups: usize) {
        if groups == self.winners.len() {
            (self.winners, self.heap, self.rivals, self.free) = (Vec::new(), Heap::default(), Vec::new(), END);
            return;
        }
        for at in 0..groups {
            self.heap.release(self.winners[at].claim);
            let mut rival = self.winners[at].rivals;
            while rival != END {
                let next = std::mem::replace(&mut self.rivals[rival as usize].next, self.free);
                (self.free, rival) = (rival, next);
            }
        }
        self.winners.drain(..groups);
    }

    fn compact(&mut self) {
        if self.heap.is_wasteful() {
            self.heap.compact(self.winners.iter_mut().map(|winner| &mut winner.claim));
        }
    }
}

/// By what `winner` won, and over how many claims of how many other values.
fn verdict<'a>(winner: &Winner, rivals: impl Iterator<Item = &'a Rival>) -> (u32, u32, &'static str) {
    let (mut count, mut records, mut best) = (0, 0, None::<Rank>);
    for rival in rivals {
        count += 1;
        records += rival.records;
        best = Some(best.map_or(rival.rank, |best| best.max(rival.rank)));
    }
    let reason = match best {
        None if winner.agreeing == 1 => "only",
        None => "agreed",
        Some(best) if best.trust < winner.rank.trust => "trust",
        Some(best) if best.at < winner.rank.at => "recency",
        Some(_) => "tie",
    };
    (count, records, reason)
}

/// Trust, time and record of each row.
struct Claims<'a> {
    values: Encoded<'a>,
    trust: &'a Float64Array,
    at: &'a TimestampMicrosecondArray,
    record_ids: &'a StringViewArray,
}

impl<'a> Claims<'a> {
    fn new(codec: &Codec, columns: &'a [ArrayRef]) -> Result<Self> {
        Ok(Self {
            values: codec.encode(&columns[0])?,
            trust: columns[1].as_primitive::<Float64Type>(),
            at: columns[2].as_primitive::<TimestampMicrosecondType>(),
            record_ids: columns[3].as_string_view(),
        })
    }

    /// The row's claim, if it counts.
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
    fn claims(&self, groups: usize) -> Result<[ArrayRef; 4]> {
        let winners = &self.table.winners[..groups];
        let claimed = |winner: &Winner| (winner.agreeing > 0).then_some(winner.rank);
        let values = self.codec.decode(winners.iter().map(|winner| self.table.value_and_record(winner).0))?;
        let trust: Float64Array = winners.iter().map(|winner| Some(claimed(winner)?.trust)).collect();
        let at: TimestampMicrosecondArray =
            winners.iter().map(|winner| Some(claimed(winner)?.at).filter(|at| *at != NEVER)).collect();
        let mut record_ids = StringViewBuilder::with_capacity(groups);
        for winner in winners {
            record_ids.append_option(self.table.value_and_record(winner).1);
        }
        Ok([values, Arc::new(trust), Arc::new(at), Arc::new(record_ids.finish())])
    }
}

impl Groups for Survivor {
    fn resize(&mut self, groups: usize) {
        self.table.winners.resize(groups, NOBODY);
    }

    fn update(&mut self, arguments: &[ArrayRef], groups: &[usize], keep: Option<&BooleanArray>) -> Result<()> {
        let claims = Claims::new(&self.codec, arguments)?;
        for (row, &group) in groups.iter().enumerate() {
            if let Some(claim) = claims.get(row, 1).filter(|_| passes(keep, row)) {
                self.table.claim(group, claim);
            }
        }
        self.table.compact();
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize]) -> Result<()> {
        let claims = Claims::new(&self.codec, states)?;
        let agreeing = states[4].as_primitive::<Int64Type>();
        let rivals = states[5].as_binary::<i32>();
        for (row, &group) in groups.iter().enumerate() {
            let Some(claim) = claims.get(row, agreeing.value(row) as u32) else { continue };
            self.table.claim(group, claim);
            if rivals.is_valid(row) {
                rivals
                    .value(row)
                    .chunks_exact(RIVAL_BYTES)
                    .for_each(|rival| self.table.lost_before(group, &unpack(rival)));
            }
        }
        self.table.compact();
        Ok(())
    }

    fn results(&self, groups: usize) -> Result<ArrayRef> {
        let winners = &self.table.winners[..groups];
        let [value, trust, at, record_id] = self.claims(groups)?;
        let mut records = Int64Array::builder(groups);
        let mut agreeing = Int64Array::builder(groups);
        let mut rivals = Int64Array::builder(groups);
        let mut reasons = StringViewBuilder::with_capacity(groups);
        for winner in winners {
            let (rival_values, rival_records, reason) = verdict(winner, self.table.rivals_of(winner));
            let claimed = winner.agreeing > 0;
            records.append_option(claimed.then_some(i64::from(winner.agreeing) + i64::from(rival_records)));
            agreeing.append_option(claimed.then_some(winner.agreeing.into()));
            rivals.append_option(claimed.then_some(rival_values.into()));
            reasons.append_option(claimed.then_some(reason));
        }
        let columns: Vec<ArrayRef> = vec![
            value,
            record_id,
            trust,
            at,
            Arc::new(records.finish()),
            Arc::new(agreeing.finish()),
            Arc::new(rivals.finish()),
            Arc::new(reasons.finish()),
        ];
        let nulls: NullBuffer = winners.iter().map(|winner| winner.agreeing > 0).collect();
        Ok(Arc::new(StructArray::try_new(fields(&self.value_type), columns, Some(nulls))?))
    }

    fn states(&self, groups: usize) -> Result<Vec<ArrayRef>> {
        let winners = &self.table.winners[..groups];
        let agreeing = Int64Array::from_iter_values(winners.iter().map(|winner| winner.agreeing.into()));
        let mut rivals = BinaryBuilder::new();
        let mut packed = Vec::new();
        for winner in winners {
            packed.clear();
            self.table.rivals_of(winner).for_each(|rival| pack(rival, &mut packed));
            rivals.append_value(&packed);
        }
        let mut states = self.claims(groups)?.to_vec();
        states.push(Arc::new(agreeing));
        states.push(Arc::new(rivals.finish()));
        Ok(states)
    }

    fn states_of_rows(&self, arguments: &[ArrayRef], keep: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = arguments[0].len();
        let trusts = arguments[1].as_primitive::<Float64Type>();
        let counts = |row| passes(keep, row) && trust(trusts, row).is_some();
        let mut states = arguments.to_vec();
        if keep.is_some() || !(0..rows).all(counts) {
            states[0] = nullif(&arguments[0], &(0..rows).map(|row| Some(!counts(row))).collect())?;
        }
        states.push(Arc::new(Int64Array::from_value(1, rows)));
        states.push(new_null_array(&DataType::Binary, rows));
        Ok(states)
    }

    fn drop_first(&mut self, groups: usize) {
        self.table.drop_first(groups);
    }

    fn len(&self) -> usize {
        self.table.winners.len()
    }

    fn size(&self) -> usize {
        self.table.winners.capacity() * size_of::<Winner>()
            + self.table.heap.size()
            + self.table.rivals.capacity() * size_of::<Rival>()
    }
}

/// Hash, trust and time of eight bytes each, records of four.
const RIVAL_BYTES: usize = 28;

fn pack(rival: &Rival, out: &mut Vec<u8>) {
    out.extend_from_slice(&rival.hash.to_le_bytes());
    out.extend_from_slice(&rival.rank.trust.to_le_bytes());
    out.extend_from_slice(&rival.rank.at.to_le_bytes());
    out.extend_from_slice(&rival.records.to_le_bytes());
}

fn unpack(bytes: &[u8]) -> Rival {
    let eight = |at: usize| bytes[at..at + 8].try_into().expect("eight bytes");
    let rank = Rank { trust: f64::from_le_bytes(eight(8)), at: i64::from_le_bytes(eight(16)) };
    let records = u32::from_le_bytes(bytes[24..28].try_into().expect("four bytes"));
    Rival { hash: u64::from_le_bytes(eight(0)), rank, records, next: END }
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
