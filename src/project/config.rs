//! `onefold.toml`: what a project says about itself. Every key has a comment here, which is also its description in the
//! JSON schema that editors use.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::landing::{Expect, Keep, OnChange, Span};

/// A project's settings.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The project's name. The lake belongs to it: another project's lake is refused.
    pub name: String,
    /// Where the lake lies: a folder relative to this file, or a URL such as `s3://bucket/prefix`.
    #[serde(default = "default_lake")]
    pub lake: String,
    /// Values of the `$parameters` of the SQL stages: integers, numbers, texts, booleans, dates.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub params: BTreeMap<String, toml::Value>,
    /// The sources by name. Each becomes the table `raw.<name>`.
    #[serde(default)]
    pub sources: BTreeMap<String, Source>,
    /// How records are matched.
    #[serde(default, rename = "match")]
    pub matching: Matching,
    /// How much of the machine a run may use.
    #[serde(default)]
    pub limits: Limits,
    /// What `onefold gc` keeps.
    #[serde(default)]
    pub gc: Gc,
}

/// One source: files of one shape, or a table of a database. What only files have is not written where it is the default:
/// a database must not have it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The files: a path relative to this file or a URL; `*`, `?`, `[…]` and `**` match several.
    #[serde(default)]
    pub path: String,
    /// Instead of `path`, a database: `sqlite:shop.db`, `postgres://reader@db.example.com/shop` or `mysql://…`. It holds no
    /// password: that comes from an environment variable.
    pub url: Option<String>,
    /// Database: the table or view that is landed, such as `public.customers`.
    pub table: Option<String>,
    /// Database: instead of `table`, a query whose rows are landed.
    pub query: Option<String>,
    /// Database: a column that never falls, such as `updated_at` or a serial number. Only rows at or above the highest
    /// value landed are read, and added to those that have landed: what is deleted, or changed below it, is not seen.
    /// Without it, the whole table is read and replaces the last one.
    pub watermark: Option<String>,
    /// Database: how far behind the highest `watermark`, a time, the next read begins, such as `1h`: for rows that are
    /// committed after later ones were. It is longer than any transaction that writes. Rows that have landed do not
    /// land again. Default: none.
    pub watermark_lag: Option<Span>,
    /// Database: the environment variable that holds the password. Default: `ONEFOLD_PASSWORD_` and the source's name in
    /// capitals, such as `ONEFOLD_PASSWORD_CRM`.
    pub password_env: Option<String>,
    /// Database: `verify` encrypts the connection and checks the server's certificate, `off` does neither. Default: `verify`,
    /// and `off` for a server on this machine.
    pub tls: Option<Tls>,
    /// Database: a PEM file, relative to this file, with the authorities that sign the server's certificate. Default: those
    /// that the operating system trusts.
    pub tls_ca: Option<String>,
    /// Database: how long to wait for an answer or the next rows, such as `30s` or `1h`. Default: `10m`.
    pub max_wait: Option<Span>,
    /// The format, if the file name does not tell: `csv`, `ndjson`, `json` or `parquet`.
    pub format: Option<Format>,
    /// CSV: what separates fields. Default: a comma, or a tab for `.tsv`.
    pub delimiter: Option<char>,
    /// CSV: what quotes a field. Default: `"`; the empty text if no field is ever quoted.
    #[serde(default = "default_quote", skip_serializing_if = "is_default_quote")]
    pub quote: String,
    /// CSV: the column names of files that have no header line. JSON: columns that are there even if no record has them,
    /// such as `address_city`.
    pub columns: Option<Vec<String>>,
    /// CSV: texts that stand for a missing value, beside the empty one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub null_values: Vec<String>,
    /// CSV, JSON: the encoding, by its WHATWG label such as `windows-1252` or `gbk`. Default: UTF-8; a byte order mark wins.
    pub encoding: Option<String>,
    /// Stop when more than this share of a file's rows cannot be read, in percent.
    #[serde(default = "default_quarantine_percent_max")]
    pub quarantine_percent_max: f64,
    /// Files: which count: `all` that ever landed (the default), those that are `present`, or only the `latest` by
    /// name, if each file is a full snapshot.
    #[serde(default, skip_serializing_if = "is_default")]
    pub keep: Keep,
    /// Files: what one does that changed since it landed: `replace` its rows (the default), `append` to them, or
    /// `stop`. The `_file` of appended versions ends with the run that landed it, as in `crm.csv@00000042`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_change: OnChange,
    /// The columns that say what a row is about: `raw.<name>` has only the newest row of each key. Older ones stay in the
    /// lake, as `superseded.<name>`; rows that lack a part of the key all count.
    #[serde(default)]
    pub key: Vec<String>,
    /// What makes a row the newest of its key: SQL expressions over the columns, the first deciding, the greatest value
    /// winning, such as `parse_date("Changed On", '%d.%m.%Y')`. Of equal rows the last line of the last file by name wins.
    #[serde(default)]
    pub newest_by: Vec<String>,
    /// How old the newest file may be, such as `36h` or `2d`, when a run begins; of a database, the newest `watermark`,
    /// which must be a time, in UTC if it has no zone.
    pub max_age: Option<Span>,
    /// How many rows a file has at least; with `keep = "present"` or `"latest"`, the files that count together. Of a
    /// database, how many the table has, or with a `watermark` the rows that come at a time, if any do.
    pub min_rows: Option<u64>,
    /// By how many percent its rows may differ from the usual: the median of the last ten times, from the fourth time on.
    pub max_change_percent: Option<f64>,
    /// For how many days its rows may be kept, such as `400d`, counted back from `as_of`: `onefold privacy retain` drops older
    /// ones. What is made of events stays as it is, because their sums by day are kept. Default: for ever.
    pub retain: Option<Span>,
    /// With `retain`: the time of a row, an SQL expression over the columns, such as `from_epoch_millis(ts)`. Rows without a
    /// time stay.
    pub retain_by: Option<String>,
    /// With `retain`: the first and the last row of each combination of these columns stay, such as those of each device and
    /// account: then it is still known whose a device was, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retain_ends: Vec<String>,
    /// What happens when the source is not as expected: `warn` (the default), or `stop`, and it stays as it was.
    #[serde(default)]
    pub expect: Expect,
}

