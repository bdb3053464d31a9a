//! The journey: everything one person has answered and everything NRG has said about it.
//!
//! Pure: no HTTP, no database, no clock. Nothing here is ever "invalidated" by hand. Every answer of
//! NRG is kept with the inputs it answered; where the inputs differ now, it counts as absent, and
//! [`Journey::place`] leads there. No SSN and no license number ever gets in, only their tokens.

mod answers;
mod attribution;
mod deep_link;
mod offer;
mod outages;
mod outcome;
mod position;
mod premise;
mod progress;
#[cfg(test)]
mod properties;
mod question;
mod record;
mod resume;
mod site;
mod step;
mod submission;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fields::{
    BillingAddress, BirthDate, Brand, Email, Language, NumberKey, OfferCode, PersonName, Phone, ProspectId,
    ServiceAddress, ServiceDate, TdspCode, Token, Transaction, Zip,
};

pub use attribution::Attribution;
pub use deep_link::{DeepLink, LinkRequest, RejectedParam};
pub use offer::{AveragePrices, Chosen, Documents, Offer, OfferCodes, PlanKind, UsageCharge, UsageCredit};
pub use outages::{Outage, Outages, Window};
pub use outcome::{Advice, AdviceKind, Correction, Outcome, SafeHtml, Stop, StopKind, StopScope};
pub use position::{EvalContext, Position, Status};
pub use premise::{Billing, Cleaned, Meter, MeterChoice, Meters, OtherBilling, Premise, Typed};
pub use progress::{Counted, ProgressEvent};
pub use resume::ResumeChallenge;

pub use question::{MAX_NAMED_METERS, Question};
pub use record::{
    Applicant, Credit, CreditAsked, Dates, DatesAsked, DatesFetched, Document, Identity, KeptToken, Memo,
    PriorAccount, Proof, Quiz, QuizOption, QuizQuestion, Record, Verification,
};
pub use site::{BrandSite, DepositPayment, Gateway, GatewayMethod, PerLanguage, Site};
pub use step::Step;
pub use submission::{Account, Submission, SubmissionState};

/// One enrollment from the first answer on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    /// Names the journey in claims, ledger and logs. Also the reference a person can read out.
    pub id: String,
    /// When it began.
    pub started: Timestamp,
    /// The name of the site it began at, which alone may go on with it.
    #[serde(default = "main_site")]
    pub site: String,
    /// Which click began it.
    #[serde(default)]
    pub attribution: Attribution,
    /// What that link asked for beyond the first page.
    #[serde(default, rename = "wish")]
    pub link_request: LinkRequest,
    /// What it said that cannot be used, told until it is answered instead.
    #[serde(default, rename = "unused")]
    pub rejected_params: BTreeSet<RejectedParam>,
    /// The language of pages and of NRG's texts.
    pub language: Language,
    /// How often each step was answered; a form that carries an older number is stale.
    revisions: BTreeMap<Step, u64>,
    /// What was typed into a form that was refused, without secrets, by field name.
    pub draft: Option<(Step, BTreeMap<String, String>)>,
    /// A refusal that led back to a step, told on its page.
    #[serde(rename = "repair")]
    pub correction: Option<Correction>,
    /// A record stop. It absorbs.
    pub ending: Option<Stop>,

    /// Step `zip`.
    pub service: Option<Service>,
    /// `tdsp`: who serves the ZIP.
    pub area: Option<Memo<Service, Result<Vec<Utility>, Stop>>>,
    /// The person's answer where several utilities serve it.
    pub picked_utility: Option<Memo<Service, TdspCode>>,
    /// The utility of this very address, learnt from its meter or from `TDSP_MISMATCH`.
    pub address_utility: Option<Memo<ServiceAddress, TdspCode>>,
    /// Step `plans`.
    pub plan: Option<Chosen>,
    /// Step `address`.
    pub premise: Option<Premise>,
    /// Step `contact`.
    pub contact: Option<Contact>,
    /// Step `billing`.
    pub billing: Option<Billing>,
    /// Step `identity`, as far as it is not secret.
    pub person: Option<Person>,
    /// Tokens instead of the numbers.
    pub tokens: Vec<KeptToken>,

    /// The record at NRG.
    pub record: Option<Record>,
    /// `identity`.
    pub identity: Option<Memo<Applicant, Identity>>,
    /// `available-dates`.
    pub dates: Option<Memo<DatesAsked, DatesFetched>>,
    /// The date picked on step `start_date`.
    pub start_date: Option<ServiceDate>,
    /// `check-credit`, `recheck-credit`.
    pub credit: Option<Memo<CreditAsked, Result<Credit, Stop>>>,
    /// Step `deposit`: go on, for this very credit answer.
    pub deposit_accepted: Option<CreditAsked>,
    /// Review found a recent submission of the same person and address; `true` once the person said to go on.
    pub recent: Option<Memo<Applicant, bool>>,
    /// Paperless bills, as chosen on review.
    pub paperless: Option<bool>,

    /// Set before the ledger row is written, so that no row is ever overlooked.
    pub submitting: bool,
    /// How many refusals the person has read about.
    pub refusals_read: u32,
    /// The ledger's row, merged in when a visit is loaded.
    #[serde(skip)]
    pub submission: Option<Submission>,
    /// What `holds` said on the confirmation page, in its own words.
    pub holds: Option<Vec<String>>,
    /// What of it has been counted.
    #[serde(default)]
    pub counted: Counted,
}

