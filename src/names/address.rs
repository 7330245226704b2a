//! Names in e-mail addresses.

use super::order::{Name, of_parts};
use super::{is_family, is_given};

/// The name that an address is made of, where its parts say which is which: `ana.pop@…`, `pop-ana2@…`, `a.popescu@…`.
pub(crate) fn of_address(address: &str) -> Option<Name> {
    let (local, _) = address.trim().split_once('@')?;
    let local = local.split('+').next().unwrap_or_default().to_ascii_lowercase();
    let words: Vec<&str> =
        local.split(['.', '_', '-']).map(|word| word.trim_matches(|c: char| c.is_ascii_digit())).collect();
    let [first, second] = match words[..] {
        [whole] => joined(whole)?,
        [first, second] => [first, second],
        _ => return None,
    };
    let words = [first, second];
    if !words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())) {
        return None;
    }
    let is_initial = |word: &str| word.len() == 1;
    let (given, family) = match (is_given(first), is_given(second)) {
        _ if second.len() > 1 && is_initial(first) && is_family(second) => (first, second),
        _ if is_initial(first) || is_initial(second) => return None,
        (true, false) => (first, second),
        (false, true) => (second, first),
        (true, true) if is_family(first) && !is_family(second) => (second, first),
        (true, true) => (first, second),
        (false, false) => return None,
    };
    Some(of_parts(given, family))
}

/// Two names of at least three letters without anything between them: `anapopescu`.
fn joined(whole: &str) -> Option<[&str; 2]> {
    const LEAST: usize = 3;
    let is_plain = whole.bytes().all(|byte| byte.is_ascii_lowercase()) && !is_given(whole) && !is_family(whole);
    let mut ends = (LEAST..=whole.len().checked_sub(LEAST)?).rev().map(|end| whole.split_at_checked(end));
    let is_name =
        |&(first, second): &(&str, &str)| is_given(first) && is_family(second) || is_family(first) && is_given(second);
    let found = ends.find_map(|parts| parts.filter(is_name));
    found.filter(|_| is_plain).map(|(first, second)| [first, second])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_made_of_a_name() {
        let of = |address| of_address(address).map(|name| [name.given, name.family]);
        let named = |given: &str, family: &str| Some([given.to_owned(), family.to_owned()]);
        assert_eq!(of("manon.mercier@mercurydata.fr"), named("manon", "mercier"));
        assert_eq!(of("Popescu_Ana2@x.ro"), named("ana", "popescu"));
        assert_eq!(of("j.smith+news@x.org"), named("j", "smith"));
        assert_eq!(of("anapopescu7@x.org"), named("ana", "popescu"));
        for address in
            ["info.sales@x.org", "ana@x.org", "ana.maria.pop@x.org", "a.b@x.org", "coffeesurf57@x.org", "", "@"]
        {
            assert_eq!(of(address), None, "{address}");
        }
    }
}
