//! A match weight and its parts, as a chart.

use crate::chart::{Fall, Waterfall, bits};
use crate::identity::linkage::{self, Step, probability};

/// The way from any two records to these two.
pub(crate) fn waterfall(records: [&str; 2], of: &linkage::Waterfall) -> Waterfall {
    let prior = "before comparing".to_owned();
    let mut falls = vec![Fall { label: "any two records".to_owned(), detail: prior, value: of.prior }];
    let (compared, empty): (Vec<&Step>, Vec<&Step>) = of.steps.iter().partition(|step| step.level != "null");
    falls.extend(compared.into_iter().map(fall));
    if of.household < -0.05 {
        falls.push(Fall {
            label: "may be one household".to_owned(),
            detail: "people of one home agree, too".to_owned(),
            value: of.household,
        });
    }
    let empty: Vec<&str> = empty.into_iter().map(|step| step.comparison.as_str()).collect();
    let likely = probability(of.weight);
    Waterfall {
        title: records.join(" and "),
        subtitle: format!("{} bits: one person with probability {likely:.3}", bits(of.weight)),
        falls,
        whole: Fall { label: "together".to_owned(), detail: format!("probability {likely:.3}"), value: of.weight },
        zero: "bits; 0 is as likely as not".to_owned(),
        note: if empty.is_empty() { String::new() } else { format!("empty in one or both: {}", empty.join(", ")) },
    }
}

fn fall(step: &Step) -> Fall {
    let values = if step.left == step.right { step.left.clone() } else { format!("{} | {}", step.left, step.right) };
    let detail = match step.rarity {
        0.05.. => format!("{values} (rare: {})", bits(step.rarity)),
        ..-0.05 => format!("{values} (common: {})", bits(step.rarity)),
        _ => values,
    };
    Fall { label: format!("{} · {}", step.comparison, step.level), detail, value: step.weight + step.rarity }
}
