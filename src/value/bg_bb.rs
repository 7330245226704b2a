//! BG/BB: Fader, Hardie, Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing Science
//! 29(6). For occasions that come round: an appeal each year, a trade fair each spring.
//!
//! At each occasion a customer who is alive buys with a probability of his own (beta with α, β), having left before it with
//! another (beta with γ, δ). Here all times are whole numbers of occasions: frequency x, the last occasion bought at
//! t_x (zero: none), and the occasions so far n, which is `age`.

use crate::error::Result;

use super::gamma::{Rising, ln_beta};
use super::history::{Histories, History};
use super::model::{Ahead, BuyingModel, Fit, parameters};
use super::optimise::{Evaluated, maximise};

parameters! {
    /// The mean probability to buy at an occasion is α / (α + β), that to leave before it γ / (γ + δ).
    BgBb {
        /// The first parameter of the probability to buy.
        alpha,
        /// The second parameter of the probability to buy.
        beta,
        /// The first parameter of the probability to leave.
        gamma,
        /// The second parameter of the probability to leave.
        delta
    }
}

impl BgBb {
    /// The odds that the customer has left before the last of the occasions so far.
    ///
    /// The terms of the likelihood (equation 1), each over that of being alive, from the last occasion backwards: every one
    /// follows from the one before.
    fn odds_left(&self, history: &History) -> f64 {
        let &Self { alpha, beta, gamma, delta } = self;
        let History { frequency: x, recency, age } = *history;
        let (mut odds, mut term, mut m) = (0.0, gamma, age);
        while m > recency {
            m -= 1.0;
            // Left before occasion m + 1, and therefore not asked at it.
            term *= (alpha + beta + m) / (beta + m - x);
            odds += term / (delta + m);
            term *= (gamma + delta + m) / (delta + m);
        }
        odds
    }

    /// The probability that who is alive at the first of the next occasions is so at each of them.
    fn alive_at(&self, age: f64) -> impl Iterator<Item = f64> {
        let &Self { gamma, delta, .. } = self;
        (1..).scan(1.0, move |there, j| {
            let at = *there;
            let m = age + f64::from(j);
            *there *= (delta + m) / (gamma + delta + m);
            Some(at)
        })
    }

    /// The probability that who is alive at the first of the next occasions buys at each of them.
    fn orders(&self, frequency: f64, age: f64, horizon: f64) -> impl Iterator<Item = f64> {
        let rate = (self.alpha + frequency) / (self.alpha + self.beta + age);
        self.alive_at(age).take(horizon.max(0.0) as usize).map(move |there| rate * there)
    }
}

impl BuyingModel for BgBb {
    const NAME: &'static str = "bg_bb";

    fn history(frequency: f64, recency: f64, age: f64) -> Result<History> {
        History::of_occasions(frequency, recency, age)
    }

    fn fit(histories: &Histories) -> Fit<Self> {
        let n = histories.customers();
        let rows: Vec<(History, f64)> =
            histories.rows().iter().map(|(row, count)| (History::from(*row), *count as f64)).collect();
        if rows.iter().all(|(history, _)| history.frequency == 0.0) {
            return Fit::nothing(n, "no customer bought at any occasion: nothing to learn from");
        }
        let never = maximise(&rows, &[[1.0, 1.0], [0.5, 3.0], [5.0, 5.0]], |rows, &[alpha, beta]| {
            let (value, gradient) = evaluate(rows, &Self { alpha, beta, gamma: 0.0, delta: 1.0 });
            (value, [gradient[0], gradient[1]])
        });
        let [alpha, beta] = never.parameters;
        let starts =
            [(0.5, 2.0), (1.0, 10.0), (3.0, 6.0), (0.1, 0.3)].map(|(gamma, delta)| [alpha, 0.7 * beta, gamma, delta]);
        let optimum = maximise(&rows, &starts, |rows, &[alpha, beta, gamma, delta]| {
            evaluate(rows, &Self { alpha, beta, gamma, delta })
        });
        if !Fit::<Self>::shows_dropout(&optimum, &never, n) {
            return Fit::without_dropout(&never, Self { alpha, beta, gamma: 0.0, delta: 1.0 }, n, 0.0);
        }
        let [alpha, beta, gamma, delta] = optimum.parameters;
        Fit::of(&optimum, Self { alpha, beta, gamma, delta }, n, 0.0)
    }

