//! Addresses that are made of their owner's name.

use super::{How, Prepared, clean};
use crate::identity::dictionary::{Dictionary, NONE};
use crate::names;
use crate::parallel;

/// Records whose addresses are taken apart at a time.
const ROWS: usize = 1 << 20;

impl Prepared {
    /// Finds addresses that are made of their owner's name: between people of one name these say little.
    pub(super) fn email_templates(&mut self, threads: usize) {
        self.templates = vec![NONE; self.records];
        self.email_digits = vec![NONE; self.records];
        let mut digits = Dictionary::new();
        self.template_share = vec![0.0];
        let Some(email) = self.comparisons.iter().find(|comparison| comparison.how == How::Email) else { return };
        let text = |at: Option<usize>, row: usize| {
            at.map_or("", |at| {
                let comparison = &self.comparisons[at];
                names::bare(std::str::from_utf8(&comparison.texts[comparison.values[row] as usize]).unwrap_or(""))
            })
        };
        let mut dictionary = Dictionary::new();
        let mut counts = vec![0u32];
        let mut filled = 0u32;
        let taken_apart = |row: usize| {
            let address = email.parts(&email.values[row])[0];
            let address = std::str::from_utf8(&email.texts[address as usize]).unwrap_or("");
            let (local, domain) = address.split_once('@')?;
            let number: Vec<u8> = local.bytes().filter(u8::is_ascii_digit).collect();
            Some((number, clean::template(local, domain, text(self.given, row), text(self.family, row))))
        };
        for start in (0..self.records).step_by(ROWS) {
            let rows = ROWS.min(self.records - start);
            let pieces = parallel::map(threads, rows, 4096, |range| {
                range.map(|row| taken_apart(start + row)).collect::<Vec<_>>()
            });
            for (row, parts) in (start..).zip(pieces.into_iter().flatten()) {
                let Some((number, template)) = parts else { continue };
                filled += 1;
                self.email_digits[row] = digits.number(&number);
                let number = dictionary.number(template.as_bytes());
                counts.resize(dictionary.len(), 0);
                counts[number as usize] += u32::from(number != NONE);
                self.templates[row] = number;
            }
        }
        self.template_share = counts.iter().map(|&count| count as f32 / filled.max(1) as f32).collect();
    }
}
