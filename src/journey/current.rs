//! What of a journey counts now: each stored answer, if it answers the current inputs, and the inputs of the next calls.

use crate::fields::{BillingAddress, Brand, Dollars, NumberKey, OfferCode, ServiceAddress, TdspCode, Token};

use super::{
    offer::Chosen,
    outcome::{Advice, AdviceKind, Stop},
    person::Marketing,
    premise::{Billing, MeterChoice, Meters, Premise},
    record::{
        Applicant, Credit, CreditAsked, DatesAsked, DatesFetched, Document, Identity, KeptToken,
        PriorAccount, Proof, Record, Verification,
    },
    service::Utility,
    site::Site,
    state::Journey,
    submission::Submission,
};

/// What NRG has accepted an identity with.
#[derive(Clone, Copy)]
pub struct Accepted<'a> {
    /// The keyed hash of the number, unless there was none or another one has replaced it.
    pub number: Option<&'a NumberKey>,
    /// The service address.
    pub home: &'a ServiceAddress,
}

impl Journey {
    /// The utilities of the ZIP, if `tdsp` has answered for it.
    pub fn utilities(&self) -> Option<&[Utility]> {
        self.area()?.as_deref().ok()
    }

    pub(super) fn area(&self) -> Option<&Result<Vec<Utility>, Stop>> {
        self.area.as_ref()?.get(self.service.as_ref()?)
    }

    /// The utility: that of the service address if it is known, otherwise that of the ZIP.
    pub fn tdsp(&self) -> Option<&TdspCode> {
        let by_address = || self.address_utility.as_ref()?.get(self.settled_address()?);
        let picked = || self.picked_utility.as_ref()?.get(self.service.as_ref()?);
        let only = || match self.utilities()? {
            [only] => Some(&only.code),
            _ => None,
        };
        by_address().or_else(picked).or_else(only)
    }

    /// The chosen plan, if it is for the current utility and transaction.
    pub fn chosen(&self) -> Option<&Chosen> {
        let chosen = self.plan.as_ref()?;
        let fits = Some(&chosen.offer.tdsp) == self.tdsp()
            && chosen.transaction == self.service.as_ref()?.transaction;
        fits.then_some(chosen)
    }

    /// The brand of this journey: that of the chosen plan, even if it has to be chosen again, otherwise the site's default.
    pub fn brand(&self, site: &Site) -> Brand {
        self.plan.as_ref().map_or(site.default_brand, |plan| plan.offer.brand)
    }

    /// The premise, if it was typed for the current ZIP.
    pub fn premise(&self) -> Option<&Premise> {
        self.premise.as_ref().filter(|premise| Some(&premise.zip) == self.service.as_ref().map(|s| &s.zip))
    }

    /// The service address to send with `identity`.
    pub fn settled_address(&self) -> Option<&ServiceAddress> {
        self.premise()?.settled.as_ref()
    }

    /// The billing address to send with `identity`.
    pub fn settled_billing(&self) -> Option<BillingAddress> {
        match self.billing.as_ref()? {
            Billing::SameAsService => self.settled_address().map(BillingAddress::from),
            Billing::Other(other) => other.settled.clone(),
        }
    }

    /// Whether there is an address to send bills to.
    pub(super) fn has_settled_billing(&self) -> bool {
        match &self.billing {
            Some(Billing::SameAsService) => self.settled_address().is_some(),
            Some(Billing::Other(other)) => other.settled.is_some(),
            None => false,
        }
    }

    /// The stored token for `document` at the brand of the chosen plan.
    pub fn token(&self, document: Document) -> Option<&Token> {
        let brand = self.chosen()?.offer.brand;
        let kept = self.tokens.iter().find(|kept| kept.brand == brand && kept.document == document)?;
        Some(&kept.token)
    }

    /// The keyed hash of the number behind the current identity.
    pub fn number(&self) -> Option<&NumberKey> {
        let document = self.person.as_ref()?.document;
        let brand = self.chosen()?.offer.brand;
        self.tokens.iter().find(|kept| kept.brand == brand && kept.document == document)?.number.as_ref()
    }

    /// Stores a token; it replaces an earlier one of the same brand and document.
    pub fn keep_token(&mut self, kept: KeptToken) {
        self.tokens.retain(|old| (old.brand, old.document) != (kept.brand, kept.document));
        self.tokens.push(kept);
    }

    /// The answer to the marketing boxes, if they named the brand of the chosen plan: it is no consent for another
    /// brand.
    pub fn marketing(&self) -> Option<&Marketing> {
        let brand = self.chosen()?.offer.brand;
        self.contact.as_ref().map(|contact| &contact.marketing).filter(|marketing| marketing.brand == brand)
    }

    /// The inputs of `identity`, once all of them are known.
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

