//! SQL behaviour: each file below `tests/slt/` is a named test, a dialogue of statements and what they give.

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use onefold::engine::{Session, SessionOptions, explain};
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

/// The engine as the runner sees it: a session without a project.
struct Engine(Session);

#[async_trait]
impl AsyncDB for Engine {
    type Error = onefold::error::Error;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Self::Error> {
        let context = self.0.context();
        let frame = context.sql(sql).await.map_err(|error| explain(context, sql, &error))?;
        let columns = frame.schema().fields().len();
        let batches = frame.collect().await.map_err(|error| explain(context, sql, &error))?;
        if columns == 0 {
            return Ok(DBOutput::StatementComplete(0));
        }
        let rows = batches.iter().flat_map(rows).collect();
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Any; columns], rows })
    }

    async fn shutdown(&mut self) {}
}

fn rows(batch: &RecordBatch) -> Vec<Vec<String>> {
    let options = FormatOptions::default().with_null("NULL");
    let columns: Vec<_> =
        batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    let cell = |column: &ArrayFormatter<'_>, row| {
        let text = column.value(row).to_string();
        if text.is_empty() { "(empty)".to_owned() } else { text.replace(' ', "␣") }
    };
    (0..batch.num_rows()).map(|row| columns.iter().map(|column| cell(column, row)).collect()).collect()
}

fn run(name: &str) {
    let file = crate::support::repository().join(format!("tests/slt/{name}.slt"));
    let engine = || async { Ok(Engine(Session::new(&SessionOptions::default())?)) };
    let mut runner = Runner::new(engine);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(runner.run_file_async(file)).unwrap();
}

/// A test for each file, and one that no file is forgotten.
macro_rules! files {
    ($($name:ident),* $(,)?) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        #[test]
        fn every_file_is_run() {
            let files = std::fs::read_dir(crate::support::repository().join("tests/slt")).unwrap();
            let mut files: Vec<String> = files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
            files.sort();
            assert_eq!(files, [$(concat!(stringify!($name), ".slt")),*]);
        }
    };
}

files!(contacts, dates, errors, feedback, joins, latest, money, names, scores, survivor, thresholds);
