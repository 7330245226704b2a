//! Tables of databases as sources. SQLite is a file; a server is one that `tests/servers/run` starts and names in the
//! environment.

mod every;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;

use crate::support::Shop;

/// A database that tests can write to.
pub trait Server {
    /// The lines of `[sources.crm]` that name it, and the variables that log in to it.
    fn source(&self) -> String;
    /// Runs statements.
    fn execute(&self, sql: &str);
}

/// A project whose source `crm` is the table `customers` of the database.
fn shop(server: &dyn Server, settings: &str) -> Shop {
    Shop::new(&format!("name = \"shop\"\n[sources.crm]\n{}\n{settings}\n", server.source()))
}

/// What a landing did with the one source.
fn land(shop: &Shop) -> serde_json::Value {
    let report: serde_json::Value = serde_json::from_str(&shop.run(&["land", "--json"]).ok().stdout).unwrap();
    let mut source = report["sources"][0].clone();
    source["run"] = report["run"].clone();
    source
}

/// Rows that came, and whether a run was committed.
#[track_caller]
fn landed(shop: &Shop, rows: u64) {
    let report = land(shop);
    assert_eq!(report["rows_landed"], rows, "{report}");
    assert_eq!(report["run"].is_null(), rows == 0, "{report}");
}

/// The types of these columns of `raw.crm`.
fn types_of(shop: &Shop, columns: &str) -> String {
    let columns: Vec<_> = columns.split(' ').map(|column| format!("arrow_typeof({column})")).collect();
    shop.rows(&format!("SELECT concat_ws(' ', {}) FROM raw.crm LIMIT 1", columns.join(", "))).remove(0).replace('"', "")
}

fn names(shop: &Shop) -> String {
    shop.rows("SELECT name FROM raw.crm ORDER BY name").join(" ")
}
