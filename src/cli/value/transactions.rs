//! Transactions, from a file or a project, as the table `transactions` of a session, and what the queries
//! `sql/lookup/value_*.sql` make of it.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args as ClapArgs;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, TimeUnit};
use datafusion::arrow::error::ArrowError;
use datafusion::common::ScalarValue;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::{Expr, cast as cast_expr, lit, try_cast, when};
use datafusion::prelude::{Column, DataFrame, ident};
use jiff::ToSpan;
use jiff::civil::Date;

use super::super::Global;
use super::super::landed::{Landed, Written, land_files, missing, named};
use super::super::lookup::{Lookup, Row, count_of, text_of};
use super::super::output::thousands;
use crate::clock;
use crate::engine::{Session, explain_without_sql};
use crate::error::{Error, Kind, Result};
use crate::lake::layout::LINE;
use crate::project::{Params, SqlFolder, Value};
use crate::value::History;

/// Which columns of a file are meant, and how they are written.
#[derive(Debug, Clone, ClapArgs)]
pub(super) struct Columns {
    /// The column that says who bought. Default: by its name, such as `customer_id`.
    #[arg(long, value_name = "COLUMN")]
    customer: Option<String>,
    /// The column that says when. Default: by its name, such as `date` or `ordered_at`.
    #[arg(long, value_name = "COLUMN")]
    date: Option<String>,
    /// The column that says for how much; what is below zero is a return and no purchase. Default: by its name, such as
    /// `amount`. Without one, purchases are counted and not valued.
    #[arg(long, value_name = "COLUMN")]
    amount: Option<String>,
    /// The column that says how many, where the amount is the price of one. Default: by its name, such as `quantity`, beside
    /// a `price`.
    #[arg(long, value_name = "COLUMN")]
    quantity: Option<String>,
    /// The currency to take of several, such as EUR: amounts in different ones are never added up.
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// How dates are written, such as %d/%m/%Y. Default: 2026-06-30, with or without a time.
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// The decimal mark of amounts.
    #[arg(long, value_name = "C", default_value = ".", value_parser = [".", ","])]
    decimal_mark: String,
    /// What stands between the fields of a CSV file. Default: `,`, of .tsv a tab.
    #[arg(long, value_name = "C")]
    delimiter: Option<String>,
    /// The encoding of a text file, such as windows-1252. Default: UTF-8, or what the file's mark says.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
}

const CUSTOMER: [&str; 9] =
    ["customerid", "customer", "custid", "clientid", "client", "userid", "user", "memberid", "email"];
const DATE: [&str; 10] = [
    "date",
    "orderedat",
    "orderdate",
    "invoicedate",
    "purchasedate",
    "transactiondate",
    "timestamp",
    "datetime",
    "day",
    "at",
];
const AMOUNT: [&str; 11] = [
    "amount",
    "total",
    "revenue",
    "spend",
    "sales",
    "value",
    "ordervalue",
    "totalamount",
    "totalprice",
    "linetotal",
    "monetary",
];
const PRICE: [&str; 4] = ["unitprice", "price", "itemprice", "priceperunit"];
const QUANTITY: [&str; 6] = ["quantity", "qty", "units", "pieces", "menge", "quantite"];
const CURRENCY: [&str; 4] = ["currency", "currencycode", "ccy", "waehrung"];

/// Transactions that can be asked.
pub(super) struct Transactions {
    session: Opened,
    sql: SqlFolder,
    pub(super) has_amounts: bool,
    /// ISO 4217, if it is known.
    pub(super) currency: Option<String>,
    /// What is left out, and what else is to be known.
    pub(super) warnings: Vec<String>,
    /// Whose transactions they are, for people.
    pub(super) title: String,
    pub(super) rows: u64,
    first_day: Date,
    last_day: Date,
}

/// The session, with the files below it.
pub(super) enum Opened {
    File(Box<Landed>),
    Project(Box<Session>),
}

impl Opened {
    fn session(&self) -> &Session {
        match self {
            Self::File(landed) => &landed.session,
            Self::Project(session) => session,
        }
    }
}

/// A customer as the models see him, in days.
#[derive(Debug)]
pub(super) struct Buyer {
    pub(super) customer_id: String,
    pub(super) history: History,
    /// None without a repeat purchase.
    pub(super) mean_spend: Option<f64>,
    /// Days with a purchase in the holdout.
    pub(super) later: f64,
    /// Spent in the holdout; 0 without amounts.
    pub(super) later_spend: f64,
}

