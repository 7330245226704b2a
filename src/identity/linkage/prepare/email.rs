//! Addresses that are made of their owner's name.

use super::{How, Prepared, clean};
use crate::identity::dictionary::{Dictionary, NONE};
use crate::names;
use crate::parallel;

/// Records whose addresses are taken apart at a time.
const ROWS: usize = 1 << 20;

impl Prepared {
    /// Finds addresses that are made of their owner's name: between people of one name these say little.
    pub(super) fn take_emails_apart(&mut self, threads: usize) {
        self.templates = vec![NONE; self.records];
        self.email_digits = vec![NONE; self.records];
        self.template_share = vec![0.0];
        let (mut digits, mut templates) = (Dictionary::new(), Dictionary::new());
        let Some(email) = self.comparisons.iter().find(|comparison| comparison.how == How::Email) else { return };
        let text = |at: Option<usize>, row: usize| {
            at.map_or("", |at| {
                let comparison = &self.comparisons[at];
                names::bare(std::str::from_utf8(&comparison.texts[comparison.values[row] as usize]).unwrap_or(""))
            })
        };
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
                self.email_digits[row] = digits.number(&number);
                self.templates[row] = templates.number(template.as_bytes());
            }
        }
        self.template_texts = templates.texts;
    }

    /// Counts how many of the addresses are made so.
    pub(super) fn count_templates(&mut self) {
        let Some(email) = self.comparisons.iter().find(|comparison| comparison.how == How::Email) else { return };
        let filled = email.values.iter().filter(|&&value| value != NONE).count();
        let mut counts = vec![0u32; self.template_texts.len()];
        self.templates.iter().for_each(|&template| counts[template as usize] += 1);
        counts[NONE as usize] = 0;
        self.template_share = counts.iter().map(|&count| count as f32 / filled.max(1) as f32).collect();
    }
}
