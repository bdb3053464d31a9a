//! The question that the ask page shows before the journey goes on. It is derived, never stored: NRG gave an answer that
//! needs a decision, and the person has not decided yet.

use crate::fields::{BillingAddress, ServiceAddress};

use super::{
    premise::{Billing, Cleaned, Meter, Typed},
    record::{Memo, PriorAccount},
    safe_html::SafeHtml,
    service::Utility,
    state::Journey,
    step::Step,
};

/// A pending question, borrowed from the journey.
#[derive(Debug, Clone, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Question<'a> {
    /// Several utilities serve the ZIP: which one?
    Utility(&'a [Utility]),
    /// NRG found a similar service address.
    Suggestion {
        /// As typed.
        typed: &'a ServiceAddress,
        /// The address in NRG's data.
        suggested: &'a ServiceAddress,
    },
    /// The building needs a unit.
    UnitNeeded(&'a ServiceAddress),
    /// The unit is not known there.
    UnitUnknown(&'a ServiceAddress),
    /// The address could not be verified: correct it or use it as typed.
    NotVerified(&'a ServiceAddress),
    /// There are several meters: which one?
    Meter {
        /// Their address.
        address: &'a ServiceAddress,
        /// The meters whose unit is known; empty means that the unit has to be typed.
        named: Vec<&'a Meter>,
    },
    /// The billing address was not verified as typed.
    Billing {
        /// As typed.
        typed: &'a BillingAddress,
        /// The answer of `cleanup-address`.
        cleaned: &'a Cleaned<BillingAddress>,
    },
    /// Did you have service at this address before?
    PastService {
        /// Masked.
        masked_address: Option<&'a str>,
    },
    /// There is an old balance: go on, or call.
    PastBalance {
        /// As NRG writes it.
        amount: Option<&'a str>,
    },
    /// A `02` with an unknown code; NRG's text is the question.
    Other(Option<&'a SafeHtml>),
    /// The same person and address was submitted within a day: go on?
    Recent,
}

/// The most meters that are listed to choose from; for more, the unit is asked instead.
pub const MAX_NAMED_METERS: usize = 60;

impl Journey {
    /// The question that has to be answered before `step` is done, if its inputs are current.
    pub(super) fn question_of(&self, step: Step) -> Option<Question<'_>> {
        match step {
            Step::Zip => {
                let utilities = self.utilities()?;
                (utilities.len() > 1 && self.tdsp().is_none()).then_some(Question::Utility(utilities))
            }
            Step::Address => self.address_question(),
            Step::Billing => match self.billing.as_ref()? {
                Billing::Other(other) if other.settled.is_none() => {
                    Some(Question::Billing { typed: &other.typed, cleaned: other.cleaned.as_ref()? })
                }
                Billing::Other(_) | Billing::SameAsService => None,
            },
            Step::Identity => {
                let identity = self.identity.as_ref().map(|answered| &answered.result)?;
                if self.identity().is_none() || identity.past_answer.is_some() {
                    return None;
                }
                match &identity.prior_account {
                    PriorAccount::None | PriorAccount::Undecided => None,
                    PriorAccount::Service { masked_address } => {
                        Some(Question::PastService { masked_address: masked_address.as_deref() })
                    }
                    PriorAccount::Balance { amount } => {
                        Some(Question::PastBalance { amount: amount.as_deref() })
                    }
                    PriorAccount::Other { message } => Some(Question::Other(message.as_ref())),
                }
            }
            Step::Review => {
                let Memo { result: confirmed, .. } = self
                    .recent
                    .as_ref()
                    .filter(|recent| self.applicant().as_ref() == Some(&recent.inputs))?;
                (!confirmed).then_some(Question::Recent)
            }
            Step::Plans | Step::Contact | Step::Quiz | Step::StartDate | Step::Deposit => None,
        }
    }

    fn address_question(&self) -> Option<Question<'_>> {
        let premise = self.premise()?;
        let Some(address) = &premise.settled else {
            let Typed::Address(typed) = &premise.typed else { return None };
            return match premise.cleaned.as_ref()? {
                Cleaned::Verified(_) => None,
                Cleaned::Suggested(suggested) => Some(Question::Suggestion { typed, suggested }),
                Cleaned::UnitNeeded => Some(Question::UnitNeeded(typed)),
                Cleaned::UnitUnknown => Some(Question::UnitUnknown(typed)),
                Cleaned::NotVerified => Some(Question::NotVerified(typed)),
            };
        };
        let meters = premise.meter_unpicked()?;
        let named = if meters.len() > MAX_NAMED_METERS {
            Vec::new()
        } else {
            meters.iter().filter(|meter| meter.unit.is_some()).collect()
        };
        Some(Question::Meter { address, named })
    }
}