impl Transactions {
    /// Reads a file.
    ///
    /// # Errors
    /// `Usage` when a column is missing, and what reading says.
    pub(super) async fn of_file(global: &Global, file: &PathBuf, columns: &Columns) -> Result<Self> {
        let written = Written { delimiter: columns.delimiter.as_deref(), encoding: columns.encoding.as_deref() };
        let (files, _) = named(std::slice::from_ref(file))?;
        let mut landed = Box::pin(land_files(global, &files, written)).await?;
        let (_, rows) = landed.tables.pop().ok_or_else(|| Error::new(Kind::Usage, "no file was named"))?;
        let rows = rows.drop_columns(&[LINE]).map_err(|error| explain_without_sql(&error))?;
        let Chosen { rows, has_amounts, is_product } = columns.choose(&landed.session, rows)?;
        let mut warnings = std::mem::take(&mut landed.notices);
        if !has_amounts {
            warnings.push("no column says for how much: name one with `--amount` to have values".to_owned());
        }
        warnings.extend(is_product.map(|[one, other]| format!("the amount is `{one}` times `{other}`")));
        let title = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let rows = columns.in_currency(rows, &title, &mut warnings).await?;
        let sql = SqlFolder::built_in();
        let opened = Opened::File(Box::new(landed));
        // What is asked for as of a day may lie ahead.
        let tomorrow = clock::day_after(clock::now());
        let tomorrow = global.as_of.map_or(tomorrow, |as_of| as_of.max(tomorrow));
        let mut params = Params::default();
        params.set("tomorrow", Value::Date(tomorrow));
        Self::open(opened, sql, rows, has_amounts, warnings, title, &params).await
    }

    /// Takes the orders of a project's run.
    pub(super) async fn of_project(session: Session, sql: SqlFolder, params: &Params, title: String) -> Result<Self> {
        let text = Self::text(&sql, "value_transactions")?;
        let mut rows = session.frame(session.plan(text, params).await?);
        if rows.schema().field_with_unqualified_name("currency").is_err() {
            rows = rows.with_column("currency", no_text()).map_err(|error| explain_without_sql(&error))?;
        }
        // Its run has cut off what lies ahead.
        let mut params = params.clone();
        params.set("tomorrow", Value::Date(jiff::civil::date(2200, 1, 1)));
        Self::open(Opened::Project(Box::new(session)), sql, rows, true, Vec::new(), title, &params).await
    }

    async fn open(
        session: Opened,
        sql: SqlFolder,
        rows: DataFrame,
        has_amounts: bool,
        mut warnings: Vec<String>,
        title: String,
        params: &Params,
    ) -> Result<Self> {
        let failed = |error| explain_without_sql(&error);
        session.session().context().register_table("transactions", rows.into_view()).map_err(failed)?;
        let span = Lookup { sql: &sql, session: session.session() }.rows("value_span", params).await?;
        let span = span.into_iter().next().unwrap_or_default();
        if count_of(&span, "rows_read") == 0 {
            return Err(Error::new(Kind::Usage, format!("there are no transactions in {title}"))
                .hint("a transaction is a row: who bought, when, and for how much"));
        }
        if text_of(&span, "last_day").is_empty() && count_of(&span, "ahead") > 0 {
            return Err(Error::new(Kind::Usage, format!("all transactions of {title} lie in the future"))
                .hint("`--as-of` names the day before which they count"));
        }
        let (Ok(first_day), Ok(last_day)) = (text_of(&span, "first_day").parse(), text_of(&span, "last_day").parse())
        else {
            return Err(Error::new(Kind::Usage, "no transaction has a date that can be read")
                .hint("say which column it is with `--date` and how it is written with `--date-format`"));
        };
        let rows = count_of(&span, "rows_read");
        if has_amounts && count_of(&span, "currencies") > 1 {
            let currencies = text_of(&span, "named_currencies");
            return Err(Error::new(
                Kind::Usage,
                format!("the amounts of {title} are in several currencies: {currencies}"),
            )
            .hint("amounts in different currencies are never added up: name one with `--currency`"));
        }
        if has_amounts && count_of(&span, "unpriced") == rows {
            return Err(Error::new(Kind::Usage, format!("no amount can be read in {title}"))
                .hint("`--amount` names the column, and `--decimal-mark ,` reads 1.234,56"));
        }
        warnings.extend(left_out(&span));
        let currency =
            Some(text_of(&span, "currency").into_owned()).filter(|currency| has_amounts && !currency.is_empty());
        Ok(Self { session, sql, has_amounts, currency, warnings, title, rows, first_day, last_day })
    }

    /// The day after the last transaction, of those up to today.
    pub(super) fn end(&self) -> Result<Date> {
        shift(self.last_day, 1)
    }

    /// Days from the first transaction to `until`.
    pub(super) fn days_before(&self, until: Date) -> i64 {
        days(self.first_day, until)
    }