/// What is wanted, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Service {
    pub zip: Zip,
    pub transaction: Transaction,
}

/// A utility that serves a ZIP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utility {
    /// `tdspCodeCCS`.
    pub code: TdspCode,
    /// `tdspName`.
    pub name: String,
}

/// How to reach the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Contact {
    pub first_name: PersonName,
    pub last_name: PersonName,
    pub email: Email,
    pub phone: Phone,
    pub bill_language: Language,
    pub marketing: Marketing,
}

/// The two marketing boxes, and what stood beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marketing {
    /// Offers by e-mail are welcome.
    pub email: bool,
    /// Calls and texts are welcome.
    pub phone: bool,
    /// From this brand.
    pub brand: Brand,
    /// The words were in this language.
    pub language: Language,
}

/// Who the person is, without the number that proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Person {
    pub birth_date: BirthDate,
    pub document: Document,
    pub prospect: Option<ProspectId>,
}

fn main_site() -> String {
    Site::MAIN.to_owned()
}

impl Journey {
    /// A journey that has not answered anything.
    pub fn new(id: String, started: Timestamp, language: Language) -> Self {
        Self {
            id,
            started,
            site: main_site(),
            attribution: Attribution::default(),
            link_request: LinkRequest::default(),
            rejected_params: BTreeSet::new(),
            language,
            revisions: BTreeMap::new(),
            draft: None,
            correction: None,
            ending: None,
            service: None,
            area: None,
            picked_utility: None,
            address_utility: None,
            plan: None,
            premise: None,
            contact: None,
            billing: None,
            person: None,
            tokens: Vec::new(),
            record: None,
            identity: None,
            dates: None,
            start_date: None,
            credit: None,
            deposit_accepted: None,
            recent: None,
            paperless: None,
            submitting: false,
            refusals_read: 0,
            submission: None,
            holds: None,
            counted: Counted::default(),
        }
    }

    /// How often `step` was answered.
    pub fn revision(&self, step: Step) -> u64 {
        self.revisions.get(&step).copied().unwrap_or(0)
    }

    /// The call of `step` failed: those who wait for its answer go on, and it may be tried again.
    pub fn failed(&mut self, step: Step) {
        self.revise(step);
    }

    fn revise(&mut self, step: Step) {
        *self.revisions.entry(step).or_insert(0) += 1;
    }

    /// A link answers `step` in the person's place.
    pub fn answered_by_link(&mut self, step: Step) {
        // Nobody has read yet what the link got wrong.
        let unused = std::mem::take(&mut self.rejected_params);
        self.answered(step);
        self.rejected_params = unused;
    }

    /// `step` has been answered: forms of before are stale, its draft and the reason it was asked again are gone.
    pub fn answered(&mut self, step: Step) {
        self.rejected_params.retain(|unused| unused.step() > step);
        self.revise(step);
        self.draft.take_if(|(of, _)| *of == step);
        self.correction.take_if(|repair| repair.step() == step);
    }

    /// The utilities of the ZIP, if `tdsp` has answered for it.
    pub fn utilities(&self) -> Option<&[Utility]> {
        self.area()?.as_deref().ok()
    }