    fn log_likelihood(&self, history: &History) -> f64 {
        evaluate(&[(*history, 1.0)], self).0
    }

    /// The probability that the customer will be alive at the next occasion (equation 7).
    fn p_alive(&self, history: &History) -> f64 {
        let next = (self.delta + history.age) / (self.gamma + self.delta + history.age);
        next / (1.0 + self.odds_left(history))
    }

    /// Equation 9 over [`Self::p_alive`], as the sum over the occasions that begin within `horizon`, so that γ = 1 is no
    /// hole.
    fn orders_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
        self.orders(frequency, age, horizon).sum()
    }

    fn shows_dropout(&self) -> bool {
        self.gamma > 0.0
    }

    /// The sum over the occasions that begin within `horizon`: alive at it, and the first one bought at.
    fn p_order_if_alive(&self, frequency: f64, age: f64, horizon: f64) -> f64 {
        let bought = self.alpha + frequency;
        let passed = self.beta + age - frequency;
        let mut first = bought / (bought + passed);
        let mut sum = 0.0;
        for (j, there) in (0..).map(f64::from).zip(self.alive_at(age).take(horizon.max(0.0) as usize)) {
            sum += there * first;
            first *= (passed + j) / (bought + passed + 1.0 + j);
        }
        sum
    }

    fn expected_orders_since_first(&self, age: f64) -> f64 {
        self.expected_orders(&History::NEW, age)
    }

    /// Equation 3: the purchases among all occasions, or among those before the customer left.
    fn distribution(&self, age: f64, most: usize) -> Vec<f64> {
        let occasions = age.max(0.0) as usize;
        let tables = Tables::new(self, occasions);
        let of = |x: usize, m: usize| (tables.ln_bought(x, m) - ln_choose(m as f64, x as f64)).exp();
        (0..=most)
            .map(|x| {
                if x > occasions {
                    return 0.0;
                }
                let left: f64 = (x..occasions).map(|m| of(x, m) * tables.ln_left(m).exp()).sum();
                of(x, occasions) * tables.ln_alive(occasions).exp() + left
            })
            .collect()
    }

    /// One occasion.
    fn time_scale(&self, _: f64) -> f64 {
        1.0
    }

    /// Discounted occasion by occasion: an order at the j-th of the next occasions is j / `units_per_year` years away.
    fn discounted_if_alive(&self, frequency: f64, age: f64, ahead: Ahead) -> f64 {
        let delta = ahead.delta();
        let orders = (1..).zip(self.orders(frequency, age, ahead.horizon));
        orders.map(|(j, order)| order * (-delta * f64::from(j)).exp()).sum()
    }
}

/// −ln of the binomial coefficient "m choose x".
fn ln_choose(m: f64, x: f64) -> f64 {
    ln_beta(x + 1.0, m - x + 1.0) + (m + 1.0).ln()
}

/// Rising factorials of all parameters, with their derivatives, up to a number of occasions.
struct Tables {
    ln_gamma: f64,
    alpha: Vec<(f64, f64)>,
    beta: Vec<(f64, f64)>,
    asked: Vec<(f64, f64)>,
    delta: Vec<(f64, f64)>,
    leave: Vec<(f64, f64)>,
}

impl Tables {
    fn new(at: &BgBb, occasions: usize) -> Self {
        let table = |z| Rising::table(z, occasions + 1);
        Self {
            ln_gamma: at.gamma.ln(),
            alpha: table(at.alpha),
            beta: table(at.beta),
            asked: table(at.alpha + at.beta),
            delta: table(at.delta),
            leave: table(at.gamma + at.delta),
        }
    }

