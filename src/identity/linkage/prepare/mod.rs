//! Columns of text become columns of numbers: cleaned by kind, each distinct value once.

pub(super) mod attributes;
mod clean;
mod comparison;
mod count;
pub(crate) mod date;
mod email;
mod generic;
mod names;
mod placeholders;

use rustc_hash::FxHashMap;

use super::kind::{Kind, Kinds, kinds_of};
use super::table::{Table, TextColumn};
use crate::identity::dictionary::NONE;
use crate::identity::lists::Lists;
use crate::parallel;
use attributes::{Attribute, Combine};
use comparison::how;
pub(crate) use comparison::{BETWEEN, Comparison, How};
pub(crate) use names::Forms;
use names::Names;

/// All that records are compared in.
pub(crate) struct Prepared {
    pub(crate) records: usize,
    pub(crate) comparisons: Vec<Comparison>,
    /// Per record and comparison: its value, so that what two records are compared in lies together.
    values: Vec<u32>,
    /// What is known of names, by their numbers.
    pub(crate) forms: Forms,
    /// Per record: what was written of its name, as a number.
    written_names: Vec<u32>,
    /// Per number of what was written: all names in it, sorted.
    all_names: Lists<u32>,
    /// Per record: how its e-mail address is made of its own name, 0 if it is not.
    pub(crate) templates: Vec<u32>,
    /// Per record: the digits in its e-mail address, 0 if there are none.
    pub(crate) email_digits: Vec<u32>,
    /// Per template: its share among the records with an address.
    pub(crate) template_share: Vec<f32>,
    /// The comparison by whose values names differ in how common they are: the country.
    pub(crate) stratum: Option<usize>,
    /// Per comparison, for names: how many records hold both a value and a value of the stratum.
    within: Vec<FxHashMap<(u32, u32), f32>>,
    pub(crate) given: Option<usize>,
    pub(crate) family: Option<usize>,
    pub(crate) kinds: Vec<(String, Kind)>,
    /// Per comparison: how probable it is that two records agree.
    pub(crate) usual: Vec<f32>,
    /// Per comparison: how many records have a value.
    pub(crate) filled: Vec<f32>,
    /// Per comparison of names: pairs of records, each counted twice, that have the name and the other one in common.
    pub(crate) namesakes: Vec<f64>,
}

impl Prepared {
    pub(crate) fn new(table: &Table, threads: usize) -> Self {
        let names = table.columns.iter().map(|column| column.name.clone());
        let Kinds { kinds, guessed, born } = kinds_of(&table.columns, threads);
        let kinds: Vec<(String, Kind)> = names.zip(kinds).collect();
        let of = |kind: Kind| -> Vec<&TextColumn> {
            table.columns.iter().zip(&kinds).filter(|(_, named)| named.1 == kind).map(|(column, _)| column).collect()
        };
        let mut prepared = Self {
            records: table.records(),
            comparisons: Vec::new(),
            values: Vec::new(),
            forms: Forms::default(),
            written_names: Vec::new(),
            all_names: Lists::default(),
            templates: Vec::new(),
            email_digits: Vec::new(),
            template_share: Vec::new(),
            stratum: None,
            within: Vec::new(),
            given: None,
            family: None,
            kinds: kinds.clone(),
            usual: Vec::new(),
            filled: Vec::new(),
            namesakes: Vec::new(),
        };
        let in_order = table.columns.iter().zip(&kinds).zip(guessed).enumerate();
        let mut attributes = attributes::together(
            in_order
                .filter(|(at, ((_, (_, kind)), _))| is_single(*kind) && !born.is_some_and(|parts| parts.contains(at)))
                .map(|(_, ((column, (_, kind)), guessed))| (column, *kind, guessed)),
        );
        let whole = |columns, kind| Attribute { columns, kind, guessed: false, combine: Combine::All };
        attributes.extend(born.map(|parts| whole(parts.map(|at| &table.columns[at]).to_vec(), Kind::BirthDate)));
        let names_of = [Kind::Family, Kind::FullName, Kind::Given].into_iter().flat_map(of).collect();
        attributes.push(whole(names_of, Kind::Generation));
        attributes.push(whole(of(Kind::Address), Kind::Address));
        let columns = names::Columns {
            given: of(Kind::Given),
            family: of(Kind::Family),
            middle: of(Kind::Middle),
            full: of(Kind::FullName),
        };
        // Names and addresses take longest and come first.
        let made =
            parallel::map(threads, attributes.len() + 1, 1, |range| match attributes.len().checked_sub(range.start) {
                Some(at) if at < attributes.len() => {
                    (None, Comparison::of(&attributes[at], table.sources.as_ref(), table.records()))
                }
                _ => (Some(Names::of(&columns, table.records())), None),
            });
        let (names, comparisons): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        prepared.set_names(names.into_iter().flatten().next().unwrap_or_default());
        prepared.comparisons.extend(comparisons.into_iter().rev().flatten());
        prepared.email_templates(threads);
        prepared.comparisons.truncate(super::levels::COMPARISONS_MAX);
        parallel::fill(threads, &mut prepared.comparisons, 1, |_, comparison| comparison[0].count());
        prepared.find_placeholders(threads);
        prepared.gather(threads);
        prepared.count_namesakes(threads);
        prepared.count();
        prepared.count_people(threads);
        prepared.count_within(threads);
        // Each value is held once: they lie side by side by now.
        prepared.comparisons.iter_mut().for_each(|comparison| comparison.values = Vec::new());
        prepared
    }

