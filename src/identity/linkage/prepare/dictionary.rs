//! The distinct values of a column: cleaned once, numbered from 1 in order of first appearance.

use rustc_hash::FxHashMap;

/// No value.
pub(crate) const NONE: u32 = 0;

/// Distinct values and how many records hold each; index 0 stands for no value.
#[derive(Default)]
pub(crate) struct Dictionary {
    known: FxHashMap<Box<[u8]>, u32>,
    /// Per value: its bytes.
    pub(crate) texts: Vec<Box<[u8]>>,
}

impl Dictionary {
    pub(crate) fn new() -> Self {
        Self { known: FxHashMap::default(), texts: vec![Box::default()] }
    }

    /// The number of a value; an empty one is none.
    pub(crate) fn number(&mut self, text: &[u8]) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        if let Some(&number) = self.known.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.known.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}
