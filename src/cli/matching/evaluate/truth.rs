//! The file that knows who is who.

use datafusion::arrow::array::RecordBatch;
use datafusion::common::{Column, JoinType, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{DataFrame, col, ident, lit};

use super::Args;
use crate::engine::{Session, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::Manifest;
use crate::project::Params;

/// The file as `record_id`, `person_id`, which is the table `truth` of the session from then on.
///
/// # Errors
/// `Usage` if there is no such file or it lacks a column.
pub(super) async fn read(session: &Session, args: &Args) -> Result<Vec<RecordBatch>> {
    let path = std::path::absolute(&args.truth).map_err(|error| {
        Error::new(Kind::Usage, format!("there is no file `{}`", args.truth.display())).source(error)
    })?;
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
    let failed = |error: DataFusionError| explain_without_sql(&error);
    session.context().register_table("truth", frame.clone().into_view()).map_err(failed)?;
    frame.collect().await.map_err(failed)
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
