//! A posted answer, parsed for the question that is asked now. Only what the question offers can be chosen.

use crate::{
    fields::{BillingAddress, Problem, ServiceAddress, TdspCode, Unit},
    journey::{Cleaned, Meter, Question},
    web::form::{FormBody, FormErrors},
};

/// The person's decision.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// This utility.
    Utility(TdspCode),
    /// This service address is settled.
    Settled { address: ServiceAddress, verified: bool },
    /// The service address with another unit or none, which is looked up like a typed one.
    Retyped(ServiceAddress),
    /// This meter.
    Meter(Meter),
    /// None of the meters: the address is used as it is.
    NoneOfTheMeters,
    /// This billing address is settled.
    BillingSettled(BillingAddress),
    /// The billing address with another unit or none.
    BillingRetyped(BillingAddress),
    /// About a prior account: yes or no, or simply "go on".
    PriorAccount(bool),
    /// A second submission is intended.
    EnrollAgain,
}

/// Why an address, service or billing, needs a question.
#[derive(Debug, PartialEq, Eq)]
pub enum Doubt<'a, A> {
    /// This one or the typed one?
    Suggestion(&'a A),
    /// The unit must be typed.
    UnitNeeded,
    /// The unit can be corrected, or used as typed.
    UnitUnknown,
    /// Use it as typed?
    NotVerified,
}

/// The doubt about a billing address. A PO box has no unit to ask for.
pub fn billing_doubt<'a>(
    typed: &BillingAddress,
    cleaned: &'a Cleaned<BillingAddress>,
) -> Doubt<'a, BillingAddress> {
    match (cleaned, typed) {
        (Cleaned::Verified(suggested) | Cleaned::Suggested(suggested), _) => Doubt::Suggestion(suggested),
        (Cleaned::UnitNeeded, BillingAddress::Street { .. }) => Doubt::UnitNeeded,
        (Cleaned::UnitUnknown, BillingAddress::Street { .. }) => Doubt::UnitUnknown,
        (Cleaned::UnitNeeded | Cleaned::UnitUnknown, BillingAddress::PoBox { .. })
        | (Cleaned::NotVerified, _) => Doubt::NotVerified,
    }
}

/// The prefix of a listed unit's value, so that no unit can be taken for another answer.
pub const LISTED: &str = "unit ";

