//! What stands around a name and is not part of it: titles before, degrees and suffixes after, from `honorifics.csv`.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::fold::ascii;
use super::tables::FAMILY;

struct Affixes {
    before: FxHashSet<String>,
    /// Titles that are names, too, unless a whole name follows.
    doubtful: FxHashSet<String>,
    after: FxHashSet<String>,
    /// Written without a space after the name.
    attached: Vec<&'static str>,
}

static AFFIXES: LazyLock<Affixes> = LazyLock::new(|| {
    let mut affixes = Affixes {
        before: FxHashSet::default(),
        doubtful: FxHashSet::default(),
        after: FxHashSet::default(),
        attached: Vec::new(),
    };
    for line in include_str!("../../data/honorifics.csv").lines().skip(1) {
        let &[title, language, _, place] = &line.split(',').collect::<Vec<_>>()[..] else { continue };
        match (place, language) {
            // Words that are names, too, are titles only where nothing else stands.
            ("", _) => {}
            ("after", "zh" | "ja" | "ko") => affixes.attached.push(title),
            ("after", _) => _ = affixes.after.insert(ascii(title)),
            // A single letter is an initial.
            _ if title.chars().count() == 1 => {}
            (_, "vi") => _ = affixes.doubtful.insert(ascii(title)),
            _ => _ = affixes.before.insert(ascii(title)),
        }
    }
    affixes
});

/// Of whom a title is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Men,
    Women,
    Both,
}

/// Of whom the titles are, in ASCII.
static TITLES: LazyLock<FxHashMap<String, Of>> = LazyLock::new(|| {
    let mut titles = FxHashMap::default();
    for line in include_str!("../../data/honorifics.csv").lines().skip(1) {
        let &[title, _, sex, _] = &line.split(',').collect::<Vec<_>>()[..] else { continue };
        let of = match sex {
            "male" => Of::Men,
            "female" => Of::Women,
            _ => Of::Both,
        };
        // `Sr` is a senior in English, and a man in Spanish.
        let known = titles.entry(ascii(title)).or_insert(of);
        if *known == Of::Both {
            *known = of;
        }
    }
    titles
});

/// Of whom a title is, which stands by itself; nothing if it is no title.
pub(crate) fn title(text: &str) -> Option<Of> {
    TITLES.get(&ascii(text)).copied()
}

/// The name without titles and suffixes that are written without a space.
pub(super) fn detach(text: &str) -> &str {
    let text = text.trim();
    // Without the full stop they are names, too.
    let is_family = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("fam. "));
    let text = if is_family { text[5..].trim_start() } else { text };
    let bare = AFFIXES.attached.iter().find_map(|title| text.strip_suffix(title)).map(str::trim_end);
    bare.filter(|bare| !bare.is_empty()).unwrap_or(text)
}

/// Whether a folded word stands before a name and is no part of it.
pub(super) fn is_title(word: &str) -> bool {
    AFFIXES.before.contains(word)
}

/// Whether a folded text is nothing but suffixes: what stands behind the comma of `Smith, PhD`.
pub(super) fn is_suffix(folded: &str) -> bool {
    folded.split(' ').all(|word| AFFIXES.after.contains(word))
}

/// The words of a folded name without titles in front and suffixes behind; all of them if nothing else would be left.
pub(super) fn strip(words: &mut Vec<&str>) {
    let affixes = &*AFFIXES;
    let end = words.iter().rposition(|word| !affixes.after.contains(*word)).map_or(0, |at| at + 1);
    let start = words[..end].iter().position(|word| !affixes.before.contains(*word)).unwrap_or(end);
    if start == end {
        return;
    }
    words.truncate(end);
    words.drain(..start);
    if let [title, family, _, ..] = words[..]
        && affixes.doubtful.contains(title)
        && FAMILY.get(family).is_some_and(|languages| languages.contains(&"vi"))
    {
        words.remove(0);
    }
}

/// Which of several people of one name is meant: junior, senior, the second, the third.
pub(crate) fn generation(text: &str) -> Option<&'static str> {
    let folded = ascii(text);
    // Nobody has no other name.
    let alone = usize::from(folded.contains(' ') || matches!(folded.as_str(), "jun" | "junior" | "sen" | "senior"));
    folded.split(' ').skip(alone).find_map(|word| match word {
        "jr" | "junior" | "jnr" | "jun" | "filho" => Some("junior"),
        "sr" | "senior" | "snr" | "sen" => Some("senior"),
        "ii" => Some("ii"),
        "iii" => Some("iii"),
        "iv" => Some("iv"),
        "neto" => Some("neto"),
        _ => None,
    })
}