    /// The customers who first bought before `as_of`, and what they bought after it, before `until`, by their ids.
    pub(super) async fn buyers(&self, as_of: Date, until: Date) -> Result<Vec<Buyer>> {
        let mut buyers = Vec::new();
        let failed = |error: ArrowError| explain_without_sql(&error.into());
        for batch in self.batches("value_histories", as_of, until).await? {
            let ids = cast(batch.column(0), &DataType::Utf8).map_err(failed)?;
            let numbers: Vec<_> = batch.columns()[1..]
                .iter()
                .map(|column| cast(column, &DataType::Float64).map_err(failed))
                .collect::<Result<_>>()?;
            let number = |column: usize, row| numbers[column].as_primitive::<Float64Type>().value(row);
            for row in 0..batch.num_rows() {
                buyers.push(Buyer {
                    customer_id: ids.as_string::<i32>().value(row).to_owned(),
                    history: History::new(number(0, row), number(1, row), number(2, row))?,
                    mean_spend: (self.has_amounts && numbers[3].is_valid(row)).then(|| number(3, row)),
                    later: number(4, row),
                    later_spend: number(5, row),
                });
            }
        }
        if buyers.is_empty() {
            let error = Error::new(Kind::Usage, format!("nobody bought anything before {as_of}"));
            return Err(error.hint(format!("the transactions are from {} to {}", self.first_day, self.last_day)));
        }
        Ok(buyers)
    }

    /// Days with repeat purchases, counted from the last before `as_of`, and how many purchases each has.
    pub(super) async fn repeats(&self, as_of: Date, until: Date) -> Result<Vec<(f64, u64)>> {
        let mut repeats = Vec::new();
        for batch in self.batches("value_repeats", as_of, until).await? {
            let failed = |error: ArrowError| explain_without_sql(&error.into());
            let numbers = |at: usize| cast(batch.column(at), &DataType::Float64).map_err(failed);
            let (days, purchases) = (numbers(0)?, numbers(1)?);
            let (days, purchases) = (days.as_primitive::<Float64Type>(), purchases.as_primitive::<Float64Type>());
            repeats.extend(days.values().iter().zip(purchases.values()).map(|(day, count)| (*day, *count as u64)));
        }
        Ok(repeats)
    }

    async fn batches(&self, name: &str, as_of: Date, until: Date) -> Result<Vec<RecordBatch>> {
        let mut params = Params::default();
        params.set("as_of", Value::Date(as_of));
        params.set("until", Value::Date(until));
        let lookup = Lookup { sql: &self.sql, session: self.session.session() };
        lookup.batches(Self::text(&self.sql, name)?, &params).await
    }

    fn text<'a>(sql: &'a SqlFolder, name: &str) -> Result<&'a str> {
        let path = format!("lookup/{name}.sql");
        let file = sql.get(&path).ok_or_else(|| Error::new(Kind::Config, format!("`sql/{path}` is missing")))?;
        Ok(&file.text)
    }
}

/// What cannot be used of the transactions.
fn left_out(span: &Row) -> Vec<String> {
    let told = [
        ("anonymous", "transactions have no customer and are left out"),
        ("undated", "transactions have no date that can be read and are left out"),
        ("unpriced", "transactions have no amount that can be read and are left out"),
        ("ahead", "transactions lie in the future and are left out"),
        ("returns", "transactions are below zero: they are returns, and are neither purchases nor taken off the spend"),
    ];
    let told = told.into_iter().map(|(name, what)| (count_of(span, name), what));
    told.filter(|(count, _)| *count > 0).map(|(count, what)| format!("{} {what}", thousands(count))).collect()
}