    /// The record that the next `identity` call for `applicant` repeats. None means that the call opens a new record: for
    /// another brand, or for another address than the one whose meter NRG keeps.
    pub fn record_for(&self, applicant: &Applicant) -> Option<&Record> {
        self.record.as_ref().filter(|record| {
            record.brand == applicant.brand
                && record.meter_address.as_ref().is_none_or(|address| *address == applicant.service)
        })
    }

    /// Whether the answers that `identity` carries can no longer be corrected, because the record has no repeat left.
    pub fn locked(&self) -> bool {
        self.no_repeat_left() && self.identity().is_some()
    }

    pub(super) fn no_repeat_left(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.repeats_left() == 0)
    }

    /// NRG's answer about the current identity.
    pub fn identity(&self) -> Option<&Identity> {
        // Before any answer there is nothing to compare the inputs with.
        self.identity.as_ref()?;
        self.identity_for(&self.applicant()?)
    }

    /// What NRG has accepted an identity with in this journey, whatever has been changed since.
    pub fn accepted(&self) -> Option<Accepted<'_>> {
        let identity = self.identity.as_ref()?;
        let (inputs, result) = (&identity.inputs, &identity.result);
        let token = match &inputs.proof {
            Proof::Ssn(token) | Proof::DriverLicense(token) => Some(token),
            Proof::None => None,
        };
        let kept = token.and_then(|token| self.tokens.iter().find(|kept| &kept.token == token));
        let number = kept.and_then(|kept| kept.number.as_ref());
        (result.verification != Verification::NotVerified)
            .then_some(Accepted { number, home: &inputs.service })
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

    /// Drops the answer about a prior account, because the person answered identity again without a change.
    pub fn ask_past_again(&mut self) {
        if let Some(identity) = &mut self.identity {
            identity.result.past_answer = None;
        }
    }

    /// The current inputs of `available-dates`.
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

    /// The answer of `available-dates` for the current inputs. It may be stale: see [`DatesFetched::fresh`].
    pub fn dates(&self) -> Option<&DatesFetched> {
        self.dates.as_ref()?.get(&self.dates_asked()?)
    }

    /// The current inputs of `check-credit`, with the chosen date.
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

    /// The answer of the credit check for the current plan and date.
    pub fn credit(&self) -> Option<&Result<Credit, Stop>> {
        self.credit.as_ref()?.get(&self.credit_asked()?)
    }

    /// Whether a deposit is owed for the current plan and date; none before the credit check.
    pub fn owes_deposit(&self) -> Option<bool> {
        self.credit()?.as_ref().ok().map(|credit| credit.deposit > Dollars::ZERO)
    }

    /// How often NRG has refused the submission of this record and allowed a correction.
    pub fn refusals(&self) -> u32 {
        self.submission.as_ref().map_or(0, Submission::refusals)
    }

    /// All the advice NRG gave, for review and confirmation. A text is in it once.
    pub fn advice(&self) -> Vec<Advice> {
        let without_message = |kind| Advice { kind, message: None };
        let mut all = Vec::new();
        if let Some(chosen) = self.chosen() {
            let kind = if chosen.default_offers { AdviceKind::DefaultOffers } else { AdviceKind::Other };
            if chosen.default_offers || chosen.message.is_some() {
                all.push(Advice { kind, message: chosen.message.clone() });
            }
        }
        let from_dates = self.dates().and_then(|dates| dates.verdict.as_ref().ok()?.advice.clone());
        let from_premise = self.premise().and_then(|premise| match (&premise.meters, &premise.choice) {
            (Some(Meters::None), _) => Some(without_message(AdviceKind::NoMeterFound)),
            (Some(Meters::Residential(_)), Some(MeterChoice::NoneOfThese)) => {
                Some(without_message(AdviceKind::SeveralMetersFound))
            }
            _ => premise
                .meter()
                .filter(|meter| meter.switch_hold)
                .map(|_| without_message(AdviceKind::SwitchHoldNotify)),
        });
        all.extend(from_dates.or(from_premise));
        if self.identity().is_some_and(|identity| identity.prior_account == PriorAccount::Undecided) {
            all.push(without_message(AdviceKind::UndecidedMatch));
        }
        all.extend(self.lasting_advice());
        let of_submission = self.submission.as_ref().and_then(|submission| submission.message.clone());
        all.extend(of_submission.map(|message| Advice { kind: AdviceKind::Other, message: Some(message) }));
        once(all)
    }
}

/// The advice without the texts that stand in it already.
fn once(all: Vec<Advice>) -> Vec<Advice> {
    let mut kept: Vec<Advice> = Vec::with_capacity(all.len());
    for advice in all {
        let is_repeated = advice.message.as_ref().is_some_and(|message| {
            let mut messages = kept.iter().filter_map(|other| other.message.as_ref());
            messages.any(|other| other.says_the_same_as(message))
        });
        match (is_repeated, advice.kind) {
            (true, AdviceKind::Other) => {}
            (true, kind) => kept.push(Advice { kind, message: None }),
            (false, _) => kept.push(advice),
        }
    }
    kept
}