/// A file format that can be landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Delimited text with a header line.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects, or one object.
    Json,
    /// Apache Parquet.
    Parquet,
}

/// How the connection to a database is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Encrypted, to a server that shows a certificate for its name.
    Verify,
    /// Not encrypted.
    Off,
}

/// How records are matched.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Matching {
    /// A safety net: an identifier that more records than this share joins nobody, and `match.block_report` names it as
    /// `too_large`. Which values are generic is for `sql/match/shared_values.sql` to say. What gets past it is one
    /// person's, and nobody leaves 10,000 records under one value: that would be a purchase a day for 27 years.
    pub block_records_max: usize,
    /// Columns of `match.records` in which two different values mean two different people. Dates of one year that share
    /// the month or the day, or swap them, are taken for slips of the pen.
    pub veto: Vec<String>,
    /// How probable it must be, from how alike their records are (`match.comparisons`), that two customers are one person to
    /// put them together without an identifier in common. 1: never.
    pub link_probability: f64,
    /// Less probable ones are listed in `match.reviews` for people to decide, down to this. 1: none. If both are 1, nothing
    /// is compared.
    pub review_probability: f64,
}

/// How much of the machine a run may use.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Memory for queries, in megabytes; larger sorts and aggregations spill to disk.
    pub memory_mb: usize,
    /// Threads. Default: all cores. The answer does not depend on it.
    pub threads: Option<usize>,
}

/// What `onefold gc` keeps. The manifests of all runs stay in any case.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gc {
    /// The files of this many newest runs: these can be queried and restored.
    pub keep_runs: usize,
    /// What is younger than this, and the files of a run for as long after the next one. It must be longer than the
    /// longest refresh and the longest session of a reader.
    pub grace_hours: u64,
}

impl Default for Gc {
    fn default() -> Self {
        Self { keep_runs: 10, grace_hours: 24 }
    }
}

impl Default for Matching {
    fn default() -> Self {
        Self {
            block_records_max: 10_000,
            veto: vec!["birth_date".into(), "national_id".into()],
            link_probability: 0.95,
            review_probability: 0.5,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_mb: 2048, threads: None }
    }
}

fn default_lake() -> String {
    "lake".into()
}

fn default_quote() -> String {
    "\"".into()
}

fn is_default_quote(quote: &str) -> bool {
    quote == default_quote()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn default_quarantine_percent_max() -> f64 {
    5.0
}
