//! What is kept, as tables: [`Past::tables`] and back.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Float32Array, PrimitiveArray, RecordBatch, UInt8Array,
    UInt16Array, UInt32Array, UInt64Array,
};
use datafusion::arrow::buffer::ScalarBuffer;
use datafusion::arrow::datatypes::{Field, Float32Type, Schema, UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use datafusion::arrow::error::ArrowError;
use serde::{Deserialize, Serialize};

use super::super::cluster::Edge;
use super::super::customers::Customers;
use super::super::decisions::Decisions;
use super::super::prepare::{Known, Value};
use super::{Fit, Past, Settled};
use crate::error::{Error, Kind, Result};
use crate::parallel;

/// Under which the first table tells what is no table.
const ABOUT: &str = "onefold";

/// How the tables are laid out.
const LAYOUT: u32 = 2;

/// Who made it: what follows may be read by no other.
#[derive(Serialize, Deserialize, PartialEq)]
struct Maker {
    layout: u32,
    version: String,
}

impl Maker {
    fn own() -> Self {
        Self { layout: LAYOUT, version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// What is no table.
#[derive(Serialize, Deserialize)]
struct About {
    maker: Maker,
    fit: Fit,
    settled: Settled,
    learnt_from: usize,
    others_since: usize,
    probe: Vec<(u32, u64)>,
    rules: usize,
    together: Vec<(u32, u32)>,
    apart: Vec<(u32, u32)>,
}

/// What a hash stands for among the counts.
const VALUE: u8 = 0;
const WORD: u8 = 1;
const WITHIN: u8 = 2;
const TEMPLATE: u8 = 3;

impl Past {
    /// Four tables: counts of values, records, edges, and keys of too many records. The first has the rest in the metadata
    /// of its schema.
    ///
    /// # Errors
    /// If the tables cannot be made, which would be our mistake.
    pub fn tables(&self) -> Result<[RecordBatch; 4]> {
        self.try_tables().map_err(|error| Error::new(Kind::Internal, "what was learnt cannot be kept").source(error))
    }

    /// What [`Past::tables`] gave; none if another version did.
    ///
    /// # Errors
    /// `Corrupt` when the tables are not such.
    pub fn read(tables: &[RecordBatch], threads: usize) -> Result<Option<Self>> {
        Self::try_read(tables, threads).map_err(|error| {
            Error::new(Kind::Corrupt, "this is not what Onefold kept of records that it told apart").source(error)
        })
    }

    fn try_tables(&self) -> std::result::Result<[RecordBatch; 4], ArrowError> {
        let mut apart: Vec<(u32, u32)> = self.decisions.apart.iter().copied().collect();
        apart.sort_unstable();
        let about = About {
            maker: Maker::own(),
            fit: self.fit.clone(),
            settled: self.settled.clone(),
            learnt_from: self.learnt_from,
            others_since: self.others_since,
            probe: self.probe.clone(),
            rules: self.keys.len(),
            together: self.decisions.together.clone(),
            apart,
        };
        let about = serde_json::to_string(&about).map_err(|error| ArrowError::JsonError(error.to_string()))?;
        let counts = counts(&self.fit.known)?;
        let schema = counts.schema().as_ref().clone().with_metadata(HashMap::from([(ABOUT.to_owned(), about)]));
        let mut columns: Vec<(String, ArrayRef)> = vec![
            ("record_id".into(), Arc::new(self.ids.clone())),
            ("hash".into(), numbers::<UInt64Type>(self.hashes.clone())),
            ("cluster".into(), numbers::<UInt32Type>(self.customers.cluster_of.clone().into())),
            ("strongest".into(), numbers::<Float32Type>(self.customers.strongest.clone().into())),
            ("right".into(), numbers::<UInt64Type>(self.customers.right.clone().into())),
        ];
        let key = |(at, keys): (usize, &ScalarBuffer<u64>)| (format!("key_{at}"), numbers::<UInt64Type>(keys.clone()));
        columns.extend(self.keys.iter().enumerate().map(key));
        let large = || self.large.iter().zip(0u16..).flat_map(|(keys, rule)| keys.iter().map(move |&key| (rule, key)));
        Ok([
            counts.with_schema(Arc::new(schema))?,
            table(columns)?,
            table([
                ("left", Arc::new(self.edges.iter().map(|edge| edge.left).collect::<UInt32Array>()) as ArrayRef),
                ("right", Arc::new(self.edges.iter().map(|edge| edge.right).collect::<UInt32Array>())),
                ("weight", Arc::new(self.edges.iter().map(|edge| edge.weight).collect::<Float32Array>())),
            ])?,
            table([
                ("rule", Arc::new(large().map(|(rule, _)| rule).collect::<UInt16Array>()) as ArrayRef),
                ("key", Arc::new(large().map(|(_, key)| key).collect::<UInt64Array>())),
            ])?,
        ])
    }

    fn try_read(tables: &[RecordBatch], threads: usize) -> std::result::Result<Option<Self>, ArrowError> {
        let [counts, records, edges, large] = tables else { return Err(wrong("there are not four tables")) };
        let schema = counts.schema();
        let about = schema.metadata().get(ABOUT).ok_or_else(|| wrong("nothing says what it is"))?;
        let json = |error: serde_json::Error| ArrowError::JsonError(error.to_string());
        let whole: serde_json::Value = serde_json::from_str(about).map_err(json)?;
        let maker: Maker = serde_json::from_value(whole["maker"].clone()).map_err(json)?;
        if maker != Maker::own() {
            return Ok(None);
        }
        let about: About = serde_json::from_value(whole).map_err(json)?;
        let mut fit = about.fit;
        recall(&mut fit.known, counts, threads)?;
        fit.model.weigh();
        let ids = records.column_by_name("record_id").and_then(|ids| ids.as_string_opt::<i64>());
        let edges = {
            let (left, right) = (column::<UInt32Type>(edges, "left")?, column::<UInt32Type>(edges, "right")?);
            let weights = column::<Float32Type>(edges, "weight")?;
            let ends = left.iter().zip(right.iter());
            ends.zip(weights.iter()).map(|((&left, &right), &weight)| Edge { left, right, weight }).collect()
        };
        let mut sorted = vec![Vec::new(); about.rules];
        for (&rule, &key) in column::<UInt16Type>(large, "rule")?.iter().zip(column::<UInt64Type>(large, "key")?.iter())
        {
            sorted.get_mut(usize::from(rule)).ok_or_else(|| wrong("there is no such rule"))?.push(key);
        }
        let key = |at: usize| column::<UInt64Type>(records, &format!("key_{at}"));
        Ok(Some(Self {
            fit,
            probe: about.probe,
            settled: about.settled,
            learnt_from: about.learnt_from,
            others_since: about.others_since,
            ids: ids.cloned().ok_or_else(|| wrong("records have no ids"))?,
            hashes: column::<UInt64Type>(records, "hash")?,
            keys: (0..about.rules).map(key).collect::<std::result::Result<_, _>>()?,
            large: sorted,
            edges,
            customers: Customers {
                cluster_of: column::<UInt32Type>(records, "cluster")?.to_vec(),
                strongest: column::<Float32Type>(records, "strongest")?.to_vec(),
                right: column::<UInt64Type>(records, "right")?.to_vec(),
            },
            decisions: Decisions { together: about.together, apart: about.apart.into_iter().collect() },
        }))
    }
}

/// What was counted: a row per value, word and pair of name and place.
fn counts(known: &Known) -> std::result::Result<RecordBatch, ArrowError> {
    let bare = |count: f32| Value { count, namesakes: 0.0, people: 0, is_placeholder: false };
    let mut rows: Vec<(u16, u8, u64, Value)> = Vec::new();
    for (counts, at) in known.comparisons.iter().zip(0..) {
        rows.extend(counts.values.iter().map(|(&hash, &value)| (at, VALUE, hash, value)));
        rows.extend(counts.words.iter().map(|(&hash, &rarity)| (at, WORD, hash, bare(rarity))));
        rows.extend(counts.within.iter().map(|(&hash, &count)| (at, WITHIN, hash, bare(count))));
    }
    rows.extend(known.templates.iter().map(|(&hash, &share)| (0, TEMPLATE, hash, bare(share))));
    rows.sort_unstable_by_key(|&(at, what, hash, _)| (at, what, hash));
    table([
        ("comparison", Arc::new(rows.iter().map(|row| row.0).collect::<UInt16Array>()) as ArrayRef),
        ("what", Arc::new(rows.iter().map(|row| row.1).collect::<UInt8Array>())),
        ("hash", Arc::new(rows.iter().map(|row| row.2).collect::<UInt64Array>())),
        ("count", Arc::new(rows.iter().map(|row| row.3.count).collect::<Float32Array>())),
        ("namesakes", Arc::new(rows.iter().map(|row| row.3.namesakes).collect::<Float32Array>())),
        ("people", Arc::new(rows.iter().map(|row| row.3.people).collect::<UInt32Array>())),
        ("placeholder", Arc::new(rows.iter().map(|row| Some(row.3.is_placeholder)).collect::<BooleanArray>())),
    ])
}

/// Puts back what was counted.
fn recall(known: &mut Known, rows: &RecordBatch, threads: usize) -> std::result::Result<(), ArrowError> {
    let (at, what) = (column::<UInt16Type>(rows, "comparison")?, column::<UInt8Type>(rows, "what")?);
    let (hashes, counts) = (column::<UInt64Type>(rows, "hash")?, column::<Float32Type>(rows, "count")?);
    let (namesakes, people) = (column::<Float32Type>(rows, "namesakes")?, column::<UInt32Type>(rows, "people")?);
    let placeholders = rows.column_by_name("placeholder").and_then(|column| column.as_boolean_opt());
    let placeholders = placeholders.ok_or_else(|| wrong("a column is missing"))?;
    parallel::fill(threads, &mut known.comparisons, 1, |comparison, known| {
        let start = at.partition_point(|&at| usize::from(at) < comparison);
        let end = at.partition_point(|&at| usize::from(at) <= comparison);
        for row in start..end {
            let (hash, count) = (hashes[row], counts[row]);
            let is_placeholder = placeholders.value(row);
            match what[row] {
                VALUE => {
                    let value = Value { count, namesakes: namesakes[row], people: people[row], is_placeholder };
                    known[0].values.insert(hash, value);
                }
                WORD => _ = known[0].words.insert(hash, count),
                WITHIN => _ = known[0].within.insert(hash, count),
                _ => {}
            }
        }
    });
    let templates = (0..rows.num_rows()).take_while(|&row| at[row] == 0).filter(|&row| what[row] == TEMPLATE);
    known.templates = templates.map(|row| (hashes[row], counts[row])).collect();
    Ok(())
}

fn table<N: Into<String>>(
    columns: impl IntoIterator<Item = (N, ArrayRef)>,
) -> std::result::Result<RecordBatch, ArrowError> {
    let field = |(name, array): (N, ArrayRef)| (Field::new(name, array.data_type().clone(), false), array);
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().map(field).unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

fn numbers<T: ArrowPrimitiveType>(values: ScalarBuffer<T::Native>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::new(values, None))
}

fn column<T: ArrowPrimitiveType>(
    table: &RecordBatch,
    name: &str,
) -> std::result::Result<ScalarBuffer<T::Native>, ArrowError> {
    let column = table.column_by_name(name).and_then(|column| column.as_primitive_opt::<T>());
    column.map(|column| column.values().clone()).ok_or_else(|| wrong(&format!("there is no column `{name}`")))
}

fn wrong(what: &str) -> ArrowError {
    ArrowError::SchemaError(what.to_owned())
}
