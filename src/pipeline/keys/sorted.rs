//! The keys of a table whose rows come in their order: equal ones are neighbours.

use datafusion::arrow::array::ArrayRef;
use datafusion::arrow::compute::{concat, partition};
use datafusion::arrow::error::ArrowError;

use crate::engine::explain_without_sql;
use crate::error::Result;

/// Looks at each key beside the one before it.
#[derive(Default)]
pub(in crate::pipeline) struct SortedKeys {
    /// The last key of the batch before.
    last: Option<Vec<ArrayRef>>,
    have_equals: bool,
}

impl SortedKeys {
    /// Takes the keys of `rows` rows, column by column. Without columns there is no key.
    pub(super) fn add(&mut self, key: &[ArrayRef], rows: usize) -> Result<()> {
        if key.is_empty() || rows == 0 || self.have_equals {
            return Ok(());
        }
        let found = self.finds_equals(key, rows).map_err(|error| explain_without_sql(&error.into()))?;
        self.have_equals = found;
        self.last = Some(key.iter().map(|column| column.slice(rows - 1, 1)).collect());
        Ok(())
    }

    fn finds_equals(&self, key: &[ArrayRef], rows: usize) -> std::result::Result<bool, ArrowError> {
        if let Some(last) = &self.last {
            let border = last.iter().zip(key).map(|(last, column)| concat(&[last, &column.slice(0, 1)]));
            if partition(&border.collect::<std::result::Result<Vec<_>, _>>()?)?.len() < 2 {
                return Ok(true);
            }
        }
        Ok(partition(key)?.len() < rows)
    }

    /// Whether a key came twice.
    pub(super) fn have_equals(&self) -> bool {
        self.have_equals
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{Int64Array, StringViewArray};

    use super::*;

    /// Whether keys of a text and a number, a batch at a time, have equals.
    fn have_equals(batches: &[&[(Option<&str>, i64)]]) -> bool {
        let mut keys = SortedKeys::default();
        for batch in batches {
            let texts: StringViewArray = batch.iter().map(|(text, _)| *text).collect();
            let numbers = Int64Array::from_iter_values(batch.iter().map(|(_, number)| *number));
            keys.add(&[Arc::new(texts), Arc::new(numbers)], batch.len()).expect("keys");
        }
        keys.have_equals()
    }

    #[test]
    fn a_key_that_comes_again_is_seen_within_a_batch_and_across_two() {
        let (a, b) = (Some("a"), Some("b"));
        assert!(!have_equals(&[&[(a, 1), (a, 2), (b, 2)], &[], &[(b, 3)]]));
        assert!(have_equals(&[&[(a, 1), (b, 2), (b, 2)], &[(b, 3)]]));
        assert!(have_equals(&[&[(a, 1), (b, 2)], &[], &[(b, 2), (b, 3)]]));
        assert!(have_equals(&[&[(None, 1), (None, 1)]]), "a null is a value of a key");
        assert!(have_equals(&[&[(a, 1), (a, 1)], &[(b, 3)]]), "what was seen is not forgotten");
    }
}
