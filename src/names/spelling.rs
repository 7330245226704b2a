//! Keys by which spellings of one name fall together, whatever convention wrote it in Latin letters: Smirnov and
//! Smirnoff, Tatiana and Tatjana, Sato and Satou, Müller and Mueller.

use std::sync::LazyLock;

/// Conventions: what is read at a place, and what is written for it. Of those that fit the longest counts.
#[rustfmt::skip]
const SOUNDS: &[(&str, &str)] = &[
    ("oyev", "uiv"), ("ojev", "uiv"), ("ojew", "uiv"), ("oev", "uiv"), ("ayev", "aiv"), ("ajev", "aiv"), ("ajew", "aiv"),
    ("aev", "aiv"), ("iou", "iu"), ("iya", "ia"), ("ija", "ia"), ("iia", "ia"), ("tsch", "C"), ("tch", "C"), ("dzh", "j"),
    ("sch", "S"), ("gue", "gi"), ("gui", "gi"), ("ch", "C"), ("cz", "C"), ("sh", "S"), ("kh", "h"), ("zh", "Z"),
    ("ph", "f"), ("th", "t"), ("dh", "d"), ("gh", "g"), ("bh", "b"), ("ck", "k"), ("dj", "j"), ("ou", "u"), ("oo", "u"),
    ("ee", "i"), ("aa", "a"), ("ue", "u"), ("oe", "u"), ("ae", "a"), ("ie", "i"), ("ye", "i"), ("je", "i"), ("ya", "ia"),
    ("ja", "ia"), ("yu", "iu"), ("ju", "iu"), ("yo", "iu"), ("jo", "iu"), ("ei", "ai"), ("ey", "ai"), ("ej", "ai"),
    ("ay", "ai"), ("aj", "ai"), ("ce", "si"), ("ci", "si"), ("cy", "si"), ("ij", "i"), ("iy", "i"), ("yj", "i"),
    ("yi", "i"), ("q", "k"), ("c", "k"), ("x", "ks"), ("w", "v"), ("y", "i"), ("e", "i"), ("o", "u"),
];

/// The same for Korean.
#[rustfmt::skip]
const KOREAN: &[(&str, &str)] = &[
    ("yeo", "yo"), ("you", "yo"), ("yoo", "yo"), ("yu", "yo"), ("eo", "o"), ("eu", "o"), ("oo", "o"), ("ou", "o"),
    ("uh", "o"), ("woo", "o"), ("wo", "o"), ("ui", "i"), ("u", "o"), ("ee", "i"), ("ae", "e"), ("ai", "e"), ("ch", "j"),
    ("g", "k"), ("d", "t"), ("b", "p"), ("l", "r"),
];

/// Ends of family names.
const ENDS: &[(&str, &str)] = &[
    ("skij", "ski"),
    ("skyj", "ski"),
    ("skiy", "ski"),
    ("skyi", "ski"),
    ("skii", "ski"),
    ("sky", "ski"),
    ("off", "ov"),
    ("eff", "ev"),
    ("ow", "ov"),
    ("iev", "ev"),
    ("yev", "ev"),
    ("jev", "ev"),
];

/// Letters of a name that are enough for its key to say something.
const LETTERS_MIN: usize = 4;

/// The key of a part in ASCII; empty if the name is too short.
pub(crate) fn key(bare: &str) -> String {
    let article = ["al ", "el ", "ul "].iter().find_map(|article| bare.strip_prefix(article)).unwrap_or(bare);
    let mut name = article.replace(' ', "");
    if name.len() < LETTERS_MIN {
        return String::new();
    }
    if let Some(rest) = name.strip_prefix("mac").filter(|rest| rest.len() > 3) {
        name = format!("mc{rest}");
    }
    if let Some((end, other)) = ENDS.iter().find(|(end, _)| name.len() > end.len() + 2 && name.ends_with(end)) {
        name = format!("{}{other}", &name[..name.len() - end.len()]);
    }
    let mut key = reread(&name, &BY_LETTER);
    if key.ends_with('h') {
        key.pop();
    }
    key
}

/// Conventions by the letter that they begin with.
type ByLetter = [Vec<(&'static str, &'static str)>; 26];

