//! What other thresholds would have given, from the links of a run and without matching again.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Float64Type;

use super::super::input::Text;
use super::super::kinds::SCORE;
use super::super::union_find::UnionFind;
use super::{Numbers, Score, columns, rows, score};
use crate::error::Result;

/// How right the customers would be if likeness joined what is at least so probable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// How probable a link by likeness has to be, 0 to 1.
    pub threshold: f64,
    /// Links by likeness that are.
    pub links: usize,
    /// Over all pairs of records whose person is known.
    pub pairwise: Score,
}

/// One point for each of `thresholds`, the highest first: with the links that no threshold is asked of, and those of the
/// scored tier in `edges` (`left_record`, `right_record`, `kind`, `weight`) and, below `accept`, in `reviews`
/// (`left_record`, `right_record`, `probability`) that are at least so probable. `truth` as of [`super::evaluate`].
///
/// # Errors
/// `Config` if a column is missing.
pub fn curve(
    edges: &[RecordBatch],
    reviews: &[RecordBatch],
    truth: &[RecordBatch],
    accept: f64,
    thresholds: &[f64],
) -> Result<Vec<Point>> {
    let truth = columns(truth, "truth", "person_id")?;
    let side = |batches, table, side| Text::columns(batches, table, side);
    let (lefts, rights) = (side(edges, "edges", "left_record")?, side(edges, "edges", "right_record")?);
    let kinds = Text::columns(edges, "edges", "kind")?;
    let kinds = kinds.iter().flat_map(|kinds| (0..kinds.len()).map(|row| kinds.get(row)));
    let (asked, others) = (side(reviews, "reviews", "left_record")?, side(reviews, "reviews", "right_record")?);
    let (mut records, mut persons) = (Numbers::default(), Numbers::default());
    let known: Vec<(u32, u32)> =
        rows(&truth).map(|(record, person)| (records.of(record), persons.of(person))).collect();
    let (mut certain, mut scored) = (Vec::new(), Vec::new());
    for ((left, right, probability), kind) in links([&lefts, &rights], edges, "weight").into_iter().zip(kinds) {
        let ends = (records.of(left), records.of(right));
        if kind == Some(SCORE) { scored.push((probability, ends)) } else { certain.push(ends) }
    }
    for (left, right, probability) in links([&asked, &others], reviews, "probability") {
        if probability < accept {
            scored.push((probability, (records.of(left), records.of(right))));
        }
    }
    scored.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let mut thresholds = thresholds.to_vec();
    thresholds.sort_by(|one, other| other.total_cmp(one));
    let mut sets = UnionFind::new(records.next as usize);
    for (left, right) in certain {
        sets.join(left, right);
    }
    let (mut scored, mut joined) = (scored.into_iter().peekable(), 0);
    let point = |threshold: f64| {
        while let Some((_, (left, right))) = scored.next_if(|(probability, _)| *probability >= threshold) {
            sets.join(left, right);
            joined += 1;
        }
        let cells = known.iter().map(|&(record, person)| (sets.find(record), person)).collect();
        Point { threshold, links: joined, pairwise: score(cells, records.next, persons.next).pairwise }
    };
    Ok(thresholds.into_iter().map(point).collect())
}

/// The two records of each row, and how probable it is that they are one person's.
fn links<'a>([lefts, rights]: [&'a [Text]; 2], batches: &[RecordBatch], column: &str) -> Vec<(&'a str, &'a str, f64)> {
    let mut links = Vec::new();
    for ((lefts, rights), batch) in lefts.iter().zip(rights).zip(batches) {
        let probabilities = batch.column_by_name(column).and_then(|column| column.as_primitive_opt::<Float64Type>());
        for row in 0..batch.num_rows() {
            let probability = probabilities.filter(|all| all.is_valid(row)).map_or(0.0, |all| all.value(row));
            let [left, right] = [lefts, rights].map(|side| side.get(row).unwrap_or_default());
            links.push((left, right, probability));
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, Float64Array, StringArray};

    use super::*;

    fn table(names: &[&str], column: &str, rows: &[(&[&str], f64)]) -> [RecordBatch; 1] {
        let text = |at: usize| Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0[at]))) as ArrayRef;
        let numbers = Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Float64Array>()) as ArrayRef;
        let columns = names.iter().enumerate().map(|(at, name)| (*name, text(at))).chain([(column, numbers)]);
        [RecordBatch::try_from_iter(columns).unwrap()]
    }

    #[test]
    fn lower_thresholds_link_more_and_what_is_certain_stays() {
        // a, b, c are one person, d another, e and f a third.
        let persons: Vec<(&[&str], f64)> = vec![
            (&["a", "1"], 0.0),
            (&["b", "1"], 0.0),
            (&["c", "1"], 0.0),
            (&["d", "2"], 0.0),
            (&["e", "3"], 0.0),
            (&["f", "3"], 0.0),
        ];
        let truth = table(&["record_id", "person_id"], "nothing", &persons);
        let edges = table(
            &["left_record", "right_record", "kind"],
            "weight",
            &[(&["a", "b", "email"], 0.9), (&["e", "f", "score"], 0.97), (&["c", "d", "score"], 0.96)],
        );
        let reviews =
            table(&["left_record", "right_record"], "probability", &[(&["b", "c"], 0.8), (&["d", "e"], 0.99)]);
        let points = curve(&edges, &reviews, &truth, 0.95, &[0.5, 0.95, 0.97, 1.0]).unwrap();
        let shown = |point: &Point| {
            let Point { threshold, links, pairwise } = *point;
            let hundredths = |value: f64| (value * 100.0).round();
            (threshold, links, hundredths(pairwise.precision), hundredths(pairwise.recall))
        };
        let expected = [
            (1.0, 0, 100.0, 25.0),
            (0.97, 1, 100.0, 50.0),
            // With c and d, of whom one is another.
            (0.95, 2, 67.0, 50.0),
            // What people are asked for although it is probable, d and e, is no question of the threshold.
            (0.5, 3, 57.0, 100.0),
        ];
        assert_eq!(points.iter().map(shown).collect::<Vec<_>>(), expected);
    }
}