    fn area(&self) -> Option<&Result<Vec<Utility>, Stop>> {
        self.area.as_ref()?.get(self.service.as_ref()?)
    }

    /// The utility in force: that of the address where it is known, else that of the ZIP.
    pub fn tdsp(&self) -> Option<&TdspCode> {
        let by_address = || self.address_utility.as_ref()?.get(self.settled_address()?);
        let picked = || self.picked_utility.as_ref()?.get(self.service.as_ref()?);
        let only = || match self.utilities()? {
            [only] => Some(&only.code),
            _ => None,
        };
        by_address().or_else(picked).or_else(only)
    }

    /// The chosen plan, if it is one for this utility and transaction.
    pub fn chosen(&self) -> Option<&Chosen> {
        let chosen = self.plan.as_ref()?;
        let fits = Some(&chosen.offer.tdsp) == self.tdsp()
            && chosen.transaction == self.service.as_ref()?.transaction;
        fits.then_some(chosen)
    }

    /// The brand that serves this journey: the chosen plan's, even one to be chosen again, else the site's default.
    pub fn brand(&self, site: &Site) -> Brand {
        self.plan.as_ref().map_or(site.default_brand, |plan| plan.offer.brand)
    }

    /// The premise, if it was typed for the ZIP of now.
    pub fn premise(&self) -> Option<&Premise> {
        self.premise.as_ref().filter(|premise| Some(&premise.zip) == self.service.as_ref().map(|s| &s.zip))
    }

    /// The service address that goes on to `identity`.
    pub fn settled_address(&self) -> Option<&ServiceAddress> {
        self.premise()?.settled.as_ref()
    }

    /// The billing address that goes on to `identity`.
    pub fn settled_billing(&self) -> Option<BillingAddress> {
        match self.billing.as_ref()? {
            Billing::SameAsService => self.settled_address().map(BillingAddress::from),
            Billing::Other(other) => other.settled.clone(),
        }
    }

    /// The kept token for `document` at the brand of the chosen plan.
    pub fn token(&self, document: Document) -> Option<&Token> {
        let brand = self.chosen()?.offer.brand;
        let kept = self.tokens.iter().find(|kept| kept.brand == brand && kept.document == document)?;
        Some(&kept.token)
    }

    /// The keyed hash of the number that stands behind the identity of now.
    pub fn number(&self) -> Option<&NumberKey> {
        let document = self.person.as_ref()?.document;
        let brand = self.chosen()?.offer.brand;
        self.tokens.iter().find(|kept| kept.brand == brand && kept.document == document)?.number.as_ref()
    }

    /// Keeps a token, in place of an earlier one of the same brand and document.
    pub fn keep_token(&mut self, kept: KeptToken) {
        self.tokens.retain(|old| (old.brand, old.document) != (kept.brand, kept.document));
        self.tokens.push(kept);
    }

    /// How the marketing boxes were answered, if they named the brand of the chosen plan: nobody has agreed
    /// to hear from another.
    pub fn marketing(&self) -> Option<&Marketing> {
        let brand = self.chosen()?.offer.brand;
        self.contact.as_ref().map(|contact| &contact.marketing).filter(|marketing| marketing.brand == brand)
    }

    /// What `identity` is to be told, once everything it carries is known.
    pub fn applicant(&self) -> Option<Applicant> {
        let chosen = self.chosen()?;
        let contact = self.contact.as_ref()?;
        let person = self.person.as_ref()?;
        let proof = match person.document {
            Document::Ssn => Proof::Ssn(self.token(Document::Ssn)?.clone()),
            Document::DriverLicense => Proof::DriverLicense(self.token(Document::DriverLicense)?.clone()),
            Document::None => Proof::None,
        };
        Some(Applicant {
            brand: chosen.offer.brand,
            transaction: chosen.transaction,
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            birth_date: person.birth_date,
            email: contact.email.clone(),
            phone: contact.phone.clone(),
            bill_language: contact.bill_language,
            marketing_email: self.marketing().is_some_and(|marketing| marketing.email),
            proof,
            prospect: person.prospect.clone(),
            service: self.settled_address()?.clone(),
            billing: self.settled_billing()?,
        })
    }

    /// The record the next `identity` call for `applicant` repeats; none means it opens a new one:
    /// another brand, or another address than the one whose meter NRG keeps.
    pub fn record_for(&self, applicant: &Applicant) -> Option<&Record> {
        self.record.as_ref().filter(|record| {
            record.brand == applicant.brand
                && record.meter_address.as_ref().is_none_or(|address| *address == applicant.service)
        })
    }

