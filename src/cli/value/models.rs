//! Models by their names, and units of time.

use clap::ValueEnum;
use serde::Serialize;

use crate::value::{Backtest, Compared, Counted, History, Payer, Sample, Tracked, backtest, backtest_spend};
use crate::value::{
    BgNbd, BuyingModel, Fit, GammaGamma, Histories, Holdouts, MbgNbd, Nbd, Parameters, ParetoNbd, Spends, frequencies,
    track,
};

/// A model of when customers buy and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum Model {
    /// MBG/NBD (Batislam et al. 2007): may leave after each purchase.
    MbgNbd,
    /// BG/NBD (Fader, Hardie, Lee 2005): may leave after each purchase but the first.
    BgNbd,
    /// Pareto/NBD (Schmittlein et al. 1987): leave whatever they buy.
    ParetoNbd,
    /// NBD (Ehrenberg 1959): never leave.
    Nbd,
}

/// The unit of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Unit {
    Day,
    Week,
    /// A twelfth of a year.
    Month,
    Year,
}

impl Unit {
    pub(super) fn days(self) -> f64 {
        match self {
            Self::Day => 1.0,
            Self::Week => 7.0,
            Self::Month => 365.25 / 12.0,
            Self::Year => 365.25,
        }
    }

    pub(super) fn per_year(self) -> f64 {
        365.25 / self.days()
    }

    /// A plural, as in "39 weeks".
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Day => "days",
            Self::Week => "weeks",
            Self::Month => "months",
            Self::Year => "years",
        }
    }

    /// As in `predicted_clv_next_365d`.
    pub(super) fn letter(self) -> char {
        match self {
            Self::Day => 'd',
            Self::Week => 'w',
            Self::Month => 'm',
            Self::Year => 'y',
        }
    }
}

/// The outcome of a fit of any model.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Fitted {
    pub(super) model: &'static str,
    pub(super) parameters: serde_json::Map<String, serde_json::Value>,
    /// Null where there was nothing to learn from.
    pub(super) log_likelihood: f64,
    pub(super) n: u64,
    pub(super) converged: bool,
    pub(super) identified: bool,
    pub(super) warning: Option<String>,
}

impl Fitted {
    fn of<P: Parameters>(model: &'static str, fit: &Fit<P>) -> Self {
        let values =
            P::NAMES.iter().zip(fit.parameters.values()).map(|(name, value)| ((*name).to_owned(), value.into()));
        Self {
            model,
            parameters: values.collect(),
            log_likelihood: fit.log_likelihood,
            n: fit.n,
            converged: fit.converged,
            identified: fit.identified,
            warning: fit.warning.clone(),
        }
    }
}

/// What a fitted model says of a customer, whichever it is. Methods as in [`BuyingModel`].
pub(super) trait Predicts {
    /// None where no customer ever leaves.
    fn p_alive(&self, history: &History) -> Option<f64>;
    fn p_order(&self, history: &History, horizon: f64) -> f64;
    fn expected_orders(&self, history: &History, horizon: f64) -> f64;
    fn clv(&self, history: &History, spend: f64, horizon: f64, annual_rate: f64, units_per_year: f64) -> f64;
}

impl<M: BuyingModel> Predicts for M {
    fn p_alive(&self, history: &History) -> Option<f64> {
        self.shows_dropout().then(|| BuyingModel::p_alive(self, history))
    }

    fn p_order(&self, history: &History, horizon: f64) -> f64 {
        BuyingModel::p_order(self, history, horizon)
    }

    fn expected_orders(&self, history: &History, horizon: f64) -> f64 {
        BuyingModel::expected_orders(self, history, horizon)
    }

    fn clv(&self, history: &History, spend: f64, horizon: f64, annual_rate: f64, units_per_year: f64) -> f64 {
        BuyingModel::clv(self, history, spend, horizon, annual_rate, units_per_year)
    }
}

/// The outcome of a backtest of any model.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Tested {
    pub(super) fit: Fitted,
    /// Orders in the holdout.
    #[serde(flatten)]
    pub(super) orders: Compared,
    /// Money in the holdout; none without amounts.
    pub(super) spend: Option<Compared>,
    pub(super) tracked: Vec<Tracked>,
    pub(super) counted: Vec<Counted>,
}

/// What a backtest stands on, in one unit of time.
#[derive(Debug, Default)]
pub(super) struct Trial {
    pub(super) customers: Holdouts,
    pub(super) histories: Histories,
    /// The customers in money, and what they spend on an order, fitted on the calibration; none without amounts.
    pub(super) money: Option<(Vec<Payer>, GammaGamma)>,
    /// When repeat purchases were, counted from the end of the calibration.
    pub(super) repeats: Sample<1>,
    pub(super) horizon: f64,
    /// Between two points of the tracking plot.
    pub(super) step: f64,
}

impl Model {
    pub(super) fn fit(self, histories: &Histories) -> (Fitted, Box<dyn Predicts>) {
        fn fit<M: BuyingModel + 'static>(histories: &Histories) -> (Fitted, Box<dyn Predicts>) {
            let fit = M::fit(histories);
            (Fitted::of(M::NAME, &fit), Box::new(fit.parameters))
        }
        match self {
            Self::MbgNbd => fit::<MbgNbd>(histories),
            Self::BgNbd => fit::<BgNbd>(histories),
            Self::ParetoNbd => fit::<ParetoNbd>(histories),
            Self::Nbd => fit::<Nbd>(histories),
        }
    }

    pub(super) fn test(self, trial: &Trial) -> Tested {
        fn test<M: BuyingModel>(trial: &Trial) -> Tested {
            let Backtest { fit, orders } = backtest::<M>(&trial.customers, trial.horizon);
            let model = &fit.parameters;
            let money = trial.money.as_ref();
            let spend = money.map(|(payers, spend)| backtest_spend(model, spend, payers, trial.horizon));
            // Without parameters there is nothing to compare with.
            let (tracked, counted) = if fit.log_likelihood.is_nan() {
                (Vec::new(), Vec::new())
            } else {
                (
                    track(model, &trial.histories, &trial.repeats, trial.step, trial.horizon),
                    frequencies(model, &trial.histories, 7),
                )
            };
            let fit = Fitted::of(M::NAME, &fit);
            Tested { fit, orders, spend, tracked, counted }
        }
        match self {
            Self::MbgNbd => test::<MbgNbd>(trial),
            Self::BgNbd => test::<BgNbd>(trial),
            Self::ParetoNbd => test::<ParetoNbd>(trial),
            Self::Nbd => test::<Nbd>(trial),
        }
    }
}

/// Gamma–Gamma, fitted.
pub(super) fn fit_spend(spends: &Spends) -> (Fitted, GammaGamma) {
    let fit = GammaGamma::fit(spends);
    (Fitted::of("gamma_gamma", &fit), fit.parameters)
}
