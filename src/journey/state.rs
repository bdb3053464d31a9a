//! The journey as it is stored: the answers of the person, and the answers of NRG with the inputs they answered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fields::{Language, NumberKey, ServiceAddress, ServiceDate, TdspCode};

use super::{
    advice::KeptAdvice,
    attribution::Attribution,
    call::{FailedCall, HoldsAsked, PendingCall},
    counted::Counted,
    deep_link::{LinkRequest, RejectedParam},
    handed_over::HandedOver,
    newer::Newer,
    offer::Chosen,
    outcome::{Correction, Stop},
    person::{Contact, Person},
    premise::{Billing, Premise},
    record::{Applicant, Credit, CreditAsked, DatesAsked, DatesFetched, Identity, KeptToken, Memo, Record},
    review_choices::ReviewChoices,
    service::{Service, Utility},
    site::Site,
    step::Step,
    submission::Submission,
};

/// One enrollment from the first answer on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// The id in claims, ledger and logs; also the reference number that a person can quote.
    pub id: String,
    /// When the journey began.
    pub started: Timestamp,
    /// The name of the site it began at; no other site may continue it.
    #[serde(default = "main_site")]
    pub site: String,
    /// The click that began it.
    #[serde(default, skip_serializing_if = "Attribution::is_empty")]
    pub attribution: Attribution,
    /// What the link requested beyond the first page.
    #[serde(default, rename = "wish")]
    pub link_request: LinkRequest,
    /// The parameters of the link that cannot be used; each is shown until its step is answered.
    #[serde(default, rename = "unused")]
    pub rejected_params: BTreeSet<RejectedParam>,
    /// What a partner's system gave, if it handed the person over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<Box<HandedOver>>,
    /// The language of pages and of NRG's texts.
    #[serde(default = "english")]
    pub language: Language,
    /// How often each step was answered, which its forms carry.
    #[serde(default)]
    pub(super) revisions: BTreeMap<Step, u64>,
    /// The values of a form that was refused, by field name, without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<(Step, BTreeMap<String, String>)>,
    /// The calls that have not been answered, by step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) pending_calls: BTreeMap<Step, PendingCall>,
    /// The calls that failed when no request waited for them, until their step is answered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed_calls: BTreeMap<Step, FailedCall>,
    /// NRG's texts that came with a `00` or a `02`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) advice_texts: Vec<KeptAdvice>,
    /// A correction that led back to a step; its page shows it.
    #[serde(rename = "repair", skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
    /// The terminal stop of the record. Nothing follows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending: Option<Stop>,

    /// Step `zip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// `tdsp`: the utilities that serve the ZIP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<Memo<Service, Result<Vec<Utility>, Stop>>>,
    /// The person's answer where several utilities serve it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picked_utility: Option<Memo<Service, TdspCode>>,
    /// The utility of the service address, known from its meter or from `TDSP_MISMATCH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_utility: Option<Memo<ServiceAddress, TdspCode>>,
    /// Step `plans`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Chosen>,
    /// Step `plans`: the monthly use in kWh that the chosen plan was compared for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<u32>,
    /// Step `address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub premise: Option<Premise>,
    /// Step `contact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// Step `billing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<Billing>,
    /// Step `identity`, without its secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
    /// Step `identity`: the person has said that there is no number to prove who they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_number: bool,
    /// The tokens that stand for the SSN and the license number.
    #[serde(default)]
    pub tokens: Vec<KeptToken>,

    /// The record at NRG.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// `identity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Memo<Applicant, Identity>>,
    /// `available-dates`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<Memo<DatesAsked, DatesFetched>>,
    /// The date picked on step `start_date`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<ServiceDate>,
    /// `check-credit`, `recheck-credit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit: Option<Memo<CreditAsked, Result<Credit, Stop>>>,
    /// Step `deposit`: the keyed hash of the SSN with which the credit was checked again last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rechecked: Option<NumberKey>,
    /// Step `deposit`: the credit answer for which the person agreed to the deposit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_accepted: Option<CreditAsked>,
    /// Step `deposit`: the credit answer for which the person has papers instead, so that a call comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit_papers: Option<CreditAsked>,
    /// Review found a recent submission of the same person and address; `true` once the person chose to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recent: Option<Memo<Applicant, bool>>,
    /// Paperless bills, as chosen on review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paperless: Option<bool>,

    /// What was chosen on review and not submitted.
    #[serde(default, skip_serializing_if = "ReviewChoices::is_empty")]
    pub(super) review_choices: ReviewChoices,

    /// Set before the ledger row is written, so that no row is overlooked. Always stored: the release before needs it.
    #[serde(default)]
    pub submitting: bool,
    /// How many refusals the person has seen.
    #[serde(default)]
    pub refusals_read: u32,
    /// The ledger's row, added when the session is loaded.
    #[serde(skip)]
    pub submission: Option<Submission>,
    /// What `holds` answered about the account, in NRG's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<Vec<String>>,
    /// The last call of `holds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds_asked: Option<HoldsAsked>,
    /// What has been counted in the funnel.
    #[serde(default)]
    pub counted: Counted,
    /// Whether anybody has posted a form in it; `None` where a version stored it that did not note this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    posted: Option<bool>,
    /// What a newer version stored and this one does not know; put back when the journey is stored again.
    #[serde(skip)]
    pub(super) newer: Option<Box<Newer>>,
}