    /// ln B(α+x, β+m−x) / B(α, β): bought at x given ones of m occasions.
    fn ln_bought(&self, x: usize, m: usize) -> f64 {
        self.alpha[x].0 + self.beta[m - x].0 - self.asked[m].0
    }

    /// ln B(γ, δ+m) / B(γ, δ): alive at m occasions.
    fn ln_alive(&self, m: usize) -> f64 {
        self.delta[m].0 - self.leave[m].0
    }

    /// ln B(γ+1, δ+m) / B(γ, δ): alive at m occasions and not at the next.
    fn ln_left(&self, m: usize) -> f64 {
        self.ln_gamma + self.delta[m].0 - self.leave[m + 1].0
    }
}

/// The log-likelihood (equation 1) and its gradient in α, β, γ, δ: the gradient of a sum is the mean of its terms'.
fn evaluate(rows: &[(History, f64)], at: &BgBb) -> Evaluated<4> {
    let most = rows.iter().map(|(history, _)| history.age as usize).max().unwrap_or(0);
    let tables = Tables::new(at, most);
    let (mut sum, mut gradient) = (0.0, [0.0; 4]);
    for (history, weight) in rows {
        let (x, last, n) = (history.frequency as usize, history.recency as usize, history.age as usize);
        let alive = tables.ln_bought(x, n) + tables.ln_alive(n);
        let mut total = 1.0;
        let mut slopes = [tables.beta[n - x].1, tables.asked[n].1, tables.delta[n].1, tables.leave[n].1];
        let mut left = 0.0;
        for m in last..n {
            let share = (tables.ln_bought(x, m) + tables.ln_left(m) - alive).exp();
            total += share;
            left += share;
            slopes[0] += share * tables.beta[m - x].1;
            slopes[1] += share * tables.asked[m].1;
            slopes[2] += share * tables.delta[m].1;
            slopes[3] += share * tables.leave[m + 1].1;
        }
        let [beta, asked, delta, leave] = slopes.map(|slope| slope / total);
        sum += weight * (alive + total.ln());
        gradient[0] += weight * (tables.alpha[x].1 - asked);
        gradient[1] += weight * (beta - asked);
        gradient[2] += weight * (left / total / at.gamma - leave);
        gradient[3] += weight * (delta - leave);
    }
    (sum, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::optimise::check_gradient;

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        let rows = [(0.0, 0.0, 6.0, 3464.0), (1.0, 3.0, 6.0, 129.0), (3.0, 5.0, 6.0, 225.0), (6.0, 6.0, 6.0, 1203.0)]
            .map(|(frequency, last, n, weight)| (History::of_occasions(frequency, last, n).unwrap(), weight));
        check_gradient([1.2, 0.75, 0.66, 2.78], |&[alpha, beta, gamma, delta]| {
            evaluate(&rows, &BgBb { alpha, beta, gamma, delta })
        });
    }

    /// All histories of four occasions: their probabilities sum to one, and by frequency to the distribution.
    #[test]
    fn the_likelihoods_of_all_histories_sum_to_the_distribution() {
        let model = BgBb { alpha: 1.2, beta: 0.75, gamma: 0.66, delta: 2.78 };
        let mut by_frequency = [0.0; 5];
        for bought in 0_u32..16 {
            let last = f64::from(32 - bought.leading_zeros());
            let history = History::of_occasions(f64::from(bought.count_ones()), last, 4.0).unwrap();
            by_frequency[bought.count_ones() as usize] += model.log_likelihood(&history).exp();
        }
        for (sum, probability) in by_frequency.iter().zip(model.distribution(4.0, 4)) {
            assert!((sum - probability).abs() < 1e-14);
        }
        let mean: f64 = (0_u32..).zip(by_frequency).map(|(x, p)| f64::from(x) * p).sum();
        assert!((mean - model.expected_orders_since_first(4.0)).abs() < 1e-13);
    }
}
