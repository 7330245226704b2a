//! BG/NBD: Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
//! Marketing Science 24(2).
//!
//! A customer can leave after each repeat purchase. Who has never bought again is alive for certain, which is rarely true;
//! MBG/NBD does without this.

use super::beta_geometric::{self, BetaGeometric};
use super::history::{Histories, History, Scaled};
use super::model::{BuyingModel, Fit, parameters};

parameters! {
    /// Purchase rates are gamma distributed with r and α, the probability to leave after a purchase is beta distributed
    /// with a and b.
    BgNbd {
        /// The shape of the purchase rates: small where customers differ much.
        r,
        /// The rate parameter of the purchase rates, in units of time.
        alpha,
        /// The first parameter of the probability to leave, whose mean is a / (a + b). Zero: nobody leaves.
        a,
        /// The second parameter of the probability to leave.
        b
    }
}

impl BgNbd {
    fn shared(&self) -> BetaGeometric {
        let Self { r, alpha, a, b } = *self;
        BetaGeometric { first: 0.0, r, alpha, a, b }
    }
}

impl BuyingModel for BgNbd {
    const NAME: &'static str = "bg_nbd";

    fn fit(histories: &Histories) -> Fit<Self> {
        let parameters = |[r, alpha, a, b]: [f64; 4]| Self { r, alpha, a, b };
        beta_geometric::fit(&Scaled::new(histories), histories.customers(), 0.0, parameters)
    }

    fn log_likelihood(&self, history: &History) -> f64 {
        self.shared().log_likelihood(history)
    }

    fn p_alive(&self, history: &History) -> f64 {
        self.shared().p_alive(history)
    }

    fn expected_orders(&self, history: &History, horizon: f64) -> f64 {
        self.shared().expected_orders(history, horizon)
    }

    fn shows_dropout(&self) -> bool {
        self.a > 0.0
    }

    fn p_order(&self, history: &History, horizon: f64) -> f64 {
        self.shared().p_order(history, horizon)
    }

    fn expected_orders_since_first(&self, age: f64) -> f64 {
        self.shared().expected_orders_since_first(age)
    }

    fn distribution(&self, age: f64, most: usize) -> Vec<f64> {
        self.shared().distribution(age, most)
    }

    fn time_scale(&self, history: &History) -> f64 {
        self.alpha + history.age
    }
}
