//! Columns of text become columns of numbers: cleaned by kind, each distinct value once.

mod clean;
mod comparison;
mod count;
pub(crate) mod date;
mod email;
mod generic;
mod names;

use std::thread;

use rustc_hash::FxHashMap;

use super::kind::{Kind, Kinds, kinds_of};
use super::table::{Table, TextColumn};
use crate::identity::lists::Lists;
use crate::parallel;
use comparison::how;
pub(crate) use comparison::{Comparison, How};
use names::Columns;
pub(crate) use names::Forms;

/// All that records are compared in.
pub(crate) struct Prepared {
    pub(crate) records: usize,
    pub(crate) comparisons: Vec<Comparison>,
    /// Per record and comparison: its value, so that what two records are compared in lies together.
    values: Vec<u32>,
    /// What is known of names, by their numbers.
    pub(crate) forms: Forms,
    /// Per record: all its names, sorted.
    pub(crate) all_names: Lists<u32>,
    /// Per record: how its e-mail address is made of its own name, 0 if it is not.
    pub(crate) templates: Vec<u32>,
    /// Per record: the digits in its e-mail address, 0 if there are none.
    pub(crate) email_digits: Vec<u32>,
    /// Per template: its share among the records with an address.
    pub(crate) template_share: Vec<f32>,
    /// The comparison by whose values names differ in how common they are: the country.
    pub(crate) stratum: Option<usize>,
    /// Per comparison, value and value of the stratum: how many records hold both.
    pub(crate) within: FxHashMap<(u32, u32, u32), f32>,
    pub(crate) given: Option<usize>,
    pub(crate) family: Option<usize>,
    pub(crate) kinds: Vec<(String, Kind)>,
    /// Per comparison: how probable it is that two records agree.
    pub(crate) usual: Vec<f32>,
    /// Per comparison: how many records have a value.
    pub(crate) filled: Vec<f32>,
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
            all_names: Lists::default(),
            templates: Vec::new(),
            email_digits: Vec::new(),
            template_share: Vec::new(),
            stratum: None,
            within: FxHashMap::default(),
            given: None,
            family: None,
            kinds: kinds.clone(),
            usual: Vec::new(),
            filled: Vec::new(),
        };
        let mut single: Vec<(Vec<&TextColumn>, Kind, bool)> = table
            .columns
            .iter()
            .zip(&kinds)
            .enumerate()
            .filter(|(at, (_, (_, kind)))| is_single(*kind) && !born.is_some_and(|parts| parts.contains(at)))
            .map(|(at, (column, (_, kind)))| (vec![column], *kind, guessed[at]))
            .collect();
        single.extend(born.map(|parts| (parts.map(|at| &table.columns[at]).to_vec(), Kind::BirthDate, false)));
        let names_of = [Kind::Family, Kind::FullName, Kind::Given].into_iter().flat_map(of).collect();
        single.push((names_of, Kind::Generation, false));
        single.push((of(Kind::Address), Kind::Address, false));
        let comparisons = thread::scope(|scope| {
            let others = scope.spawn(|| {
                parallel::map(threads.div_ceil(2), single.len(), 1, |range| {
                    let (columns, kind, guessed) = &single[range.start];
                    let comparison = Comparison::of(columns, *kind, table.records());
                    comparison.map(|comparison| Comparison { guessed: *guessed, ..comparison })
                })
            });
            prepared.names(&Columns {
                given: of(Kind::Given),
                family: of(Kind::Family),
                middle: of(Kind::Middle),
                full: of(Kind::FullName),
            });
            others.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        prepared.comparisons.extend(comparisons.into_iter().flatten());
        prepared.email_templates();
        for comparison in &mut prepared.comparisons {
            comparison.count();
        }
        prepared.comparisons.truncate(super::levels::COMPARISONS_MAX);
        prepared.gather(threads);
        prepared.count();
        prepared.count_people();
        prepared.count_within();
        // Each value is held once: they lie side by side by now.
        prepared.comparisons.iter_mut().for_each(|comparison| comparison.values = Vec::new());
        prepared
    }

    /// Lays the values of each record side by side.
    fn gather(&mut self, threads: usize) {
        let rows: Vec<Vec<u32>> = parallel::map(threads, self.records, 65_536, |range| {
            range.flat_map(|row| self.comparisons.iter().map(move |comparison| comparison.values[row])).collect()
        });
        self.values = rows.concat();
    }

    /// The values of a record, one per comparison.
    pub(crate) fn values(&self, record: u32) -> &[u32] {
        let width = self.comparisons.len();
        &self.values[record as usize * width..][..width]
    }
}

/// Whether each column of such a kind is a comparison by itself.
fn is_single(kind: Kind) -> bool {
    how(kind).is_some() && !matches!(kind, Kind::Generation | Kind::Address)
}
