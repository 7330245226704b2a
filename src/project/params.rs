//! The values of the `$parameters` in stage files: built-in defaults, `[params]` of the project, then the command line.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

use crate::error::{Error, Kind, Result, nearest};

/// The parameter that bounds a run in time: what happened on this date or later does not count.
pub const AS_OF: &str = "as_of";

/// The defaults, with a comment on each.
const DEFAULTS: &str = include_str!("../../sql/params.toml");

/// A parameter's value. Its kind is its SQL type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `BIGINT`.
    Integer(i64),
    /// `DOUBLE`.
    Number(f64),
    /// `VARCHAR`.
    Text(String),
    /// `BOOLEAN`.
    Boolean(bool),
    /// `DATE`.
    Date(Date),
}

/// Parameters by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(BTreeMap<String, Value>);

impl Params {
    /// The defaults, overlaid with a project's `[params]`.
    ///
    /// # Errors
    /// `Config` when a value is a table, a list or no finite number, or is of another type than the default.
    pub fn new(own: &BTreeMap<String, toml::Value>) -> Result<Self> {
        let defaults: BTreeMap<String, toml::Value> = toml::from_str(DEFAULTS)
            .map_err(|error| Error::new(Kind::Internal, "`sql/params.toml` is wrong").source(error))?;
        let mut params = Self::default();
        for (name, value) in defaults.iter().chain(own) {
            let value = Value::from_toml(name, value)?;
            if let Some(default) = params.0.get(name)
                && std::mem::discriminant(default) != std::mem::discriminant(&value)
            {
                let message = format!("parameter `{name}` must be {}, not {}", default.sql_type(), value.sql_type());
                return Err(Error::new(Kind::Config, message).hint(format!("its default is {default}")));
            }
            if let (Some(Value::Integer(0..)), Value::Integer(..0)) = (params.0.get(name), &value) {
                let message = format!("parameter `{name}` must not be negative, and is {value}");
                return Err(Error::new(Kind::Config, message));
            }
            params.0.insert(name.clone(), value);
        }
        Ok(params)
    }

    /// The parameters of a run, as its manifest keeps them: SQL literals. What is no literal of ours is left out.
    pub fn of_run(literals: &BTreeMap<String, String>) -> Self {
        let value = |(name, literal): (&String, &String)| Some((name.clone(), Value::from_literal(literal)?));
        Self(literals.iter().filter_map(value).collect())
    }

    /// Sets `name` to `value`, as the command line does with `as_of`.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// The value of `name`, if it has one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The name of the parameter that SQL writes so: `as_of` of `$as_of`.
    ///
    /// # Errors
    /// `Config` when it is written otherwise, as `:as_of` or `?`.
    pub fn name_of(written: &str) -> Result<&str> {
        written.strip_prefix('$').ok_or_else(|| {
            Error::new(Kind::Config, format!("`{}` is no parameter", written.escape_debug()))
                .hint("a parameter is written `$name`, such as `$as_of`")
        })
    }

    /// The value of `name`, which the stage `stage` uses.
    ///
    /// # Errors
    /// `Config` with the nearest name when there is none.
    pub fn require(&self, name: &str, stage: &str) -> Result<&Value> {
        self.get(name).ok_or_else(|| {
            let error = Error::new(Kind::Config, format!("parameter `${name}` has no value")).with("stage", stage);
            match nearest(name, self.0.keys().map(String::as_str)) {
                Some(near) => {
                    error.hint(format!("did you mean `${near}`? or set `{name}` under `[params]` of onefold.toml"))
                }
                None => error.hint(format!("set `{name}` under `[params]` of onefold.toml")),
            }
        })
    }

