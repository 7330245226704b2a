//! The shape that our scalar functions share: a static description with a kernel, and the adapter that makes it a
//! DataFusion function. A kernel sees its arguments as [`Text`] or arrays and never a query plan.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, LargeStringArray, StringArray, StringViewArray, StringViewBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, DocSection, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::FunctionDoc;
use super::learn::{are_traits, is_model};

/// A scalar function.
pub(super) struct Scalar {
    pub(super) doc: FunctionDoc,
    /// One per argument that must be there.
    pub(super) takes: &'static [Takes],
    /// What further arguments may follow, any number of them.
    pub(super) more: Option<Takes>,
    pub(super) returns: DataType,
    /// Looks at the arguments that are literals (`None`: not a literal) while the query is planned, so that a wrong use
    /// is an error there and not after an hour.
    pub(super) check: Option<Check>,
    /// Computes `rows` rows. Scalar arguments stay scalars; if all are, `rows` is 1.
    pub(super) kernel: fn(&[ColumnarValue], usize) -> Result<ArrayRef>,
}

/// See [`Scalar::check`].
pub(super) type Check = fn(&[Option<&ScalarValue>]) -> Result<()>;

/// What an argument may be. A dictionary stands for its values, NULL for a null of any kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// A string of any representation, or an integer, which is taken as its digits.
    Text,
    /// An integer, or text.
    Integer,
    /// A date or a timestamp; text is cast to a timestamp.
    Moment,
    /// A number of any kind, as DOUBLE.
    Number,
    /// A STRUCT that has at least these fields: a fitted model.
    Model(&'static [&'static str]),
    /// A STRUCT with a LIST of this name of STRUCTs that have a `trait` and at least these numbers: a learnt model.
    Learnt(&'static str, &'static [&'static str]),
    /// A STRUCT of numbers by their names.
    Traits,
}

impl Takes {
    /// The type to which DataFusion casts an argument of type `given`, or `None` if it does not fit.
    fn coerce(self, given: &DataType) -> Option<DataType> {
        use DataType::{
            Date32, Date64, Dictionary, Float64, Int64, LargeUtf8, Null, Struct, Timestamp, Utf8, Utf8View,
        };
        match (self, given) {
            (_, Dictionary(_, value)) => self.coerce(value),
            (Self::Text | Self::Integer, Utf8 | LargeUtf8 | Utf8View) => Some(given.clone()),
            (Self::Text, Null) => Some(Utf8View),
            (Self::Text, integer) if integer.is_integer() => Some(Utf8View),
            (Self::Integer, Null) => Some(Int64),
            (Self::Integer, integer) if integer.is_integer() => Some(Int64),
            (Self::Moment, Date32 | Date64) => Some(Date32),
            (Self::Moment, Timestamp(_, zone)) => Some(Timestamp(TimeUnit::Microsecond, zone.clone())),
            (Self::Moment, Null | Utf8 | LargeUtf8 | Utf8View) => Some(Timestamp(TimeUnit::Microsecond, None)),
            (Self::Number, Null) => Some(Float64),
            (Self::Number, number) if number.is_numeric() => Some(Float64),
            (Self::Model(_) | Self::Learnt(..) | Self::Traits, Null) => Some(Null),
            (Self::Model(names), Struct(fields)) => {
                let is_there = |name: &&str| fields.find(name).is_some_and(|(_, field)| field.data_type().is_numeric());
                names.iter().all(is_there).then(|| given.clone())
            }
            (Self::Learnt(list, numbers), given) => is_model(given, list, numbers).then(|| given.clone()),
            (Self::Traits, given) => are_traits(given).then(|| given.clone()),
            _ => None,
        }
    }
}

/// DataFusion's form of `scalar`.
pub(super) fn function(scalar: &'static Scalar) -> ScalarUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    ScalarUDF::new_from_impl(Function { scalar, signature, documentation: documentation(&scalar.doc) })
}

/// DataFusion's form of `doc`, shown by `SHOW FUNCTIONS` and `information_schema`.
pub(super) fn documentation(doc: &FunctionDoc) -> Documentation {
    let section = DocSection { include: true, label: "Onefold", description: None };
    Documentation::builder(section, doc.summary, doc.signature)
        .with_sql_example(format!("{}\n-- {}", doc.example, doc.example_result))
        .build()
}

#[derive(Debug)]
struct Function {
    scalar: &'static Scalar,
    signature: Signature,
    documentation: Documentation,
}

impl std::fmt::Debug for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.doc.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.scalar.doc.name == other.scalar.doc.name
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.scalar.doc.name.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.scalar.doc.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let Scalar { doc, takes, more, .. } = self.scalar;
        let count_fits = given.len() >= takes.len() && (given.len() == takes.len() || more.is_some());
        let wanted = takes.iter().chain(more.iter().cycle());
        let coerced: Option<Vec<_>> = given.iter().zip(wanted).map(|(given, takes)| takes.coerce(given)).collect();
        match coerced {
            Some(types) if count_fits => Ok(types),
            _ => {
                let given: Vec<_> = given.iter().map(ToString::to_string).collect();
                plan_err!("`{}` is called as `{}`, not with ({})", doc.name, doc.signature, given.join(", "))
            }
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.scalar.returns.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        if let Some(check) = self.scalar.check {
            check(args.scalar_arguments)?;
        }
        Ok(Arc::new(Field::new(self.name(), self.scalar.returns.clone(), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_scalar = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if all_scalar { 1 } else { args.number_rows };
        let array = (self.scalar.kernel)(&args.args, rows)?;
        Ok(if all_scalar {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?)
        } else {
            ColumnarValue::Array(array)
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}

/// A text argument: one value for all rows, or a column.
pub(super) enum Text<'a> {
    Scalar(Option<&'a str>),
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
}

impl<'a> Text<'a> {
    pub(super) fn of(value: &'a ColumnarValue) -> Result<Self> {
        match value {
            ColumnarValue::Scalar(ScalarValue::Null) => Ok(Self::Scalar(None)),
            ColumnarValue::Scalar(scalar) => {
                let Some(text) = scalar.try_as_str() else {
                    return exec_err!("expected text, got {}", scalar.data_type());
                };
                Ok(Self::Scalar(text))
            }
            ColumnarValue::Array(array) => match array.data_type() {
                DataType::Utf8 => Ok(Self::Utf8(array.as_string())),
                DataType::LargeUtf8 => Ok(Self::LargeUtf8(array.as_string())),
                DataType::Utf8View => Ok(Self::Utf8View(array.as_string_view())),
                other => exec_err!("expected text, got {other}"),
            },
        }
    }

    /// The text of a row, or `None` for NULL.
    #[inline]
    pub(super) fn get(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Scalar(text) => *text,
            Self::Utf8(array) => array.is_valid(row).then(|| array.value(row)),
            Self::LargeUtf8(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Utf8View(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}

/// Text to text, row by row: `write` appends the result to an empty string and says `Some`, or says `None` for NULL.
pub(super) fn text_to_text<'a>(
    texts: &Text<'a>,
    rows: usize,
    mut write: impl FnMut(usize, &'a str, &mut String) -> Option<()>,
) -> ArrayRef {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut scratch = String::new();
    for row in 0..rows {
        scratch.clear();
        let written = texts.get(row).and_then(|text| write(row, text, &mut scratch));
        builder.append_option(written.map(|()| scratch.as_str()));
    }
    Arc::new(builder.finish())
}

/// The literal or parameter that must be the same for all rows, such as a format.
pub(super) fn constant<'a>(value: &'a ColumnarValue, what: &str) -> Result<Option<&'a str>> {
    let Text::Scalar(text) = Text::of(value)? else {
        return exec_err!("{what} must be a literal, the same for all rows");
    };
    Ok(text)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Runs `scalar` on text columns in each of the three representations and as scalars, and returns the column, which
    /// must be the same in all of them.
    pub(crate) fn run(scalar: &'static Scalar, rows: &[&[Option<&str>]]) -> ArrayRef {
        let columns = |as_type: &DataType| -> Vec<ColumnarValue> {
            (0..rows[0].len())
                .map(|at| {
                    let column: StringArray = rows.iter().map(|row| row[at]).collect();
                    ColumnarValue::Array(datafusion::arrow::compute::cast(&column, as_type).unwrap())
                })
                .collect()
        };
        let utf8 = (scalar.kernel)(&columns(&DataType::Utf8), rows.len()).unwrap();
        for other in [DataType::LargeUtf8, DataType::Utf8View] {
            assert_eq!(&utf8, &(scalar.kernel)(&columns(&other), rows.len()).unwrap(), "{other}");
        }
        for (at, row) in rows.iter().enumerate() {
            let row: Vec<_> =
                row.iter().map(|text| ColumnarValue::Scalar(ScalarValue::Utf8(text.map(str::to_owned)))).collect();
            assert_eq!(utf8.slice(at, 1).as_ref(), (scalar.kernel)(&row, 1).unwrap().as_ref());
        }
        utf8
    }

    /// Checks a text function of one argument against a table of (input, expected).
    pub(crate) fn check_text(scalar: &'static Scalar, cases: &[(&str, Option<&str>)]) {
        let inputs: Vec<_> = cases.iter().map(|(input, _)| [Some(*input)]).collect();
        let rows: Vec<&[_]> = inputs.iter().map(<[_; 1]>::as_slice).collect();
        let output = run(scalar, &rows);
        for (row, (input, expected)) in cases.iter().enumerate() {
            let got = output.as_string_view().is_valid(row).then(|| output.as_string_view().value(row));
            assert_eq!(got, *expected, "{input:?}");
        }
    }

    #[test]
    fn null_in_null_out() {
        let output = run(&super::super::fold::FOLD_NAME, &[&[Some("Ana")], &[None]]);
        assert!(output.is_valid(0) && output.is_null(1));
    }
}
