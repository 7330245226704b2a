//! Dates from legacy texts, by formats in declared order.

use std::borrow::Cow;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Date32Builder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::ColumnarValue;
use unicode_normalization::UnicodeNormalization;

use super::FunctionDoc;
use super::scalar::{Scalar, Takes, Text, constant};
use super::strptime::{Format, Moment};

pub(super) static PARSE_DATE: Scalar = Scalar {
    doc: FunctionDoc {
        name: "parse_date",
        signature: "parse_date(text, format, …)",
        returns: "DATE",
        summary: "The date that the first fitting strptime format reads from the whole text, in the order given: write \
                  '%d/%m/%Y' or '%m/%d/%Y' as the source means it, nothing is guessed. Knows %Y (four digits) %y %m %b \
                  %B %d %e %j %H %I %M %S %f %.f %p %z %a %A %F %T %R %D; a time is read and dropped. NULL if none \
                  fits or the day does not exist.",
        example: "parse_date('3.4.2024', '%Y-%m-%d', '%d.%m.%Y')",
        example_result: "2024-04-03",
    },
    takes: &[Takes::Text, Takes::Text],
    more: Some(Takes::Text),
    returns: DataType::Date32,
    check: Some(|literals| check_formats(literals.get(1..).unwrap_or_default())),
    kernel: |args, rows| {
        let texts = Text::of(&args[0])?;
        let formats = compile(&args[1..])?;
        let mut builder = Date32Builder::with_capacity(rows);
        for row in 0..rows {
            let moment = texts.get(row).and_then(|text| parse(&narrow(text), &formats));
            builder.append_option(moment.map(|moment| moment.date.days_since_epoch()));
        }
        Ok(Arc::new(builder.finish()) as ArrayRef)
    },
};

/// What the first fitting format reads.
pub(super) fn parse(text: &str, formats: &[Format]) -> Option<Moment> {
    formats.iter().find_map(|format| format.parse(text))
}

/// `text` without white space around it and with full-width digits as ASCII.
pub(super) fn narrow(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { text.trim().into() } else { text.nfkc().collect::<String>().trim().to_owned().into() }
}

/// Whether the formats that are literals can be compiled.
pub(super) fn check_formats(literals: &[Option<&ScalarValue>]) -> Result<()> {
    for format in literals.iter().flatten().filter_map(|literal| literal.try_as_str().flatten()) {
        if let Err(reason) = Format::compile(format) {
            return plan_err!("{reason}");
        }
    }
    Ok(())
}

/// The compiled formats; a NULL format fits nothing.
pub(super) fn compile(formats: &[ColumnarValue]) -> Result<Vec<Format>> {
    let mut compiled = Vec::with_capacity(formats.len());
    for format in formats {
        if let Some(format) = constant(format, "a format")? {
            match Format::compile(format) {
                Ok(format) => compiled.push(format),
                Err(reason) => return exec_err!("{reason}"),
            }
        }
    }
    Ok(compiled)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Array, AsArray};
    use datafusion::arrow::datatypes::Date32Type;
    use proptest::prelude::*;

    use super::*;

    fn parse_date(text: &str, formats: &[&str]) -> Option<String> {
        let args: Vec<_> =
            std::iter::once(&text).chain(formats).map(|text| ColumnarValue::from(ScalarValue::from(*text))).collect();
        let dates = (PARSE_DATE.kernel)(&args, 1).unwrap();
        dates
            .is_valid(0)
            .then(|| Date32Type::to_naive_date_opt(dates.as_primitive::<Date32Type>().value(0)).unwrap().to_string())
    }

    #[test]
    fn declared_order_decides() {
        assert_eq!(parse_date("03/04/2024", &["%d/%m/%Y", "%m/%d/%Y"]).as_deref(), Some("2024-04-03"));
        assert_eq!(parse_date("03/04/2024", &["%m/%d/%Y", "%d/%m/%Y"]).as_deref(), Some("2024-03-04"));
        assert_eq!(parse_date("13/04/2024", &["%m/%d/%Y", "%d/%m/%Y"]).as_deref(), Some("2024-04-13"));
        assert_eq!(parse_date("13/04/2024", &["%m/%d/%Y"]), None);
    }

    #[test]
    fn legacy_texts() {
        assert_eq!(parse_date(" 31.12.1999 ", &["%d.%m.%Y"]).as_deref(), Some("1999-12-31"));
        assert_eq!(parse_date("２０２４年３月１日", &["%Y年%m月%d日"]).as_deref(), Some("2024-03-01"));
        assert_eq!(parse_date("2024-03-01 00:00:00.000", &["%Y-%m-%d", "%F %T%.f"]).as_deref(), Some("2024-03-01"));
        assert_eq!(parse_date("0000-00-00", &["%Y-%m-%d"]), None);
        assert_eq!(parse_date("29.02.2023", &["%d.%m.%Y"]), None);
        assert_eq!(parse_date("", &["%Y-%m-%d"]), None);
    }

    proptest! {
        #[test]
        fn reads_what_was_written(days in -719_162..2_932_896_i32, format in 0..6_usize) {
            let format = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d %B %Y"][format];
            let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let text = date.strftime(format).to_string();
            let moment = parse(&text, &[Format::compile(format).unwrap()]).unwrap();
            prop_assert_eq!(moment.date.days_since_epoch(), days);
        }
    }
}
