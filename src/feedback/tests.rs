//! How often tone and topic are right, over labelled texts in ten languages, and that the word lists make sense.

use rustc_hash::FxHashMap;

use super::*;

/// A line of `tests/feedback.csv`.
struct Case {
    half: String,
    language: String,
    topic: String,
    tone: i8,
    text: String,
}

fn cases() -> Vec<Case> {
    let mut reader = csv::Reader::from_reader(include_str!("../../tests/feedback.csv").as_bytes());
    let case = |row: csv::StringRecord| Case {
        half: row[0].to_owned(),
        language: row[1].to_owned(),
        topic: row[2].to_owned(),
        tone: row[3].parse().unwrap(),
        text: row[4].to_owned(),
    };
    reader.records().map(|row| case(row.unwrap())).collect()
}

fn sign(tone: Option<f64>) -> i8 {
    // Hutto and Gilbert's bounds of what is neutral.
    match tone {
        Some(tone) if tone >= 0.05 => 1,
        Some(tone) if tone <= -0.05 => -1,
        _ => 0,
    }
}

#[test]
fn texts_are_understood_as_measured() {
    let mut reader = Reader::default();
    // By half, and by language: right tones, right topics, texts.
    let mut figures: FxHashMap<(String, String), [u32; 3]> = FxHashMap::default();
    let mut wrong = String::new();
    for case in cases() {
        let tone = reader.tone(&case.text);
        let topic = reader.topic(&case.text).unwrap_or_default();
        let right = [sign(tone) == case.tone, topic == case.topic];
        if right != [true, true] {
            wrong += &format!("{} {}: {:?} {topic:?}: {} {}, {}\n", case.half, case.language, tone, case.tone, case.topic, case.text);
        }
        for language in [case.language, "all".to_owned()] {
            let figures = figures.entry((case.half.clone(), language)).or_default();
            figures[0] += u32::from(right[0]);
            figures[1] += u32::from(right[1]);
            figures[2] += 1;
        }
    }
    let said = std::env::var("SAID").unwrap_or_default();
    let mut keys: Vec<_> = figures.iter().collect();
    keys.sort();
    println!("{}", wrong.lines().filter(|line| line.starts_with(&said)).collect::<Vec<_>>().join("\n"));
    println!("{keys:?}");
}

#[test]
fn every_phrase_has_one_meaning() {
    let mut twice = Vec::new();
    for tongue in lexicon::TONGUES.iter() {
        let mut seen: FxHashMap<String, lexicon::Role> = FxHashMap::default();
        for (phrase, role) in lexicon::tones(tongue.code) {
            if let Some(before) = seen.insert(phrase.clone(), role)
                && before != role
            {
                twice.push(format!("{} {phrase}: {before:?}, {role:?}", tongue.code));
            }
        }
        let mut seen = FxHashMap::default();
        for (phrase, subject) in lexicon::topics(tongue.code) {
            if let Some(before) = seen.insert(phrase.clone(), subject)
                && before != subject
            {
                twice.push(format!("{} {phrase}: {before:?}, {subject:?}", tongue.code));
            }
        }
    }
    assert!(twice.is_empty(), "these have two meanings:\n{}", twice.join("\n"));
}
