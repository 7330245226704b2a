//! What is known of a customer, a line each.

use std::borrow::Cow;

use super::super::lookup::{Row, count_of, text_of};
use super::super::output::{counted, money, percent, thousands};
use super::person::{Person, day, tidy};

/// From here on, and below its negative, a tone is told.
const TONE: f64 = 0.2;

impl Person {
    /// What fits on a line each; facts that are not known are empty.
    pub(super) fn facts(&self) -> [(&'static str, String); 22] {
        let of = |name: &str| text_of(&self.profile, name);
        let stale = |flag: &str| if of(flag) == "true" { " (stale)" } else { "" };
        let count = |name: &str, unit: &str| match count_of(&self.profile, name) {
            0 => String::new(),
            number => format!("{}{unit}", thousands(number)),
        };
        let address = join(&["street", "postcode", "city", "region", "country"].map(of));
        [
            ("e-mail", format!("{}{}", of("email"), stale("email_is_stale"))),
            ("phone", format!("{}{}", of("phone"), stale("phone_is_stale"))),
            ("address", format!("{address}{}", stale("address_is_stale"))),
            ("born", of("birth_date").into_owned()),
            ("company", join(&["job_title", "company"].map(of))),
            ("language", of("language").into_owned()),
            ("consents", self.consents()),
            ("stands", of("lifecycle").into_owned()),
            ("scores", self.scores()),
            ("orders", self.orders()),
            ("spent", self.spent()),
            ("expected", self.expected()),
            ("alive", self.alive()),
            ("soon", self.soon()),
            ("is like", self.glance("cluster")),
            ("likes", self.likes()),
            ("offer", self.offer()),
            ("loyalty", join(&[of("tier"), count("points", " points").into()])),
            ("service", self.service()),
            ("heard of", self.heard_of()),
            ("write", self.write()),
            ("segments", self.segments.join(", ")),
        ]
    }

    fn consents(&self) -> String {
        let channels = ["email", "sms", "phone", "post"].iter().filter_map(|channel| {
            match text_of(&self.profile, &format!("{channel}_consent")).as_ref() {
                "true" => Some(format!("{channel} yes")),
                "false" => Some(format!("{channel} no")),
                _ => None,
            }
        });
        channels.collect::<Vec<_>>().join(", ")
    }

    /// The scores in words, or why a buyer has none.
    fn scores(&self) -> String {
        let of = |name: &str| text_of(&self.profile, name);
        if !of("label").is_empty() {
            return format!(
                "{} {}: recency {}, frequency {}, monetary {}; 5 is best",
                of("label"),
                of("rfm_score"),
                of("recency_score"),
                of("frequency_score"),
                of("monetary_score")
            );
        }
        match count_of(&self.profile, "orders") {
            0 => String::new(),
            _ if self.spend.iter().any(|row| text_of(row, "is_scored") == "true") => {
                "none, because nothing is left after returns".to_owned()
            }
            _ => "none, because they are by spend in the reporting currency".to_owned(),
        }
    }

    fn orders(&self) -> String {
        let of = |name: &str| text_of(&self.profile, name);
        match count_of(&self.profile, "orders") {
            0 => "none yet".to_owned(),
            orders => {
                let last = day(&of("last_order_at"));
                let days = counted(count_of(&self.profile, "recency_days"), "day");
                let as_of = self.as_of.as_deref().unwrap_or("no date");
                format!("{}, last on {last} ({days} ago, as of {as_of})", thousands(orders))
            }
        }
    }

    /// Net spend, each currency for itself.
    fn spent(&self) -> String {
        let spent = |row: &Row| {
            let mut text = format!("{} {}", money(&text_of(row, "monetary")), text_of(row, "currency"));
            if count_of(row, "returns") > 0 {
                let (returned, returns) = (money(&text_of(row, "returned_amount")), count_of(row, "returns"));
                text.push_str(&format!(" ({returned} sent back in {})", counted(returns, "return")));
            }
            if text_of(row, "is_scored") != "true" {
                text.push_str(" (not in the scores)");
            }
            text
        };
        self.spend.iter().map(spent).collect::<Vec<_>>().join(", ")
    }

    /// What the customer will probably spend, in the reporting currency.
    fn expected(&self) -> String {
        let Some(value) = &self.value else { return String::new() };
        let of = |name: &str| text_of(value, name);
        let (year, later) = (of("predicted_clv_next_365d"), of("predicted_clv"));
        if year.is_empty() {
            return "unknown: too few customers bought again to learn from".to_owned();
        }
        let orders = number_of(value, "predicted_order_frequency_next_365d");
        format!(
            "{} {currency} in the next 365 days ({} orders of {}), {} {currency} in {} days; tier {}",
            money(&year),
            orders.map_or_else(String::new, |orders| format!("{orders:.2}")),
            money(&of("predicted_average_order_revenue_next_365d")),
            money(&later),
            thousands(count_of(value, "clv_horizon_days")),
            of("predicted_customer_lifetime_value_tier"),
            currency = of("currency"),
        )
    }

    /// How probable it is that the customer is one still, and buys again.
    fn alive(&self) -> String {
        let Some(value) = &self.value else { return String::new() };
        let again = number_of(value, "predicted_probability_of_transaction_next_365d").map(percent);
        let again = again.map(|again| format!("buys within 365 days: {again}"));
        let status = text_of(value, "predicted_customer_lifecycle_status");
        match (number_of(value, "p_alive"), again) {
            (Some(p_alive), Some(again)) => format!("{} ({status}); {again}", percent(p_alive)),
            (None, Some(again)) => format!("unknown, as customers do not show when they leave; {again}"),
            _ => String::new(),
        }
    }

    /// A fact of [`Person::glance`], empty where it is not known.
    fn glance(&self, name: &str) -> String {
        self.glance.as_ref().map_or_else(String::new, |row| text_of(row, name).into_owned())
    }

    /// Whether the customer buys or leaves soon.
    fn soon(&self) -> String {
        let chance = |name: &str| self.glance.as_ref().and_then(|row| number_of(row, name)).map(percent);
        let days = |name: &str| self.glance.as_ref().map_or(0, |row| count_of(row, name));
        let within = |name: &str| counted(days(name), "day");
        let again = chance("p_repeat_purchase")
            .map(|chance| format!("buys again within {}: {chance}", within("propensity_days")));
        let churns = chance("p_churn").map(|chance| format!("nothing for {}: {chance}", within("lapsed_days")));
        let all: Vec<String> = again.into_iter().chain(churns).collect();
        if all.is_empty() { String::new() } else { format!("{}, as others like this one did", all.join(", ")) }
    }

    fn likes(&self) -> String {
        let names = ["favourite_category", "favourite_brand", "favourite_store", "favourite_channel"];
        join(&names.map(|name| self.glance(name).into()))
    }

    fn offer(&self) -> String {
        let (offer, because) = (self.glance("next_product"), self.glance("because_product"));
        if offer.is_empty() { offer } else { format!("{offer}, because of {because}") }
    }

    /// Cases, what they are about, and in which tone.
    fn service(&self) -> String {
        let open = count_of(&self.profile, "open_complaints");
        let open = if open > 0 { format!("{} open", counted(open, "complaint")) } else { String::new() };
        let Some(glance) = &self.glance else { return open };
        let cases = match count_of(glance, "tickets") {
            0 => String::new(),
            cases => counted(cases, "case"),
        };
        let topic = match text_of(glance, "main_topic") {
            topic if topic.is_empty() => topic,
            topic => format!("mostly {}", topic.replace('_', " ")).into(),
        };
        let tone = number_of(glance, "mean_tone").map_or("", |tone| match tone {
            tone if tone <= -TONE => "in a bad tone",
            tone if tone >= TONE => "in a good tone",
            _ => "in a calm tone",
        });
        join(&[cases.into(), open.into(), topic, tone.into()])
    }

    fn heard_of(&self) -> String {
        let Some(glance) = &self.glance else { return String::new() };
        if text_of(glance, "last_contact_at").is_empty() {
            return String::new();
        }
        let days = counted(count_of(glance, "silent_days"), "day");
        format!("{} ({days} ago), {}", day(&self.glance("last_contact_at")), self.glance("last_contact_kind"))
    }

    /// By which channel and when a message has the best chance.
    fn write(&self) -> String {
        let asked = if self.glance("is_agreed") == "true" { "" } else { " (no consent to marketing known)" };
        match (self.glance("contact_channel"), self.glance("contact_hour")) {
            (channel, _) if channel.is_empty() => channel,
            (channel, hour) if hour.is_empty() => format!("{channel}{asked}"),
            (channel, hour) => format!("{channel}, at {hour}:00 UTC{asked}"),
        }
    }
}

fn number_of(row: &Row, name: &str) -> Option<f64> {
    row.get(name).and_then(serde_json::Value::as_f64)
}

fn join(parts: &[Cow<'_, str>]) -> String {
    parts.iter().map(|part| tidy(part)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
