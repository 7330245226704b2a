//! The word lists of `data/`, one automaton per language and list, each built once.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};
use rustc_hash::{FxHashMap, FxHashSet};

use super::prepare::Prepared;
use super::topic::Subject;

static TONE_WORDS: &str = include_str!("../../data/tone_words.csv");
static TOPIC_WORDS: &str = include_str!("../../data/topic_words.csv");
static LANGUAGES: &str = include_str!("../../data/feedback_languages.csv");

/// What a word does to the tone of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Role {
    /// How good it sounds by itself, from -4 to 4. 0: a phrase that says nothing, whatever its words say elsewhere.
    Valence(f64),
    /// Turns what follows around: not, never.
    Not,
    /// Turns what stands before it around: German nicht.
    NotBehind,
    /// Makes what follows stronger: very.
    More,
    /// Makes what follows weaker: a bit.
    Less,
    /// What follows counts more than what stood before: but.
    But,
}

impl Role {
    fn named(name: &str) -> Self {
        match name {
            "not" => Self::Not,
            "not_behind" => Self::NotBehind,
            "more" => Self::More,
            "less" => Self::Less,
            "but" => Self::But,
            valence => Self::Valence(valence.parse().expect("a role of data/tone_words.csv is a word or a number")),
        }
    }
}

/// What the words of one language mean.
pub(super) struct Lexicon {
    pub(super) tones: Words<Role>,
    pub(super) topics: Words<Subject>,
}

/// Words and phrases of a prepared text, and what each means.
pub(super) struct Words<T> {
    automaton: AhoCorasick,
    meanings: Vec<T>,
}

impl<T: Copy> Words<T> {
    fn new(words: impl Iterator<Item = (String, T)>) -> Self {
        let (patterns, meanings): (Vec<String>, Vec<T>) = words.unzip();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .start_kind(StartKind::Anchored)
            .build(patterns)
            .expect("word lists of a few thousand letters fit into an automaton");
        Self { automaton, meanings }
    }

    /// The longest phrase that begins at `at`: where it ends, and what it means.
    pub(super) fn at(&self, text: &str, at: usize) -> Option<(usize, T)> {
        let found = self.automaton.find(Input::new(text).range(at..).anchored(Anchored::Yes))?;
        Some((found.end(), self.meanings[found.pattern().as_usize()]))
    }
}

/// A line of a table.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().skip(1).filter_map(|line| line.splitn(N, ',').collect::<Vec<_>>().try_into().ok())
}

/// A language that texts are read in.
pub(super) struct Tongue {
    pub(super) code: &'static str,
    /// Letters that few other languages have.
    pub(super) letters: &'static str,
    /// Its commonest words.
    pub(super) words: &'static str,
}

/// In the order in which they are asked about a text of no known language.
pub(super) static TONGUES: LazyLock<Vec<Tongue>> =
    LazyLock::new(|| rows(LANGUAGES).map(|[code, letters, words]| Tongue { code, letters, words }).collect());

/// By language, as [`TONGUES`].
pub(super) static LEXICONS: LazyLock<Vec<Lexicon>> = LazyLock::new(|| {
    let of = |tongue: &Tongue| Lexicon {
        tones: Words::new(unique(tones(tongue.code))),
        topics: Words::new(unique(topics(tongue.code))),
    };
    TONGUES.iter().map(of).collect()
});

/// The phrases of one language, as they look in a prepared text, and what they mean for the tone.
pub(super) fn tones(code: &str) -> impl Iterator<Item = (String, Role)> {
    let lines = rows(TONE_WORDS).filter(move |[language, _, _]| [code, "any"].contains(language));
    lines.flat_map(move |[_, role, words]| {
        let role = Role::named(role);
        patterns(words).map(move |pattern| (pattern, role))
    })
}

/// The phrases of one language, as they look in a prepared text, and which topic they speak of.
pub(super) fn topics(code: &str) -> impl Iterator<Item = (String, Subject)> {
    let lines = rows(TOPIC_WORDS).filter(move |[_, language, _, _]| *language == code);
    lines.flat_map(move |[topic, _, weight, words]| {
        let weight = weight.parse().expect("a weight of data/topic_words.csv is a small number");
        let subject = Subject::new(topic, weight);
        patterns(words).map(move |pattern| (pattern, subject))
    })
}

/// Spelled with and without marks, words become the same: the first meaning counts.
fn unique<T>(words: impl Iterator<Item = (String, T)>) -> impl Iterator<Item = (String, T)> {
    let mut seen = FxHashSet::default();
    words.filter(move |(word, _)| seen.insert(word.clone()))
}

/// The spellings of `|`-separated phrases in a prepared text. A phrase ends where a word ends, but for Chinese, which has
/// no spaces, and for a stem, written `deliver*`.
pub(super) fn patterns(words: &'static str) -> impl Iterator<Item = String> {
    words.split('|').map(pattern)
}

fn pattern(word: &str) -> String {
    let mut prepared = Prepared::default();
    prepared.set(word.trim_end_matches('*'));
    let text = prepared.text();
    let ends_a_word = !word.ends_with('*') && !text.trim_end().ends_with(crate::names::is_han);
    if ends_a_word { text.to_owned() } else { text.trim_end().to_owned() }
}

/// Whether a character of a text is a word of the tables by itself.
pub(super) fn is_emoji(c: char) -> bool {
    static EMOJI: LazyLock<FxHashSet<char>> = LazyLock::new(|| {
        let lines = rows(TONE_WORDS).filter(|[language, _, _]| *language == "any");
        lines.flat_map(|[_, _, words]| words.chars()).filter(|c| *c != '|').collect()
    });
    c >= '\u{2600}' && !c.is_alphanumeric() && EMOJI.contains(&c)
}

/// How much a word or a letter says about the language, by language: all of it, shared by the languages that have it.
pub(super) type Hints = FxHashMap<String, Vec<usize>>;

/// The words that tell languages apart: their commonest, and those of the lists.
pub(super) static HINTS: LazyLock<Hints> = LazyLock::new(|| {
    let mut hints = Hints::default();
    for (at, tongue) in TONGUES.iter().enumerate() {
        let common = patterns(tongue.words);
        let listed = tones(tongue.code).map(|(word, _)| word).chain(topics(tongue.code).map(|(word, _)| word));
        for phrase in common.chain(listed) {
            // A stem is no word; the words of a phrase are.
            let stem = if phrase.ends_with(' ') { "" } else { phrase.rsplit(' ').next().unwrap_or_default() };
            for word in phrase.split(' ').filter(|word| !word.is_empty() && *word != stem) {
                let tongues = hints.entry(word.to_owned()).or_default();
                if tongues.last() != Some(&at) && !word.chars().any(is_emoji) {
                    tongues.push(at);
                }
            }
        }
    }
    hints
});