/// The language of a journey whose own this version does not know.
fn english() -> Language {
    Language::English
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
            handed_over: None,
            language,
            revisions: BTreeMap::new(),
            draft: None,
            pending_calls: BTreeMap::new(),
            failed_calls: BTreeMap::new(),
            advice_texts: Vec::new(),
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
            without_number: false,
            tokens: Vec::new(),
            record: None,
            identity: None,
            dates: None,
            start_date: None,
            credit: None,
            rechecked: None,
            deposit_accepted: None,
            deposit_papers: None,
            recent: None,
            paperless: None,
            review_choices: ReviewChoices::default(),
            submitting: false,
            refusals_read: 0,
            submission: None,
            holds: None,
            holds_asked: None,
            usage: None,
            counted: Counted::default(),
            posted: Some(false),
            newer: None,
        }
    }

    /// How often `step` was answered.
    pub fn revision(&self, step: Step) -> u64 {
        self.revisions.get(&step).copied().unwrap_or(0)
    }

    /// Whether somebody has posted a form in this journey. One that nobody has was begun by a link, and cannot be
    /// abandoned.
    pub fn has_posted(&self) -> bool {
        self.posted.unwrap_or(true)
    }

    /// Keeps the values of a form of `step` that was not accepted.
    pub fn keep_draft(&mut self, step: Step, fields: BTreeMap<String, String>) {
        self.posted = Some(true);
        self.draft = Some((step, fields));
    }

    /// Forgets the values of a form of `step` that was not accepted.
    pub fn drop_draft(&mut self, step: Step) {
        self.draft.take_if(|(drafted, _)| *drafted == step);
    }

    /// Records that `step` was answered: forms made before are older ones, and its draft and its correction are dropped.
    pub fn answered(&mut self, step: Step) {
        self.posted = Some(true);
        self.rejected_params.retain(|param| param.step() > step);
        self.done(step);
    }

    /// Records that a link answered `step` for the person. The page has not yet shown what is wrong with the link.
    pub fn answered_by_link(&mut self, step: Step) {
        self.done(step);
    }

    /// Forgets what a partner gave for `step`.
    pub fn forget_given(&mut self, step: Step) {
        if let Some(handed) = &mut self.handed_over {
            handed.fields.remove(&step);
        }
    }

    /// Notes that somebody has posted a form.
    pub(super) fn note_post(&mut self) {
        self.posted = Some(true);
    }

    fn done(&mut self, step: Step) {
        self.revise(step);
        self.pass_advice(step);
        self.drop_draft(step);
        self.forget_given(step);
        self.correction.take_if(|correction| correction.step() == step);
    }

    /// Gives `step` a new revision: its forms are older ones, and its calls are over.
    pub(super) fn revise(&mut self, step: Step) {
        self.pending_calls.remove(&step);
        self.failed_calls.remove(&step);
        *self.revisions.entry(step).or_insert(0) += 1;
    }
}
