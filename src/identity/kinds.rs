//! Kinds of evidence in their order of strength: a person's decision, then the declared kinds, then all others by name.

use super::Settings;

/// Index into [`Kinds`]; a smaller one is stronger evidence.
pub(super) type KindIndex = u16;

/// A person said so: always the strongest.
pub(super) const OVERRIDE: KindIndex = 0;

/// Records that are alike in many ways, which none of them decides alone: always the weakest.
const SCORE: &str = "score";

/// What is known about each kind; index 0 is the override.
pub(super) struct Kinds {
    /// Names, as results show them.
    pub(super) names: Vec<String>,
    /// How sure one shared value makes us, 0 to 1.
    pub(super) confidences: Vec<f64>,
}

impl Kinds {
    /// The declared kinds in their order, then the `found` ones that are not declared, by name.
    pub(super) fn new(settings: &Settings, found: &[&str]) -> Self {
        let mut kinds = Self { names: vec!["override".into()], confidences: vec![1.0] };
        for rule in &settings.kinds {
            kinds.push(&rule.name, rule.confidence);
        }
        let mut others: Vec<&str> =
            found.iter().copied().filter(|name| !kinds.names[1..].iter().any(|known| known == name)).collect();
        others.sort_unstable();
        for name in others {
            kinds.push(name, settings.other_confidence);
        }
        // Each scored link says itself how sure it is.
        kinds.push(SCORE, 0.0);
        kinds
    }

    /// The kind of scored links.
    pub(super) fn score(&self) -> KindIndex {
        KindIndex::try_from(self.names.len() - 1).expect("fewer than 65,536 kinds of identifier")
    }

    fn push(&mut self, name: &str, confidence: f64) {
        self.names.push(name.into());
        self.confidences.push(confidence);
    }

    /// The index of an identifier's kind.
    pub(super) fn index(&self, name: &str) -> KindIndex {
        let at = 1 + self.names[1..].iter().position(|known| known == name).expect("every kind found was added");
        KindIndex::try_from(at).expect("fewer than 65,536 kinds of identifier")
    }
}
