//! What an enrollment is worth to the affiliate: amounts by brand, plan or term, from the settings.

use super::fact::{Fact, Facts};
use crate::fields::{Brand, OfferCode};

/// The amounts. The default has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    currency: String,
    rules: Vec<Rule>,
}

/// An amount, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Any brand if there is none.
    brand: Option<Brand>,
    part: Part,
    /// With two decimals: `75.00`.
    amount: String,
}

/// For which of the plans. The later variant is the more special one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Any,
    /// Of so many months.
    Term(u16),
    Plan(String),
}

impl Rule {
    /// Parses `any = 40`, `RE = 50`, `RE term 24 = 60.50` and `RE plan 59990001 = 75`.
    pub fn parse(text: &str) -> Option<Self> {
        let (what, amount) = text.split_once('=')?;
        let mut words = what.split_whitespace();
        let brand = match words.next()? {
            "any" => None,
            word => Some(Brand::parse(word).ok()?),
        };
        let part = match (words.next(), words.next(), words.next()) {
            (None, ..) => Part::Any,
            (Some("term"), Some(months), None) => Part::Term(months.parse().ok()?),
            (Some("plan"), Some(code), None) => Part::Plan(OfferCode::parse(code).ok()?.as_str().to_owned()),
            _ => return None,
        };
        Some(Self { brand, part, amount: amount_of(amount.trim())? })
    }

    fn fits(&self, facts: &Facts) -> bool {
        let is = |fact: Fact, value: &str| facts.fact(fact) == Some(value);
        self.brand.is_none_or(|brand| is(Fact::Brand, brand.id()))
            && match &self.part {
                Part::Any => true,
                Part::Term(months) => is(Fact::Term, &months.to_string()),
                Part::Plan(code) => is(Fact::OfferCode, code),
            }
    }
}

/// An amount with up to two decimals, written with both.
fn amount_of(text: &str) -> Option<String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = (1..=9).contains(&whole.len()) && digits(whole) && part.len() <= 2 && digits(part);
    (fits && !text.ends_with('.')).then(|| format!("{whole}.{part:0<2}"))
}

impl Amounts {
    /// These amounts in `currency`, three letters such as `USD`. None if two of `rules` are for the same.
    pub fn new(currency: String, rules: Vec<Rule>) -> Option<Self> {
        let twice = |at: usize, rule: &Rule| {
            rules.iter().skip(at + 1).any(|other| (other.brand, &other.part) == (rule.brand, &rule.part))
        };
        let unique = !rules.iter().enumerate().any(|(at, rule)| twice(at, rule));
        unique.then_some(Self { currency, rules })
    }

    /// Adds to what is known of a journey what it is worth: by its plan, else its term, else its brand.
    pub(crate) fn add_to(&self, facts: &mut Facts) {
        let fitting = self.rules.iter().filter(|rule| rule.fits(facts));
        let Some(rule) = fitting.max_by_key(|rule| (&rule.part, rule.brand.is_some())) else { return };
        facts.set(Fact::Amount, Some(&rule.amount));
        facts.set(Fact::Currency, Some(&self.currency));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amount_is_that_of_plan_else_term_else_brand() {
        let rules =
            ["any = 40", "RE = 50.5", "any term 24 = 55", "RE term 24 = 60", "RE plan 59990001 = 75.00"];
        let rules = rules.map(|rule| Rule::parse(rule).unwrap()).to_vec();
        let amounts = Amounts::new("USD".to_owned(), rules).unwrap();
        for (brand, term, code, amount) in [
            ("GM", "12", "59990009", "40.00"),
            ("RE", "12", "59990009", "50.50"),
            ("GM", "24", "59990009", "55.00"),
            ("RE", "24", "59990009", "60.00"),
            ("RE", "24", "59990001", "75.00"),
            ("GM", "24", "59990001", "55.00"),
        ] {
            let mut facts = Facts::default();
            for (fact, value) in [(Fact::Brand, brand), (Fact::Term, term), (Fact::OfferCode, code)] {
                facts.set(fact, Some(value));
            }
            amounts.add_to(&mut facts);
            assert_eq!((facts.fact(Fact::Amount), facts.fact(Fact::Currency)), (Some(amount), Some("USD")));
        }
        let mut facts = Facts::default();
        Amounts::default().add_to(&mut facts);
        assert_eq!(facts, Facts::default());
    }

    #[test]
    fn rule_of_another_form_or_given_twice_is_refused() {
        for text in [
            "",
            "40",
            "= 40",
            "XX = 40",
            "RE 40",
            "RE = 4o",
            "RE = 1.234",
            "RE = -1",
            "RE = 5.",
            "RE term = 4",
            "RE term x = 4",
            "RE plan 1 2 = 4",
            "RE plan ? = 4",
        ] {
            assert!(Rule::parse(text).is_none(), "{text}");
        }
        let twice = ["RE = 1", "RE = 2"].map(|rule| Rule::parse(rule).unwrap()).to_vec();
        assert!(Amounts::new("USD".to_owned(), twice).is_none());
    }
}
