//! Whole days between two dates or timestamps.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array};
use datafusion::arrow::compute::binary;
use datafusion::arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;

use super::FunctionDoc;
use super::scalar::{Scalar, Takes};

pub(super) static DAYS_BETWEEN: Scalar = Scalar {
    doc: FunctionDoc {
        name: "days_between",
        signature: "days_between(from, to)",
        returns: "BIGINT",
        summary: "How many whole days `to` is after `from`, rounded down; negative if it is before. Takes DATE and \
                  TIMESTAMP in any mix; a date is its midnight in UTC.",
        example: "days_between(DATE '2024-02-28', TIMESTAMP '2024-03-01 23:00:00')",
        example_result: "2",
    },
    takes: &[Takes::Moment, Takes::Moment],
    more: None,
    returns: DataType::Int64,
    check: None,
    kernel: |args, rows| {
        let days: Int64Array = if args.iter().all(|arg| arg.data_type() == DataType::Date32) {
            let (from, to) = (args[0].to_array(rows)?, args[1].to_array(rows)?);
            binary(from.as_primitive::<Date32Type>(), to.as_primitive::<Date32Type>(), |from, to| {
                i64::from(to) - i64::from(from)
            })?
        } else {
            let (from, to) = (micros(&args[0], rows)?, micros(&args[1], rows)?);
            binary(&from, &to, |from, to| (i128::from(to) - i128::from(from)).div_euclid(MICROS_PER_DAY.into()) as i64)?
        };
        Ok(Arc::new(days) as ArrayRef)
    },
};

const MICROS_PER_DAY: i64 = 86_400_000_000;

fn micros(value: &ColumnarValue, rows: usize) -> Result<Int64Array> {
    let array = value.to_array(rows)?;
    Ok(match array.data_type() {
        DataType::Date32 => array.as_primitive::<Date32Type>().unary(|days| i64::from(days) * MICROS_PER_DAY),
        _ => array.as_primitive::<TimestampMicrosecondType>().reinterpret_cast(),
    })
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::Int64Type;
    use datafusion::common::ScalarValue;

    use super::*;

    fn days(from: ScalarValue, to: ScalarValue) -> Option<i64> {
        let days = (DAYS_BETWEEN.kernel)(&[from.into(), to.into()], 1).unwrap();
        days.as_primitive::<Int64Type>().iter().next().unwrap()
    }

    #[test]
    fn rounded_down() {
        let date = |day| ScalarValue::Date32(Some(day));
        let hour = |hour: i64| ScalarValue::TimestampMicrosecond(Some(hour * 3_600_000_000), None);
        assert_eq!(days(date(10), date(12)), Some(2));
        assert_eq!(days(date(12), date(10)), Some(-2));
        assert_eq!(days(hour(0), hour(47)), Some(1));
        assert_eq!(days(hour(1), hour(0)), Some(-1));
        assert_eq!(days(date(0), hour(25)), Some(1));
        assert_eq!(days(hour(25), date(0)), Some(-2));
        assert_eq!(days(ScalarValue::Date32(None), date(0)), None);
        assert_eq!(days(date(i32::MIN), date(i32::MAX)), Some(4_294_967_295));
    }
}
