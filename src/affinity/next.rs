//! What somebody may buy next, by what they have bought.

use crate::parallel::fold;

/// Customers are dealt out in pieces of so many.
const CUSTOMERS_PER_PIECE: usize = 1 << 14;

/// Who buys a product buys this one too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// The other product.
    pub item: u32,
    /// How strong the rule is; never NaN.
    pub score: f64,
}

/// A product that a customer may buy next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The customer.
    pub customer: u32,
    /// 1: the customer's best one.
    pub place: u32,
    /// The product.
    pub item: u32,
    /// The product that the customer has bought and whose rule is the strongest.
    pub because: u32,
    /// How strong that rule is.
    pub score: f64,
}

/// The `best` best candidates of each customer, by customer, best first.
///
/// `purchases` are customers with what they bought, in any order; `rules` those of each item. A candidate's score is that of
/// the strongest rule that leads to it: strong rules do not add up, because they mostly say the same thing. Of equally strong
/// ones the smaller item counts, as the reason and as the candidate. What a customer has bought is none.
pub fn next(
    purchases: &[(u32, u32)],
    customers: usize,
    rules: &[Vec<Rule>],
    best: usize,
    threads: usize,
) -> Vec<Candidate> {
    let (bought, bounds) = by_customer(purchases, customers);
    let pieces = customers.div_ceil(CUSTOMERS_PER_PIECE);
    let of_piece = |own: &mut Vec<(usize, Vec<Candidate>)>, piece: usize| {
        let (mut scorer, mut found) = (Scorer::new(rules), Vec::new());
        let end = customers.min((piece + 1) * CUSTOMERS_PER_PIECE);
        for customer in piece * CUSTOMERS_PER_PIECE..end {
            scorer.best(customer as u32, &bought[bounds[customer]..bounds[customer + 1]], best, &mut found);
        }
        own.push((piece, found));
    };
    let mut found = fold(threads, pieces, of_piece).concat();
    found.sort_unstable_by_key(|(piece, _)| *piece);
    found.into_iter().flat_map(|(_, candidates)| candidates).collect()
}

/// What each customer bought, one behind the other, and where each one's begins and the last one's ends.
fn by_customer(purchases: &[(u32, u32)], customers: usize) -> (Vec<u32>, Vec<usize>) {
    let mut bounds = vec![0; customers + 1];
    for (customer, _) in purchases {
        bounds[*customer as usize + 1] += 1;
    }
    for at in 0..customers {
        bounds[at + 1] += bounds[at];
    }
    let mut next = bounds.clone();
    let mut bought = vec![0; purchases.len()];
    for (customer, item) in purchases {
        let next = &mut next[*customer as usize];
        bought[*next] = *item;
        *next += 1;
    }
    (bought, bounds)
}

/// Scores one customer after another, with a place for each item.
struct Scorer<'a> {
    rules: &'a [Vec<Rule>],
    is_bought: Vec<bool>,
    /// Per item: the strongest rule's score and its reason; the score is below all others where there is none.
    scores: Vec<(f64, u32)>,
    seen: Vec<u32>,
}

const NO_SCORE: (f64, u32) = (f64::NEG_INFINITY, u32::MAX);

impl<'a> Scorer<'a> {
    fn new(rules: &'a [Vec<Rule>]) -> Self {
        Self { rules, is_bought: vec![false; rules.len()], scores: vec![NO_SCORE; rules.len()], seen: Vec::new() }
    }

    fn best(&mut self, customer: u32, bought: &[u32], best: usize, found: &mut Vec<Candidate>) {
        for item in bought {
            self.is_bought[*item as usize] = true;
        }
        for because in bought {
            for rule in &self.rules[*because as usize] {
                let known = &mut self.scores[rule.item as usize];
                if *known == NO_SCORE {
                    self.seen.push(rule.item);
                }
                if rule.score > known.0 || rule.score == known.0 && *because < known.1 {
                    *known = (rule.score, *because);
                }
            }
        }
        let first = found.len();
        for item in self.seen.drain(..) {
            let (score, because) = std::mem::replace(&mut self.scores[item as usize], NO_SCORE);
            if !self.is_bought[item as usize] {
                found.push(Candidate { customer, place: 0, item, because, score });
            }
        }
        for item in bought {
            self.is_bought[*item as usize] = false;
        }
        found[first..].sort_unstable_by(|one, other| other.score.total_cmp(&one.score).then(one.item.cmp(&other.item)));
        found.truncate(first + best);
        (1..).zip(&mut found[first..]).for_each(|(place, candidate)| candidate.place = place);
    }
}
