//! Columns of text become columns of numbers: cleaned by kind, each distinct value once.

pub(super) mod attributes;
mod clean;
mod comparison;
mod count;
pub(crate) mod date;
mod email;
mod generic;
mod known;
mod names;
mod placeholders;
mod plan;

use rustc_hash::FxHashMap;

use super::table::Table;
use crate::identity::dictionary::NONE;
use crate::identity::lists::Lists;
use crate::parallel;
use attributes::Attribute;
pub(crate) use comparison::{BETWEEN, Comparison, How};
pub(crate) use known::{Known, Value};
pub(crate) use names::Forms;
use names::Names;
use plan::Part;
pub(crate) use plan::Plan;

/// All that records are compared in.
#[derive(Default)]
pub(crate) struct Prepared {
    pub(crate) records: usize,
    pub(crate) plan: Plan,
    pub(crate) comparisons: Vec<Comparison>,
    /// Per record and comparison: its value, so that what two records are compared in lies together.
    values: Vec<u32>,
    /// What is known of names, by their numbers.
    pub(crate) forms: Forms,
    /// Per record: what was written of its name, as a number.
    written_names: Vec<u32>,
    /// Per number of what was written: all names in it, sorted.
    all_names: Lists<u32>,
    /// Records whose name is only shown by their e-mail address, in order.
    shown_names: Vec<u32>,
    /// Per record: how its e-mail address is made of its own name, 0 if it is not.
    pub(crate) templates: Vec<u32>,
    /// Per record: the digits in its e-mail address, 0 if there are none.
    pub(crate) email_digits: Vec<u32>,
    /// Per template: its share among the records with an address.
    pub(crate) template_share: Vec<f32>,
    template_texts: Lists<u8>,
    /// The comparison by whose values names differ in how common they are: the country.
    pub(crate) stratum: Option<usize>,
    /// Per comparison, for names: how many records hold both a value and a value of the stratum.
    within: Vec<FxHashMap<(u32, u32), f32>>,
    pub(crate) given: Option<usize>,
    pub(crate) family: Option<usize>,
    /// Per comparison: how probable it is that two records agree.
    pub(crate) usual: Vec<f32>,
    /// Per comparison: how many records have a value.
    pub(crate) filled: Vec<f32>,
    /// Per comparison of names: pairs of records, each counted twice, that have the name and the other one in common.
    pub(crate) namesakes: Vec<f64>,
}

impl Prepared {
    /// Finds out what the records of a table can be compared in, and counts what they say.
    pub(crate) fn new(table: &Table, threads: usize) -> Self {
        let mut prepared = Self::read(Plan::of(table, threads), table, threads);
        prepared.keep_what_says_something();
        prepared.plan.nobodies = prepared.find_nobodies();
        prepared.forget_nobodies();
        prepared.take_emails_apart(threads);
        prepared.count_templates();
        parallel::fill(threads, &mut prepared.comparisons, 1, |_, comparison| comparison[0].count());
        prepared.find_placeholders(threads);
        prepared.gather(threads);
        prepared.count_namesakes(threads);
        prepared.count();
        prepared.count_people(threads);
        prepared.count_within(threads);
        prepared.forget_columns();
        prepared
    }

    /// Reads some records as all were read, of which it is known what was counted.
    pub(crate) fn with(known: &Known, table: &Table, threads: usize) -> Self {
        let mut prepared = Self::read(known.plan.clone(), table, threads);
        prepared.forget_nobodies();
        prepared.take_emails_apart(threads);
        prepared.gather(threads);
        prepared.recall(known, threads);
        prepared.forget_columns();
        prepared
    }

    /// Reads the columns as planned.
    fn read(plan: Plan, table: &Table, threads: usize) -> Self {
        let columns = names::Columns::of(&plan, table);
        let attributes: Vec<&Attribute> = plan.attributes().collect();
        // Names and addresses take longest and come first.
        let made =
            parallel::map(threads, attributes.len() + 1, 1, |range| match attributes.len().checked_sub(range.start) {
                Some(at) if at < attributes.len() => (None, Some(Comparison::of(attributes[at], table))),
                _ => (Some(Names::of(&columns, plan.order, table.records())), None),
            });
        let (names, comparisons): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        let Names { written, all, forms, comparisons: names, shown } =
            names.into_iter().flatten().next().unwrap_or_default();
        let mut comparisons = comparisons.into_iter().rev().flatten();
        let [mut given, mut family, mut others] = names.map(Some);
        let made = |part: &Part| match part {
            Part::Given => given.take(),
            Part::Family => family.take(),
            Part::OtherNames => others.take(),
            Part::Columns(_) => comparisons.next(),
        };
        Self {
            records: table.records(),
            comparisons: plan.parts.iter().filter_map(made).collect(),
            written_names: written,
            all_names: all,
            shown_names: shown,
            forms,
            given: plan.given(),
            family: plan.family(),
            plan,
            ..Self::default()
        }
    }

    /// Leaves out comparisons that tell no record from another, and those that are too many.
    fn keep_what_says_something(&mut self) {
        let says: Vec<bool> = self.comparisons.iter().map(Comparison::says_something).collect();
        let (mut parts, mut comparisons) = (says.iter(), says.iter());
        self.plan.parts.retain(|_| parts.next() == Some(&true));
        self.comparisons.retain(|_| comparisons.next() == Some(&true));
        self.plan.parts.truncate(super::levels::COMPARISONS_MAX);
        self.comparisons.truncate(super::levels::COMPARISONS_MAX);
        (self.given, self.family) = (self.plan.given(), self.plan.family());
    }

    /// Each value is held once: they lie side by side by now.
    fn forget_columns(&mut self) {
        self.comparisons.iter_mut().for_each(|comparison| comparison.values = Vec::new());
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

    /// Whether the name of one of two records is only shown by its e-mail address.
    pub(crate) fn names_are_shown(&self, left: u32, right: u32) -> bool {
        !self.shown_names.is_empty()
            && [left, right].iter().any(|record| self.shown_names.binary_search(record).is_ok())
    }

    /// All names of a record, sorted.
    pub(crate) fn all_names(&self, record: usize) -> &[u32] {
        self.written_names.get(record).map_or(&[], |&written| &self.all_names[written as usize])
    }
}