    fn set_names(&mut self, names: Names) {
        (self.written_names, self.all_names, self.forms) = (names.written, names.all, names.forms);
        let mut push = |comparison: Option<Comparison>| {
            let comparison = comparison?;
            self.comparisons.push(comparison);
            Some(self.comparisons.len() - 1)
        };
        (self.given, self.family) = (push(names.given), push(names.family));
        push(names.others);
    }

    /// Lays the values of each record side by side.
    fn gather(&mut self, threads: usize) {
        let width = self.comparisons.len().max(1);
        let mut values = vec![NONE; self.records * self.comparisons.len()];
        parallel::fill(threads, &mut values, 65_536 * width, |start, values| {
            for (row, values) in (start / width..).zip(values.chunks_exact_mut(width)) {
                for (value, comparison) in values.iter_mut().zip(&self.comparisons) {
                    *value = comparison.values[row];
                }
            }
        });
        self.values = values;
    }

    /// The values of a record, one per comparison.
    pub(crate) fn values(&self, record: u32) -> &[u32] {
        let width = self.comparisons.len();
        &self.values[record as usize * width..][..width]
    }

    /// Looks at what two records say that are compared next, so that the processor fetches it all at once: comparing waits
    /// for one text after the other where records were drawn at random.
    pub(crate) fn fetch(&self, left: u32, right: u32) {
        let mut seen = 0;
        for record in [left, right] {
            let values = self.values(record);
            for (comparison, &value) in self.comparisons.iter().zip(values) {
                seen ^= comparison.texts[value as usize].first().map_or(0, |&byte| u32::from(byte));
            }
            for name in [self.given, self.family].into_iter().flatten().map(|at| values[at] as usize) {
                let [given, family] = [&self.forms.given_roots[name], &self.forms.family_roots[name]];
                seen ^= given.first().copied().unwrap_or_default() ^ family.first().copied().unwrap_or_default();
            }
            seen ^= self.all_names(record as usize).first().copied().unwrap_or_default();
        }
        std::hint::black_box(seen);
    }

    /// All names of a record, sorted.
    pub(crate) fn all_names(&self, record: usize) -> &[u32] {
        self.written_names.get(record).map_or(&[], |&written| &self.all_names[written as usize])
    }
}

/// Whether each column of such a kind is a comparison by itself.
fn is_single(kind: Kind) -> bool {
    how(kind).is_some() && !matches!(kind, Kind::Generation | Kind::Address)
}
