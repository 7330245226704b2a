//! Addresses that are made of their owner's name.

use super::{How, Prepared, clean};
use crate::identity::dictionary::{Dictionary, NONE};
use crate::names;

impl Prepared {
    /// Finds addresses that are made of their owner's name: between people of one name these say little.
    pub(super) fn email_templates(&mut self) {
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
        for row in 0..self.records {
            let address = std::str::from_utf8(&email.texts[email.values[row] as usize]).unwrap_or("");
            let Some((local, domain)) = address.split_once('@') else { continue };
            filled += 1;
            self.email_digits[row] = digits.number(&local.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>());
            let template = clean::template(local, domain, text(self.given, row), text(self.family, row));
            let number = dictionary.number(template.as_bytes());
            counts.resize(dictionary.len(), 0);
            counts[number as usize] += u32::from(number != NONE);
            self.templates[row] = number;
        }
        self.template_share = counts.iter().map(|&count| count as f32 / filled.max(1) as f32).collect();
    }
}
