//! What records are compared in: which columns make which comparison, and how they are read. It is found once, from all
//! records.

use serde::{Deserialize, Serialize};

use super::super::kind::{Kind, Kinds, is_national, is_of_organisation, kinds_of};
use super::super::table::{Table, TextColumn};
use super::attributes::{self, Attribute, Combine};
use super::comparison::{How, how};
use super::{date, names};
use crate::names::Order;
use crate::parallel;

/// How the columns of a table are read.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The columns and what they hold, in the order of the table.
    pub(crate) columns: Vec<(String, Kind)>,
    /// In the order of the comparisons.
    pub(super) parts: Vec<Part>,
    /// In which order most of the whole names stand.
    pub(super) order: Order,
    /// Given and family name of those whose name is nobody's: see [`super::Prepared::find_nobodies`].
    pub(super) nobodies: Vec<[String; 2]>,
}

/// What a comparison is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Part {
    Given,
    Family,
    OtherNames,
    Columns(Attribute),
}

impl Plan {
    /// A plan with all comparisons that the columns may be good for.
    pub(super) fn of(table: &Table, threads: usize) -> Self {
        let Kinds { kinds, guessed, born } = kinds_of(&table.columns, threads);
        let of = |kind: Kind| (0..kinds.len()).filter(|&at| kinds[at] == kind).collect::<Vec<_>>();
        let is_part = |at: usize| born.is_some_and(|parts: [usize; 3]| parts.contains(&at));
        let single = (0..kinds.len()).filter(|&at| is_single(kinds[at]) && !is_part(at));
        let mut all = attributes::together(&table.columns, single.map(|at| (at, kinds[at], guessed[at])));
        let whole = |columns: Vec<usize>, kind| Attribute {
            columns,
            kind,
            guessed: false,
            combine: Combine::All,
            is_national: false,
            dates: Vec::new(),
        };
        all.extend(born.map(|parts| whole(parts.to_vec(), Kind::BirthDate)));
        let names = [Kind::Generation, Kind::Family, Kind::FullName, Kind::Given].into_iter().flat_map(of);
        all.push(whole(names.collect(), Kind::Generation));
        all.push(whole(of(Kind::Address), Kind::Address));
        all.retain(|attribute| !attribute.columns.is_empty());
        leave_out_years(&mut all, &table.columns);
        let have_names = kinds.iter().any(|kind| matches!(kind, Kind::Given | Kind::Family | Kind::FullName));
        for attribute in all.iter_mut().filter(|attribute| attribute.kind == Kind::Id) {
            let any = |test: &dyn Fn(&str) -> bool| attribute.columns.iter().any(|&at| test(&table.columns[at].name));
            attribute.is_national = any(&is_national) || !have_names && any(&is_of_organisation);
        }
        parallel::fill(threads, &mut all, 1, |_, attribute| {
            let attribute = &mut attribute[0];
            if how(attribute.kind) == Some(How::Date) && attribute.combine != Combine::All {
                let orders = |&at: &usize| date::Orders::of(&table.columns[at], table.sources.as_ref());
                attribute.dates = attribute.columns.iter().map(orders).collect();
            }
        });
        let named = table.columns.iter().map(|column| column.name.clone()).zip(kinds).collect();
        let mut plan = Self { columns: named, ..Self::default() };
        let names = names::Columns::of(&plan, table);
        if names.are_there() {
            plan.order = names.order();
            plan.parts = vec![Part::Given, Part::Family, Part::OtherNames];
        }
        plan.parts.extend(all.into_iter().map(Part::Columns));
        plan
    }

    /// The columns, and what they hold as people call it.
    pub(crate) fn kinds(&self) -> Vec<(String, String)> {
        self.columns.iter().map(|(name, kind)| (name.clone(), kind.name().to_owned())).collect()
    }

    pub(super) fn given(&self) -> Option<usize> {
        self.parts.iter().position(|part| matches!(part, Part::Given))
    }

    pub(super) fn family(&self) -> Option<usize> {
        self.parts.iter().position(|part| matches!(part, Part::Family))
    }

    /// What is read of columns, apart from names.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.parts.iter().filter_map(|part| if let Part::Columns(attribute) = part { Some(attribute) } else { None })
    }
}

/// Leaves out years of birth beside whole dates of it, which say the same.
fn leave_out_years(all: &mut Vec<Attribute>, columns: &[TextColumn]) {
    const ROWS: usize = 1000;
    let are_years = |attribute: &Attribute| {
        let mut texts = attribute.columns.iter().flat_map(|&at| columns[at].sample(ROWS));
        attribute.kind == Kind::BirthDate
            && attribute.combine == Combine::First
            && texts.all(|text| date::year(text).is_some())
    };
    if all.iter().any(|attribute| attribute.kind == Kind::BirthDate && !are_years(attribute)) {
        all.retain(|attribute| !are_years(attribute));
    }
}

/// Whether each column of such a kind is a comparison by itself.
fn is_single(kind: Kind) -> bool {
    how(kind).is_some() && !matches!(kind, Kind::Generation | Kind::Address)
}