    /// All parameters in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl Value {
    fn from_toml(name: &str, value: &toml::Value) -> Result<Self> {
        match value {
            toml::Value::Integer(value) => Ok(Self::Integer(*value)),
            toml::Value::Float(value) if value.is_finite() => Ok(Self::Number(*value)),
            toml::Value::Float(value) => Err(Error::new(Kind::Config, format!("parameter `{name}` is {value}"))
                .hint("SQL cannot write it; give it a number, or leave the bound out of the stage")),
            toml::Value::String(value) => Ok(Self::Text(value.clone())),
            toml::Value::Boolean(value) => Ok(Self::Boolean(*value)),
            toml::Value::Datetime(value) => value.to_string().parse().map(Self::Date).map_err(|error: jiff::Error| {
                Error::new(Kind::Config, format!("parameter `{name}` is not a date"))
                    .source(error)
                    .hint("write it as 2026-06-30")
            }),
            toml::Value::Array(_) | toml::Value::Table(_) => {
                Err(Error::new(Kind::Config, format!("parameter `{name}` is a list or a table"))
                    .hint("give it a single value"))
            }
        }
    }

    /// The value of a literal that [`fmt::Display`] has written.
    fn from_literal(literal: &str) -> Option<Self> {
        let quoted = |text: &str| Some(text.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'"));
        if let Some(date) = literal.strip_prefix("DATE ") {
            return quoted(date)?.parse().ok().map(Self::Date);
        }
        let number = || literal.parse().ok().map(Self::Integer).or_else(|| literal.parse().ok().map(Self::Number));
        quoted(literal).map(Self::Text).or_else(|| literal.parse().ok().map(Self::Boolean)).or_else(number)
    }

    fn sql_type(&self) -> &'static str {
        match self {
            Self::Integer(_) => "BIGINT",
            Self::Number(_) => "DOUBLE",
            Self::Text(_) => "VARCHAR",
            Self::Boolean(_) => "BOOLEAN",
            Self::Date(_) => "DATE",
        }
    }
}

/// The value as a SQL literal.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value:?}"),
            Self::Text(value) => write!(f, "'{}'", value.replace('\'', "''")),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Date(value) => write!(f, "DATE '{value}'"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_value_of_another_type_is_refused() {
        let own = toml::from_str("lapsed_days = \"many\"").expect("valid TOML");
        let error = Params::new(&own).expect_err("a text");
        assert_eq!(error.message(), "parameter `lapsed_days` must be BIGINT, not VARCHAR");
    }

    #[test]
    fn a_negative_number_of_days_is_refused() {
        let own = toml::from_str("lapsed_days = -5").expect("valid TOML");
        let error = Params::new(&own).expect_err("negative");
        assert_eq!(error.message(), "parameter `lapsed_days` must not be negative, and is -5");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (text, shown) in [("nan", "NaN"), ("inf", "inf"), ("-inf", "-inf")] {
            let own = toml::from_str(&format!("least = {text}")).expect("valid TOML");
            let error = Params::new(&own).expect_err("no number");
            assert_eq!(
                (error.kind(), error.message()),
                (Kind::Config, format!("parameter `least` is {shown}").as_str())
            );
        }
    }

    #[test]
    fn a_manifest_keeps_values_and_their_types() {
        let date = Value::Date(jiff::civil::date(2026, 6, 30));
        let values = [Value::Integer(7), Value::Number(7.0), Value::Text("it's".into()), Value::Boolean(true), date];
        for value in values {
            let literals = BTreeMap::from([("x".to_owned(), value.to_string())]);
            assert_eq!(Params::of_run(&literals).get("x"), Some(&value));
        }
    }

    #[test]
    fn a_missing_value_names_the_nearest() {
        let params = Params::new(&BTreeMap::new()).expect("defaults are right");
        assert_eq!(Params::name_of("$as_of").expect("one"), "as_of");
        for other in [":as_of", "?", ": as of"] {
            let error = Params::name_of(other).expect_err("none").to_string();
            assert!(error.contains("a parameter is written `$name`"), "{error}");
        }
        let error = params.require("lapsd_days", "rfm.scores").expect_err("a slip");
        assert!(error.hint_text().is_some_and(|hint| hint.contains("`$lapsed_days`")), "{error}");
    }
}
