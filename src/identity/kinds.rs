//! Kinds of evidence in their order of strength: a person's decision, then the declared kinds, then all others by name.

use super::Settings;

/// Index into [`Kinds`]; a smaller one is stronger evidence.
pub(super) type KindIndex = u16;

/// A person said so: always the strongest.
pub(super) const OVERRIDE: KindIndex = 0;

/// Records that are alike in many ways, which none of them decides alone: always the weakest.
pub(super) const SCORE: &str = "score";

/// What is known about each kind; index 0 is the override.
pub(super) struct Kinds {
    /// Names, as results show them.
    pub(super) names: Vec<String>,
    /// How sure one shared value makes us, 0 to 1.
    pub(super) confidences: Vec<f64>,
}

/// The kinds of identifier that a record shares with others of its customer, as a set; the weakest ones, from the 64th on,
/// count as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Evidence(u64);

impl Evidence {
    /// Adds a kind.
    pub(super) fn add(&mut self, kind: KindIndex) {
        self.0 |= 1 << kind.min(63);
    }

    fn holds(self, kind: usize) -> bool {
        self.0 >> kind & 1 == 1
    }
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

    /// How sure all the evidence together makes us: it is wrong only if each kind of it is. A value and the same value
    /// together with a name (`email`, `email+name`) are one kind, of which the stronger counts.
    pub(super) fn confidence(&self, evidence: Evidence) -> f64 {
        let basis = |kind: usize| self.names[kind].split('+').next();
        let held = || (0..self.names.len().min(64)).filter(|&kind| evidence.holds(kind));
        // Kinds are in the order of their strength.
        let counts =
            |kind: &usize| !held().take_while(|stronger| stronger < kind).any(|other| basis(other) == basis(*kind));
        1.0 - held().filter(counts).map(|kind| 1.0 - self.confidences[kind]).product::<f64>()
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