/// The value of a question in its form.
pub fn word(question: &Question<'_>) -> &'static str {
    question.into()
}

/// The answer to `question`, or the error of the field `choice` or `unit`. A unit can be typed, or chosen from those that
/// are listed.
pub fn parse(question: &Question<'_>, posted: &FormBody) -> Result<Answer, FormErrors> {
    match question {
        Question::Utility(utilities) => choose(posted, |word| {
            let utility = utilities.iter().find(|utility| utility.code.as_str() == word)?;
            Some(Answer::Utility(utility.code.clone()))
        }),
        Question::Suggestion { typed, suggested } => service(typed, &Doubt::Suggestion(suggested), posted),
        Question::UnitNeeded(typed) => service(typed, &Doubt::UnitNeeded, posted),
        Question::UnitUnknown(typed) => service(typed, &Doubt::UnitUnknown, posted),
        Question::NotVerified(typed) => service(typed, &Doubt::NotVerified, posted),
        Question::Meter { address, named } if named.is_empty() => match posted.get("choice") {
            "none" => Ok(Answer::NoneOfTheMeters),
            _ if Unit::is_denied(posted.get("unit")) => Ok(Answer::NoneOfTheMeters),
            _ => Ok(Answer::Retyped(of_unit(address, Some(unit(posted)?)))),
        },
        Question::Meter { named, .. } => choose(posted, |word| {
            if word == "none" {
                return Some(Answer::NoneOfTheMeters);
            }
            let meter = named.iter().find(|meter| meter.esi_id.as_str() == word)?;
            Some(Answer::Meter((*meter).clone()))
        }),
        Question::Billing { typed, cleaned } => billing(typed, &billing_doubt(typed, cleaned), posted),
        Question::PastService { .. } => choose(posted, |word| match word {
            "yes" => Some(Answer::PriorAccount(true)),
            "no" => Some(Answer::PriorAccount(false)),
            _ => None,
        }),
        // Their forms have only one button.
        Question::PastBalance { .. } | Question::Other(_) => Ok(Answer::PriorAccount(true)),
        Question::Recent => Ok(Answer::EnrollAgain),
    }
}

fn service(
    typed: &ServiceAddress,
    doubt: &Doubt<'_, ServiceAddress>,
    posted: &FormBody,
) -> Result<Answer, FormErrors> {
    Ok(match decide(typed, doubt, posted)? {
        Decision::Suggested(address) => Answer::Settled { address, verified: true },
        Decision::AsTyped(address) => Answer::Settled { address, verified: false },
        Decision::Unit(unit) => Answer::Retyped(of_unit(typed, unit)),
    })
}

fn billing(
    typed: &BillingAddress,
    doubt: &Doubt<'_, BillingAddress>,
    posted: &FormBody,
) -> Result<Answer, FormErrors> {
    Ok(match decide(typed, doubt, posted)? {
        Decision::Suggested(address) | Decision::AsTyped(address) => Answer::BillingSettled(address),
        Decision::Unit(new) => {
            let mut address = typed.clone();
            if let BillingAddress::Street { unit, .. } = &mut address {
                *unit = new;
            }
            Answer::BillingRetyped(address)
        }
    })
}

enum Decision<A> {
    Suggested(A),
    AsTyped(A),
    /// Another unit, or none.
    Unit(Option<Unit>),
}

fn decide<A: Clone>(typed: &A, doubt: &Doubt<'_, A>, posted: &FormBody) -> Result<Decision<A>, FormErrors> {
    match doubt {
        Doubt::Suggestion(suggested) => choose(posted, |word| match word {
            "suggested" => Some(Decision::Suggested((*suggested).clone())),
            "typed" => Some(Decision::AsTyped(typed.clone())),
            _ => None,
        }),
        Doubt::UnitUnknown if posted.get("choice") == "typed" => Ok(Decision::AsTyped(typed.clone())),
        Doubt::UnitUnknown if Unit::is_denied(posted.get("unit")) => Ok(Decision::Unit(None)),
        Doubt::UnitNeeded | Doubt::UnitUnknown => unit(posted).map(|unit| Decision::Unit(Some(unit))),
        Doubt::NotVerified => Ok(Decision::AsTyped(typed.clone())),
    }
}

fn choose<T>(posted: &FormBody, offered: impl FnOnce(&str) -> Option<T>) -> Result<T, FormErrors> {
    match posted.get("choice") {
        "" => Err(wrong("choice", Problem::Missing)),
        word => offered(word).ok_or_else(|| wrong("choice", Problem::NotAChoice)),
    }
}

fn unit(posted: &FormBody) -> Result<Unit, FormErrors> {
    let listed = posted.get("choice").strip_prefix(LISTED);
    let text = listed.filter(|_| posted.get("unit").trim().is_empty()).unwrap_or(posted.get("unit"));
    Unit::parse(text).map_err(|problem| wrong("unit", problem))
}

fn wrong(field: &'static str, problem: Problem) -> FormErrors {
    let mut errors = FormErrors::default();
    errors.add(field, problem);
    errors
}

fn of_unit(address: &ServiceAddress, unit: Option<Unit>) -> ServiceAddress {
    // The four digits after the ZIP code belong to the old unit.
    ServiceAddress { unit, plus_four: None, ..address.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fields::{City, EsiId, Street, Zip},
        journey::Utility,
    };

    fn address(street: &str, unit: Option<&str>) -> ServiceAddress {
        ServiceAddress {
            street: Street::parse(street).unwrap(),
            unit: unit.map(|unit| Unit::parse(unit).unwrap()),
            city: City::parse("Sampleton").unwrap(),
            zip: Zip::parse("77999").unwrap(),
            plus_four: None,
        }
    }

    fn meter(esi_id: &str, unit: &str) -> Meter {
        Meter {
            esi_id: EsiId::parse(esi_id).unwrap(),
            tdsp: None,
            switch_hold: false,
            own_customer: false,
            unit: Unit::parse(unit).ok(),
        }
    }

    /// What a form with `choice` and `unit` means, or the field and problem it is refused for.
    fn answer(question: &Question<'_>, choice: &str, unit: &str) -> Result<Answer, FormErrors> {
        let body = serde_urlencoded::to_string([("choice", choice), ("unit", unit)]).unwrap();
        parse(question, &FormBody::parse(body.as_bytes()))
    }

    #[test]
    fn answer_accepts_only_choices_the_question_offers() {
        let utilities = ["D0001", "D0002"]
            .map(|code| Utility { code: TdspCode::parse(code).unwrap(), name: "Sample Wires".into() });
        let (typed, suggested) = (address("100 Exampel Oak", None), address("100 Example Oak Ln", None));
        let meters = [meter("10000009999999912", "12"), meter("10000009999999913", "13")];
        let named = Question::Meter { address: &typed, named: meters.iter().collect() };
        let past = Question::PastService { masked_address: None };
        let suggestion = Question::Suggestion { typed: &typed, suggested: &suggested };
        for (question, choice, meant) in [
            (&Question::Utility(&utilities), "D0002", Answer::Utility(TdspCode::parse("D0002").unwrap())),
            (&suggestion, "suggested", Answer::Settled { address: suggested.clone(), verified: true }),
            (&suggestion, "typed", Answer::Settled { address: typed.clone(), verified: false }),
            (&named, "10000009999999913", Answer::Meter(meters[1].clone())),
            (&named, "none", Answer::NoneOfTheMeters),
            (&past, "yes", Answer::PriorAccount(true)),
            (&past, "no", Answer::PriorAccount(false)),
        ] {
            assert_eq!(answer(question, choice, ""), Ok(meant), "{choice}");
            assert_eq!(answer(question, "", ""), Err(wrong("choice", Problem::Missing)));
            for other in ["D0003", "10000009999999914", "anything"] {
                assert_eq!(answer(question, other, ""), Err(wrong("choice", Problem::NotAChoice)), "{other}");
            }
        }
    }

    #[test]
    fn unit_is_typed_chosen_or_waived_as_the_question_allows() {
        let typed = address("100 Example Oak Ln", Some("7"));
        let retyped = Ok(Answer::Retyped(address("100 Example Oak Ln", Some("12"))));
        let as_typed = Ok(Answer::Settled { address: typed.clone(), verified: false });
        let missing = Err(wrong("unit", Problem::Missing));
        let without = Ok(Answer::Retyped(address("100 Example Oak Ln", None)));
        let needed = Question::UnitNeeded(&typed);
        let unknown = Question::UnitUnknown(&typed);
        let unnamed = Question::Meter { address: &typed, named: Vec::new() };
        for (question, choice, unit, meant) in [
            (&needed, "", "apt 12", &retyped),
            (&needed, "unit 12", "", &retyped),
            (&needed, "unit 13", "12", &retyped),
            (&unknown, "unit 12", "", &retyped),
            (&needed, "", "", &missing),
            (&needed, "typed", "", &missing),
            (&needed, "", "none", &missing),
            (&needed, "", "Apt", &missing),
            (&unknown, "", "12", &retyped),
            (&unknown, "", "casa", &without),
            (&unknown, "", "#", &missing),
            (&unknown, "typed", "", &as_typed),
            (&unknown, "", "", &missing),
            (&unnamed, "", "12", &retyped),
            (&unnamed, "none", "", &Ok(Answer::NoneOfTheMeters)),
            (&unnamed, "", "ninguna", &Ok(Answer::NoneOfTheMeters)),
            (&unnamed, "typed", "", &missing),
            (&Question::NotVerified(&typed), "", "", &as_typed),
        ] {
            assert_eq!(&answer(question, choice, unit), meant, "{} {choice} {unit}", word(question));
        }
    }

    #[test]
    fn billing_question_is_answered_like_a_service_address_question() {
        let typed = BillingAddress::from(&address("100 Example Oak Ln", None));
        let suggested = BillingAddress::from(&address("100 Example Oak Lane", None));
        let with_unit = BillingAddress::from(&address("100 Example Oak Ln", Some("12")));
        for (cleaned, choice, unit, meant) in [
            (Cleaned::Suggested(suggested.clone()), "suggested", "", Answer::BillingSettled(suggested)),
            (Cleaned::NotVerified, "", "", Answer::BillingSettled(typed.clone())),
            (Cleaned::UnitNeeded, "", "12", Answer::BillingRetyped(with_unit)),
            (Cleaned::UnitUnknown, "typed", "", Answer::BillingSettled(typed.clone())),
        ] {
            let question = Question::Billing { typed: &typed, cleaned: &cleaned };
            assert_eq!(answer(&question, choice, unit), Ok(meant), "{choice} {unit}");
        }
    }
}