    /// The rows that `identity` carries can no longer be corrected: the record has no repeat left.
    pub fn locked(&self) -> bool {
        let answered = self.applicant().is_some_and(|applicant| self.identity_for(&applicant).is_some());
        answered && self.no_repeat_left()
    }

    fn no_repeat_left(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.repeats_left() == 0)
    }

    /// What NRG said about the identity of now.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity_for(&self.applicant()?)
    }

    fn identity_for(&self, applicant: &Applicant) -> Option<&Identity> {
        self.identity.as_ref()?.get(applicant)
    }

    /// The person's answer for `pastServiceMatchedFlag`; `false` when the question was never asked.
    pub fn past_service(&self) -> bool {
        self.identity().is_some_and(|identity| {
            matches!(identity.prior_account, PriorAccount::Service { .. })
                && identity.past_answer == Some(true)
        })
    }

    /// The person went through identity again without a change: what was asked about the past is asked anew.
    pub fn ask_past_again(&mut self) {
        if let Some(identity) = &mut self.identity {
            identity.result.past_answer = None;
        }
    }

    /// What `available-dates` is to be asked now.
    pub fn dates_asked(&self) -> Option<DatesAsked> {
        let applicant = self.applicant()?;
        self.identity_for(&applicant)?;
        Some(DatesAsked {
            tracking_id: self.record_for(&applicant)?.tracking_id.clone(),
            address: applicant.service,
            transaction: applicant.transaction,
            past_service: self.past_service(),
            refusals: self.refusals(),
        })
    }

    /// The dates of now, or why there are none. Freshness is `position()`'s business.
    pub fn dates(&self) -> Option<&DatesFetched> {
        self.dates.as_ref()?.get(&self.dates_asked()?)
    }

    /// What `check-credit` is to be asked now, with the picked date.
    pub fn credit_asked(&self) -> Option<CreditAsked> {
        let asked = self.dates_asked()?;
        let date = self.start_date?;
        let offered = self.dates()?.verdict.as_ref().ok()?;
        let offer: OfferCode = self.chosen()?.offer.code.clone();
        let proof = self.applicant()?.proof;
        offered.offered.contains(&date).then_some(CreditAsked {
            tracking_id: asked.tracking_id,
            offer,
            date,
            proof,
            transaction: asked.transaction,
            refusals: asked.refusals,
        })
    }

    /// What the credit check said about the plan and date of now.
    pub fn credit(&self) -> Option<&Result<Credit, Stop>> {
        self.credit.as_ref()?.get(&self.credit_asked()?)
    }

    /// Whether a deposit is owed for the plan and date of now; none before that was asked.
    pub fn owes_deposit(&self) -> Option<bool> {
        self.credit()?.as_ref().ok().map(|credit| credit.deposit.0 > 0)
    }

    /// How often NRG has refused the submission of this record in a way that may be repaired.
    pub fn refusals(&self) -> u32 {
        self.submission.as_ref().map_or(0, Submission::refusals)
    }

    /// Everything NRG advised on the way, for review and confirmation.
    pub fn advice(&self) -> Vec<Advice> {
        let own = |kind| Advice { kind, message: None };
        let mut all = Vec::new();
        if self.chosen().is_some_and(|chosen| chosen.default_offers) {
            all.push(own(AdviceKind::DefaultOffers));
        }
        let from_dates = self.dates().and_then(|dates| dates.verdict.as_ref().ok()?.advice.clone());
        let from_premise = self.premise().and_then(|premise| match (&premise.meters, &premise.choice) {
            (Some(Meters::None), _) => Some(own(AdviceKind::NoMeterFound)),
            (Some(Meters::Residential(_)), Some(MeterChoice::NoneOfThese)) => {
                Some(own(AdviceKind::SeveralMetersFound))
            }
            _ => premise.meter().filter(|meter| meter.switch_hold).map(|_| own(AdviceKind::SwitchHoldNotify)),
        });
        all.extend(from_dates.or(from_premise));
        if self.identity().is_some_and(|identity| identity.prior_account == PriorAccount::Undecided) {
            all.push(own(AdviceKind::UndecidedMatch));
        }
        all
    }
}
