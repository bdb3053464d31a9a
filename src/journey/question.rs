//! The one question the ask page puts before the journey goes on. Derived, never stored: an answer
//! of NRG that wants a decision, with no decision beside it yet.

use crate::fields::{BillingAddress, ServiceAddress};

use super::{Billing, Cleaned, Journey, Memo, Meter, PriorAccount, SafeHtml, Step, Utility};

/// A pending question, borrowed from the journey.
#[derive(Debug, Clone, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Question<'a> {
    /// Several utilities serve the ZIP: which one?
    Utility(&'a [Utility]),
    /// A similar service address was found.
    Suggestion {
        /// As typed.
        typed: &'a ServiceAddress,
        /// As NRG knows it.
        suggested: &'a ServiceAddress,
    },
    /// The building needs a unit.
    UnitNeeded(&'a ServiceAddress),
    /// The unit is not known there.
    UnitUnknown(&'a ServiceAddress),
    /// The address could not be verified: correct it or use it as typed.
    NotVerified(&'a ServiceAddress),
    /// Several meters: which one?
    Meter {
        /// The address they are at.
        address: &'a ServiceAddress,
        /// Those that have a name to choose by; empty means the unit has to be typed.
        named: Vec<&'a Meter>,
    },
    /// The billing address could not be taken as it is.
    Billing {
        /// As typed.
        typed: &'a BillingAddress,
        /// What NRG made of it.
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
    /// A `02` we have no words for; NRG's text is the question.
    Other(Option<&'a SafeHtml>),
    /// The same person and address was submitted within a day: go on?
    Recent,
}

/// More meters than this are not listed; the unit is asked instead.
pub const MAX_NAMED_METERS: usize = 60;

impl Journey {
    /// The question `step` waits for, if its inputs are current.
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
                let Memo { result: gone_on, .. } = self
                    .recent
                    .as_ref()
                    .filter(|recent| self.applicant().as_ref() == Some(&recent.inputs))?;
                (!gone_on).then_some(Question::Recent)
            }
            Step::Plans | Step::Contact | Step::Quiz | Step::StartDate | Step::Deposit => None,
        }
    }

    fn address_question(&self) -> Option<Question<'_>> {
        let premise = self.premise()?;
        let Some(address) = &premise.settled else {
            let super::Typed::Address(typed) = &premise.typed else { return None };
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