fn by_letter(sounds: &[(&'static str, &'static str)]) -> ByLetter {
    let mut by_letter = ByLetter::default();
    for &(written, sound) in sounds {
        by_letter[usize::from(written.as_bytes()[0] - b'a')].push((written, sound));
    }
    for sounds in &mut by_letter {
        sounds.sort_by_key(|(written, _)| std::cmp::Reverse(written.len()));
    }
    by_letter
}

static BY_LETTER: LazyLock<ByLetter> = LazyLock::new(|| by_letter(SOUNDS));
static KOREAN_BY_LETTER: LazyLock<ByLetter> = LazyLock::new(|| by_letter(KOREAN));

/// A name in other letters, none of them double.
fn reread(name: &str, sounds: &ByLetter) -> String {
    let mut key = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let of_letter = (c as usize).checked_sub('a' as usize).and_then(|letter| sounds.get(letter));
        let sound = of_letter.into_iter().flatten().find(|(written, _)| rest.starts_with(written));
        let itself = &rest[..c.len_utf8()];
        let &(written, sound) = sound.unwrap_or(&(itself, itself));
        rest = &rest[written.len()..];
        for c in sound.chars() {
            if !key.ends_with(c) {
                key.push(c);
            }
        }
    }
    key
}

/// A name in the plainest of the spellings that only differ in letters that sound alike: Katharina and Katarina, Philipp and
/// Filip, Henry and Henri.
pub(crate) fn plain(bare: &str) -> String {
    const ALIKE: [(&str, &str); 6] = [("ph", "f"), ("ck", "k"), ("c", "k"), ("y", "i"), ("w", "v"), ("h", "")];
    // An and Anh are two.
    if bare.len() < LETTERS_MIN {
        return String::new();
    }
    let mut plain =
        ALIKE.iter().fold(bare.replace(' ', ""), |name, (written, other)| name.replace(written, other)).into_bytes();
    plain.dedup();
    String::from_utf8(plain).unwrap_or_default()
}

/// The consonants of a part in ASCII, by which a name without vowels is known: without `y` and `w`, and with them, `syd` and
/// Sayed.
pub(crate) fn skeletons(bare: &str) -> [String; 2] {
    [without(bare, "aeiouyw "), without(&bare.replace("ia", "ya").replace("io", "yo"), "aeiou ")]
}

fn without(bare: &str, vowels: &str) -> String {
    let mut skeleton = String::new();
    for c in bare.replace("kh", "k").replace("gh", "g").replace("dh", "d").replace("th", "t").chars() {
        let c = match c {
            'q' | 'c' => 'k',
            'p' => 'b',
            'j' => 'g',
            'v' => 'f',
            'z' => 's',
            c => c,
        };
        if !vowels.contains(c) && !skeleton.ends_with(c) {
            skeleton.push(c);
        }
    }
    skeleton
}

/// Korean in whichever Latin spelling.
pub(crate) fn korean(bare: &str) -> String {
    reread(&bare.replace(' ', ""), &KOREAN_BY_LETTER)
}

/// How many groups of vowels a word has.
pub(super) fn vowel_groups(word: &str) -> usize {
    let is_vowel = |c: u8| b"aeiouy".contains(&c);
    let mut before = false;
    word.bytes().filter(|&byte| !std::mem::replace(&mut before, is_vowel(byte)) && is_vowel(byte)).count()
}

/// Whether a word is one or two syllables of Mandarin, or of a language that is written alike.
pub(super) fn is_pinyin(word: &str) -> bool {
    (0..=word.len()).any(|end| {
        let (one, other) = word.split_at(end);
        is_pinyin_syllable(one) && (other.is_empty() || is_pinyin_syllable(other))
    })
}

/// Whether a text is one syllable of Mandarin.
pub(super) fn is_pinyin_syllable(text: &str) -> bool {
    const INITIALS: [&str; 24] = [
        "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s",
        "y", "w", "",
    ];
    const FINALS: [&str; 36] = [
        "a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "i", "ia", "ie", "iao", "iu", "ian",
        "in", "iang", "ing", "iong", "u", "ua", "uo", "uai", "ui", "uan", "un", "uang", "ue", "er", "ae", "eo", "eun",
        "eong",
    ];
    INITIALS.iter().any(|initial| text.strip_prefix(initial).is_some_and(|rest| FINALS.contains(&rest)))
}
