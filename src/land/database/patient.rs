//! A limit on how long a database may keep us waiting: a server that hangs must not hang the run. Every answer and every
//! batch of rows has its own; how long a table takes as a whole is nobody's fault.

use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::DataType;
use async_trait::async_trait;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};

use super::Database;
use super::address::Address;
use super::batch::Batch;
use super::query::{Column, Dialect, Select};
use crate::error::{Error, Kind, Result};
use crate::land::part::Part;

/// A database that must answer within a time.
pub(super) struct Patient {
    pub(super) database: Box<dyn Database>,
    pub(super) limit: Limit,
}

/// How long each answer may take.
#[derive(Clone)]
pub(super) struct Limit {
    pub(super) address: Arc<Address>,
    pub(super) wait: Duration,
}

impl Limit {
    /// What `answer` gives, if it gives it in time.
    ///
    /// # Errors
    /// `Timeout`.
    pub(super) async fn hold<T>(&self, answer: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::time::timeout(self.wait, answer).await.map_err(|_| self.passed())?
    }

    /// The same of each item of a stream, which ends with the first that is late.
    fn each<'a, T: Send + 'a>(&self, items: impl Stream<Item = Result<T>> + Send + 'a) -> BoxStream<'a, Result<T>> {
        let limit = self.clone();
        stream::unfold(Some(items.boxed()), move |items| {
            let limit = limit.clone();
            async move {
                let mut items = items?;
                match tokio::time::timeout(limit.wait, items.next()).await {
                    Ok(item) => Some((item?, Some(items))),
                    Err(_) => Some((Err(limit.passed()), None)),
                }
            }
        })
        .boxed()
    }

    fn passed(&self) -> Error {
        let message = format!("the database has not answered for {} s", self.wait.as_secs());
        let hint = format!("see what it is busy with, or raise `max_wait` under `[sources.{}]`", self.address.source);
        self.address.error(Kind::Timeout, message).hint(hint)
    }
}

#[async_trait]
impl Database for Patient {
    fn dialect(&self) -> &'static Dialect {
        self.database.dialect()
    }

    async fn columns(&mut self, relation: &str) -> Result<Option<Vec<Column>>> {
        self.limit.hold(self.database.columns(relation)).await
    }

    async fn tables(&mut self) -> Result<Vec<String>> {
        self.limit.hold(self.database.tables()).await
    }

    async fn compared_as(&mut self, relation: &str, column: &Column) -> Result<DataType> {
        self.limit.hold(self.database.compared_as(relation, column)).await
    }

    async fn value(&mut self, select: &Select) -> Result<Option<String>> {
        self.limit.hold(self.database.value(select)).await
    }

    async fn rows(&mut self, select: Select, batch: Batch) -> Result<BoxStream<'_, Result<Part>>> {
        let rows = self.limit.hold(self.database.rows(select, batch)).await?;
        Ok(self.limit.each(rows))
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;
    use crate::project::Source;

    fn limit(wait: Duration) -> Limit {
        let source: Source = toml::from_str("url = 'postgres://db.example.com/shop'").expect("valid TOML");
        let address = Address::new("crm", &source, std::path::Path::new("/shop")).expect("valid");
        Limit { address: Arc::new(address), wait }
    }

    #[tokio::test]
    async fn who_does_not_answer_in_time_is_named() {
        let limit = limit(Duration::from_millis(1));
        assert_eq!(limit.hold(async { Ok(7) }).await.expect("answers"), 7);
        let error = limit.hold(std::future::pending::<Result<()>>()).await.expect_err("is late");
        assert_eq!((error.kind(), error.exit_code()), (Kind::Timeout, 3));
        let text = "the database has not answered for 0 s (source `crm`, database `postgres://db.example.com/shop`)\n\
            hint: see what it is busy with, or raise `max_wait` under `[sources.crm]`";
        assert_eq!(error.to_string(), text);
    }

    #[tokio::test]
    async fn rows_that_stop_coming_end_with_an_error() {
        let limit = limit(Duration::from_millis(1));
        let all: Vec<i32> = limit.each(stream::iter([1, 2].map(Ok))).try_collect().await.expect("all come");
        assert_eq!(all, [1, 2]);
        let stuck = stream::iter([1, 2].map(Ok)).chain(stream::pending());
        let seen: Vec<Result<i32>> = limit.each(stuck).collect().await;
        let seen: Vec<_> = seen.into_iter().map(|item| item.map_err(|error| error.kind())).collect();
        assert_eq!(seen, [Ok(1), Ok(2), Err(Kind::Timeout)]);
    }
}
