//! The file that knows who is who.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::common::{Column, JoinType, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{DataFrame, col, ident, lit};

use super::Args;
use crate::engine::{Session, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::Manifest;
use crate::project::Params;

/// Who is who by the file.
pub(super) struct Truth {
    /// `record_id`, `person_id` of the run's records, each once.
    pub(super) rows: Vec<RecordBatch>,
    /// How many records of the file the run does not have.
    pub(super) unknown: usize,
}

/// The file, of which what is about records of the run is the table `truth` of the session from then on.
///
/// # Errors
/// `Usage` if there is no such file, it lacks a column or knows the person of no record of the run; `Check` if a record in it
/// is two people.
pub(super) async fn read(session: &Session, args: &Args) -> Result<Truth> {
    let missing = || Error::new(Kind::Usage, format!("there is no file `{}`", args.truth.display()));
    if args.truth.is_dir() {
        let message = format!("`{}` is a folder, and not the file that knows who is who", args.truth.display());
        return Err(Error::new(Kind::Usage, message).hint("`--truth` names a CSV, JSON or Parquet file"));
    }
    if !args.truth.to_string_lossy().contains('*') && !args.truth.exists() {
        return Err(missing().hint("`--truth` names a CSV, JSON or Parquet file"));
    }
    let path = std::path::absolute(&args.truth).map_err(|error| missing().source(error))?;
    let path = path.to_string_lossy().replace('\'', "''");
    let plan = session.plan(&format!("SELECT * FROM '{path}'"), &Params::default()).await?;
    let text = |name: &str| {
        let utf8 = ScalarValue::Utf8View(None).data_type();
        datafusion::logical_expr::cast(ident(name), utf8)
    };
    let frame = session
        .frame(plan)
        .select([text(&args.id).alias("record_id"), text(&args.person).alias("person_id")])
        .and_then(|frame| frame.filter(col("record_id").is_not_null().and(col("person_id").not_eq(lit("")))))
        .map_err(|error| {
            let hint = "`--id` and `--person` name the columns";
            explain_without_sql(&error).with("file", args.truth.display()).hint(hint)
        })?;
    let failed = |error: DataFusionError| explain_without_sql(&error).with("file", args.truth.display());
    let file = frame.distinct().map_err(failed)?.cache().await.map_err(failed)?;
    let people = vec![count(col("person_id")).alias("people")];
    let twice = file.clone().aggregate(vec![col("record_id")], people).and_then(|counted| {
        let twice = counted.filter(col("people").gt(lit(1)))?;
        twice.sort_by(vec![col("record_id")])?.limit(0, Some(1))?.select_columns(&["record_id"])
    });
    if let Some(row) = twice.map_err(failed)?.collect().await.map_err(failed)?.iter().find(|batch| batch.num_rows() > 0)
    {
        let record = array_value_to_string(row.column(0), 0).unwrap_or_default();
        let message = format!("`{}` is two people in `{}`", record.escape_debug(), args.truth.display());
        return Err(Error::new(Kind::Check, message).hint("a record is one person: take one of the rows out"));
    }
    let identities = session.context().table("match.identities").await.map_err(failed)?;
    let on = ["record_id"];
    let known = file.clone().join(identities, JoinType::LeftSemi, &on, &on, None).map_err(failed)?;
    let known = known.cache().await.map_err(failed)?;
    let all = file.count().await.map_err(failed)?;
    let rows = known.clone().collect().await.map_err(failed)?;
    session.context().register_table("truth", known.into_view()).map_err(failed)?;
    let found: usize = rows.iter().map(RecordBatch::num_rows).sum();
    if found == 0 {
        let message = format!("`{}` knows the person of no record of the run", args.truth.display());
        let hint = "record ids are those of match.identities, such as `crm:1042`; `--id` names the column";
        return Err(Error::new(Kind::Usage, message).with("column", &args.id).hint(hint));
    }
    Ok(Truth { rows, unknown: all - found })
}

/// The rows of `truth` whose records show something of who somebody is: an identifier, or something to compare. A browser on
/// which nobody ever logged in is somebody's, and nobody can tell whose.
///
/// # Errors
/// What the lake says.
pub(super) async fn of_records_that_say_something(session: &Session, manifest: &Manifest) -> Result<Vec<RecordBatch>> {
    let said = said(session, manifest).await.map_err(|error| explain_without_sql(&error))?;
    let truth = session.context().table("truth").await;
    let on = (&["record_id"], &["record_id"]);
    let known = truth.and_then(|truth| truth.join(said, JoinType::LeftSemi, on.0, on.1, None));
    match known {
        Ok(known) => known.collect().await.map_err(|error| explain_without_sql(&error)),
        Err(error) => Err(explain_without_sql(&error)),
    }
}

/// The records with an identifier, and those with something to compare.
async fn said(session: &Session, manifest: &Manifest) -> std::result::Result<DataFrame, DataFusionError> {
    let identified = session.context().table("match.identifiers").await?.select_columns(&["record_id"])?;
    // Older runs compare nothing.
    if !manifest.tables.contains_key("match.comparisons") {
        return Ok(identified);
    }
    let compared = session.context().table("match.comparisons").await?;
    let names = compared.schema().field_names();
    let says = |name: &String| {
        let column = Column::from_qualified_name_ignore_case(name);
        let names_the_record = ["record_id", "source"].contains(&column.name.as_str());
        (!names_the_record).then(|| ident(column.name).is_not_null())
    };
    let says_something = names.iter().filter_map(says).reduce(Expr::or).unwrap_or_else(|| lit(false));
    identified.union(compared.filter(says_something)?.select_columns(&["record_id"])?)
}
