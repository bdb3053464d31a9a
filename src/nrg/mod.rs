//! The client of the NRG Sales APIs (the NRG wire contract).
//!
//! The input is typed values of `fields` and `journey`; the output is outcomes, each decided in the file of the call
//! that produced it. A business refusal of NRG is an [`Outcome`](crate::journey::Outcome); an [`Error`] means that the
//! call brought no answer that can be used. Every request is built from typed values alone, never from a browser's
//! request. No query string and no body is ever logged.

mod advice;
mod bounded;
mod breaker;
mod cache;
mod calls;
mod client;
mod codes;
mod endpoint;
mod envelope;
mod error;
mod http_client;
mod lanes;
mod mask;
mod metrics;
mod oddities;
mod reading;
mod sanitize;
mod scalars;
mod settings;
#[cfg(test)]
mod tests;
mod transport;
mod utilities;
mod wire;
mod wire_names;

pub use advice::AdviceCollector;
pub use cache::{MeterCache, OfferAges, OfferCache, OfferLookup, UtilityCache};
pub use calls::{
    enroll::{EnrollCodes, EnrollReply, EnrollRequest, Enrollment},
    esid_validation::MeterAddress,
    holds::{Hold, HoldKind, Holds},
    identity::IdentityReply,
    kba_result::QuizAnswer,
    offer_entry::Flaw,
    offers::{DroppedPlan, Offers},
};
pub use client::{BrandClient, Nrg};
pub use endpoint::{Endpoint, Timeouts};
pub use error::{Error, Kind, Refusal, Unusable};
pub use lanes::Caller;
pub use settings::Settings;
pub use utilities::{AFFILIATE_CHANNEL, PublishedUtility, UTILITIES, utility};
