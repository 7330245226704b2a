//! Values that stand for nobody, from `generic_values.csv`: `asdf asdf`, `info@…`, `0000000000`.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::names::ascii;

static VALUES: LazyLock<FxHashMap<&'static str, FxHashSet<String>>> = LazyLock::new(|| {
    let mut values: FxHashMap<&str, FxHashSet<String>> = FxHashMap::default();
    for (kind, value) in
        include_str!("../../../../data/generic_values.csv").lines().skip(1).filter_map(|line| line.split_once(','))
    {
        values.entry(kind).or_default().insert(ascii(value));
    }
    values
});

fn known(kind: &str, folded: &str) -> bool {
    VALUES.get(kind).is_some_and(|values| values.contains(folded))
}

/// Whether a folded name in two parts is nobody's: known as a whole, or in each of its parts.
pub(crate) fn is_name(given: &str, family: &str) -> bool {
    let whole = format!("{given} {family}");
    let whole = whole.trim();
    !whole.is_empty()
        && (known("name", whole)
            || whole == "do not use"
            || [given, family].iter().all(|part| part.is_empty() || known("name", part)))
}

/// Whether a mailbox is a role's rather than a person's.
pub(crate) fn is_mailbox(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    known("email_local_part", &ascii(local)) || known("email", &ascii(address))
}

/// Whether digits are a placeholder for a phone number.
pub(crate) fn is_phone(digits: &str) -> bool {
    known("phone", digits)
}
