//! The journey: everything one person has answered and everything NRG has answered about it.
//!
//! Pure: no HTTP, no database, no clock. Nothing here is ever "invalidated" by hand. Every answer of NRG is stored with
//! the inputs it answered; if the inputs differ now, it counts as absent, and [`Journey::position`] is at the step that
//! asks again. No SSN and no license number is ever part of a journey, only their tokens.

mod advice;
mod advised;
mod answers;
mod attribution;
mod call;
mod click_params;
mod counted;
mod current;
mod deep_link;
mod given;
mod handed_over;
mod newer;
mod obstacle;
mod offer;
mod opening_hours;
mod order_id;
mod outages;
mod outcome;
mod pending;
mod person;
mod position;
mod premise;
mod progress;
#[cfg(test)]
mod properties;
mod question;
mod record;
mod resume;
mod review_choices;
mod reviewed;
mod safe_html;
mod service;
mod site;
mod state;
mod step;
mod stored;
mod submission;
#[cfg(test)]
pub(crate) mod tests;

pub use advice::{AdviceText, KeptAdvice};
pub use attribution::{Attribution, Unusable};
pub use call::{CallFailure, CallKind, FailedCall, HoldsAsked, PendingCall};
pub use click_params::ClickParams;
pub use counted::Counted;
pub use deep_link::{DeepLink, LinkRequest, RejectedParam};
pub use handed_over::HandedOver;
pub use obstacle::Obstacle;
pub use offer::{
    AveragePrices, CancelFee, Chosen, DocumentUrl, Documents, Offer, OfferCodes, PlanKind, UsageCharge,
    UsageCredit,
};
pub use opening_hours::{Holiday, Opening, OpeningHours, Run, Span};
pub use order_id::order_id;
pub use outages::{Outage, Outages, Window};
pub use outcome::{Advice, AdviceKind, Correction, Outcome, Stop, StopKind, StopScope};
pub use person::{Contact, Marketing, Person};
pub use position::{EvalContext, Position, Status};
pub use premise::{Billing, Cleaned, Meter, MeterChoice, Meters, OtherBilling, Premise, Typed};
pub use progress::ProgressEvent;
pub use question::{MAX_NAMED_METERS, Question};
pub use record::{
    Applicant, Credit, CreditAsked, Dates, DatesAsked, DatesFetched, Document, Identity, KeptToken, Memo,
    PriorAccount, Proof, Quiz, QuizOption, QuizQuestion, Record, Verification,
};
pub use resume::ResumeChallenge;
pub use review_choices::ReviewChoices;
pub use reviewed::Reviewed;
pub use safe_html::SafeHtml;
pub use service::{Service, Utility};
pub use site::{
    BrandSite, DepositPayment, DepositTerms, DepositWords, Gateway, GatewayMethod, PerLanguage, Site, WayOut,
};
pub use state::Journey;
pub use step::Step;
pub use stored::ToStore;
pub use submission::{Account, Submission, SubmissionState};
