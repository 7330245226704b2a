//! In which script a name is written, where that decides how it is compared.

/// What two names have to be in to be held against each other letter by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Letters, or what is written in them: Latin, Cyrillic, Greek, kana.
    Letters,
    /// Chinese characters, each of which is a word: no two different ones are alike.
    Han,
    /// Korean syllables; names are two or three of them.
    Hangul,
    /// Arabic and Hebrew, which leave vowels out.
    Abjad,
}

impl Script {
    /// The script of a text, if all its letters are of one that is not [`Script::Letters`].
    pub(crate) fn of(text: &str) -> Self {
        let mut found = None;
        for c in text.chars().filter(|c| c.is_alphabetic()) {
            let script = Self::of_char(c);
            if *found.get_or_insert(script) != script {
                return Self::Letters;
            }
        }
        found.unwrap_or(Self::Letters)
    }

    fn of_char(c: char) -> Self {
        match c {
            _ if is_han(c) => Self::Han,
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => Self::Hangul,
            '\u{590}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => {
                Self::Abjad
            }
            _ => Self::Letters,
        }
    }
}

/// Whether a character stands for a word.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '々' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character is a Japanese syllable, or makes one longer.
pub(crate) fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309e}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30fe}')
}

/// Whether names in this text are written without spaces, the family name first.
pub(super) fn is_cjk(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some()
        && letters.all(|c| is_kana(c) || matches!(Script::of_char(c), Script::Han | Script::Hangul))
}