pub(super) fn days(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

/// A date so many days later, or earlier.
pub(super) fn shift(date: Date, days: i64) -> Result<Date> {
    date.checked_add(days.days()).map_err(|error| Error::new(Kind::Usage, "a date is out of range").source(error))
}

impl Columns {
    /// The columns `customer_id`, `ordered_at`, `amount` and `currency` of a file.
    fn choose(&self, session: &Session, rows: DataFrame) -> Result<Chosen> {
        let failed = |error| explain_without_sql(&error);
        let schema = Arc::clone(rows.schema().inner());
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        let find = |given: &Option<String>, usual: &[&str]| -> Result<Option<&str>> {
            match given {
                Some(given) => names().find(|name| name == given).map(Some).ok_or_else(|| missing(given, names())),
                None => Ok(usual.iter().find_map(|usual| names().find(|name| bare(name) == *usual))),
            }
        };
        let customer = find(&self.customer, &CUSTOMER)?.ok_or_else(|| unknown("customer", names()))?;
        let date = find(&self.date, &DATE)?.ok_or_else(|| unknown("date", names()))?;
        let whole = find(&self.amount, &AMOUNT)?;
        let amount = whole.map_or_else(|| find(&None, &PRICE), |whole| Ok(Some(whole)))?;
        // A whole amount is not multiplied, unless somebody says so.
        let is_price = amount.is_some_and(|amount| PRICE.contains(&bare(amount).as_str()));
        let quantity = find(&self.quantity, if is_price { &QUANTITY } else { &[] })?;
        if let (None, Some(quantity)) = (amount, quantity) {
            let message = format!("no column says what one costs, of which `{quantity}` says how many");
            return Err(Error::new(Kind::Usage, message).hint("name it with `--amount`"));
        }
        let currency = find(&None, &CURRENCY)?;
        let kind = |name: &str| schema.field_with_name(name).map(|field| field.data_type().clone());
        let is_text = |name: &str| {
            kind(name).is_ok_and(|kind| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View))
        };
        let column = |name: &str| Expr::Column(Column::from_name(name));
        let call = |function: &str, arguments: Vec<Expr>| {
            session.context().udf(function).map(|function| function.call(arguments)).map_err(failed)
        };
        let at = if is_text(date) {
            let format = self.date_format.as_ref().map(|format| lit(format.as_str()));
            call("parse_timestamp", [column(date), lit("UTC")].into_iter().chain(format).collect())?
        } else {
            cast_expr(column(date), DataType::Timestamp(TimeUnit::Microsecond, None))
        };
        let number = |name: &str| match is_text(name) {
            true => call("parse_decimal", vec![column(name), lit(self.decimal_mark.as_str())]),
            false => Ok(column(name)),
        };
        let worth = match (amount, quantity) {
            (None, _) => lit(0),
            (Some(amount), None) => number(amount)?,
            (Some(amount), Some(quantity)) => {
                let [one, many] = [number(amount)?, number(quantity)?].map(|of| try_cast(of, DataType::Float64));
                // What is below zero in both is still a return.
                let is_return = many.clone().lt(lit(0)).and(one.clone().lt(lit(0)));
                let product = one * many;
                let returned = when(is_return, -product.clone()).otherwise(product);
                returned.map_err(failed)?
            }
        };
        let paid_in = match currency {
            Some(currency) => {
                let trimmed =
                    call("btrim", vec![call("upper", vec![cast_expr(column(currency), DataType::Utf8View)])?])?;
                call("nullif", vec![trimmed, lit("")])?
            }
            None if self.currency.is_some() => return Err(unknown("currency", names())),
            None => no_text(),
        };
        let who = cast_expr(column(customer), DataType::Utf8View);
        let chosen = vec![
            who.alias("customer_id"),
            at.alias("ordered_at"),
            try_cast(worth, MONEY).alias("amount"),
            cast_expr(paid_in, DataType::Utf8View).alias("currency"),
        ];
        let is_product = amount.zip(quantity).map(|(amount, quantity)| [quantity, amount].map(ToOwned::to_owned));
        let rows = rows.select(chosen).map_err(failed)?;
        Ok(Chosen { rows, has_amounts: amount.is_some(), is_product })
    }

    /// The rows in the currency that is asked for, if one is.
    async fn in_currency(&self, rows: DataFrame, title: &str, warnings: &mut Vec<String>) -> Result<DataFrame> {
        let Some(code) = &self.currency else { return Ok(rows) };
        let failed = |error| explain_without_sql(&error);
        let is_asked = ident("currency").eq(lit(code.trim().to_uppercase()));
        let others =
            rows.clone().filter(is_asked.clone().is_not_true()).map_err(failed)?.count().await.map_err(failed)?;
        let own = rows.filter(is_asked).map_err(failed)?;
        if others > 0 && own.clone().count().await.map_err(failed)? == 0 {
            let message = format!("no transaction of {title} is in `{}`", code.escape_debug());
            return Err(Error::new(Kind::Usage, message).hint("without `--currency` it is told which there are"));
        }
        if others > 0 {
            warnings.push(format!(
                "{} transactions are in other currencies, or in none, and are left out",
                thousands(others as u64)
            ));
        }
        Ok(own)
    }
}

/// A text that nobody knows.
fn no_text() -> Expr {
    cast_expr(lit(ScalarValue::Utf8View(None)), DataType::Utf8View)
}

/// What is made of the columns of a file.
struct Chosen {
    rows: DataFrame,
    has_amounts: bool,
    /// The columns of which the amount is the product, if it is one.
    is_product: Option<[String; 2]>,
}

const MONEY: DataType = DataType::Decimal128(28, 6);

/// A name without case and signs: `Customer ID` is `customerid`.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn unknown<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let names: Vec<String> = names.map(|name| format!("`{}`", name.escape_debug())).collect();
    Error::new(Kind::Usage, format!("no column looks like the {what}"))
        .hint(format!("name it with `--{what}`; the columns are {}", names.join(", ")))
}
