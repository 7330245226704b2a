//! The files of `resolve` become one table: landed like the sources of a project, in a lake that is gone afterwards.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, new_empty_array};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{FieldRef, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::logical_expr::{LogicalPlanBuilder, lit};
use datafusion::prelude::DataFrame;

use super::super::Global;
use super::super::progress::progress;
use super::Args;
use super::records::missing;
use crate::engine::{Session, SessionOptions, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::layout::{FILE, LINE};
use crate::lake::{Lake, Manifest, TableName};
use crate::land::{self, Failure};
use crate::memory;
use crate::project::Project;

/// All records of the files, their columns joined by name, with `source` where the files do not have it.
pub(super) async fn read(global: &Global, args: &Args) -> Result<(RecordBatch, Vec<String>, u64)> {
    let folder = tempfile::tempdir().map_err(|error| {
        Error::new(Kind::of_io(&error), "cannot make a folder for what is read from the files").source(error)
    })?;
    let names = names(&args.files);
    std::fs::write(folder.path().join("onefold.toml"), config(args, &names)?)
        .map_err(|error| Error::new(Kind::of_io(&error), "cannot write to the temp folder").source(error))?;
    let project = Project::open(folder.path())?;
    let lake = Lake::open("lake", folder.path())?;
    let mut draft = Manifest::empty("resolve").next(lake.writer(), "resolve", jiff::Timestamp::UNIX_EPOCH);
    let progress = progress(global.quiet || global.json);
    let landed = Box::pin(land::land(&project, &[], &lake, &mut draft, progress.as_ref())).await?;
    if let Some(Failure { error, .. }) = landed.failures.into_iter().next() {
        return Err(match error.kind() {
            Kind::Check => error.hint("check `--delimiter` and `--encoding`, or mend the file"),
            _ => error,
        });
    }
    let notices = landed.reports.iter().flat_map(|report| report.notices.clone()).collect();
    let quarantined = landed.reports.iter().map(|report| report.rows_quarantined).sum();

    memory::keep_freed();
    let session = Session::new(&SessionOptions::default())?;
    let mut frame: Option<DataFrame> = None;
    let given = args.source.clone().unwrap_or_else(|| "source".into());
    let failed = |error| explain_without_sql(&error);
    for name in &names {
        let landed = TableName::new("raw", name)?;
        let files = draft.table(&landed).map(|table| table.files.clone()).unwrap_or_default();
        session.register(&lake, &landed, &files).await?;
        let rows = session.context().table(landed.to_string()).await.map_err(failed)?;
        let has_source = rows.schema().has_column_with_unqualified_name(&given);
        if args.source.is_some() && !has_source {
            return Err(missing(&given, rows.schema().fields().iter().map(|field| field.name().as_str())));
        }
        let rows = rows.drop_columns(&[FILE, LINE]).map_err(failed)?;
        let rows = if has_source { rows } else { rows.with_column("source", lit(name.as_str())).map_err(failed)? };
        frame = Some(match frame {
            None => rows,
            Some(before) => union(before, rows)?,
        });
    }
    let frame = frame.ok_or_else(|| Error::new(Kind::Usage, "no file was named"))?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.collect().await.map_err(failed)?;
    let rows = join(&schema, batches).map_err(|error| failed(error.into()))?;
    Ok((rows, notices, quarantined))
}

/// The batches as one, column after column, so that no more than one column is held twice.
fn join(schema: &SchemaRef, batches: Vec<RecordBatch>) -> std::result::Result<RecordBatch, ArrowError> {
    let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::with_capacity(batches.len()); schema.fields().len()];
    for batch in batches {
        for (parts, part) in columns.iter_mut().zip(batch.columns()) {
            parts.push(Arc::clone(part));
        }
    }
    let whole = |(parts, field): (Vec<ArrayRef>, &FieldRef)| {
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        if parts.is_empty() { Ok(new_empty_array(field.data_type())) } else { concat(&parts) }
    };
    let columns = columns.into_iter().zip(schema.fields()).map(whole).collect::<std::result::Result<_, _>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns)
}

fn union(one: DataFrame, other: DataFrame) -> Result<DataFrame> {
    let (state, one) = one.into_parts();
    let plan = LogicalPlanBuilder::from(one).union_by_name(other.into_unoptimized_plan());
    let plan = plan.and_then(LogicalPlanBuilder::build).map_err(|error| explain_without_sql(&error))?;
    Ok(DataFrame::new(state, plan))
}

/// A name for each file, of letters that a source may have: from its own, numbered where two are alike.
fn names(files: &[PathBuf]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let name = |file: &PathBuf| {
        let stem = file.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let stem = stem.split('.').next().unwrap_or_default();
        let mut name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(40).collect();
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.insert_str(0, "file_");
        }
        let base = name.clone();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            number += 1;
            name = format!("{base}_{number}");
        }
        name
    };
    files.iter().map(name).collect()
}

/// A project that has the files as its sources.
fn config(args: &Args, names: &[String]) -> Result<String> {
    let mut config = "name = \"resolve\"\n".to_owned();
    for (file, name) in args.files.iter().zip(names) {
        let path = file
            .canonicalize()
            .map_err(|error| Error::new(Kind::Usage, format!("cannot read `{}`", file.display())).source(error))?;
        let path = glob::Pattern::escape(&path.to_string_lossy());
        config.push_str(&format!("[sources.{name}]\npath = {}\n", toml::Value::String(path)));
        for (key, value) in [("delimiter", &args.delimiter), ("encoding", &args.encoding)] {
            if let Some(value) = value {
                config.push_str(&format!("{key} = {}\n", toml::Value::String(value.clone())));
            }
        }
    }
    Ok(config)
}
