//! All that is kept of a journey, in words for the person whose data it is: plain text, to be sent by post or mail.

use std::io::{self, Write};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    cli::output::in_a_line,
    fields::{Brand, Language},
    journey::{BrandSite, Site},
    ledger::{AmendedAs, Consent, DepositStanding, Kept, PrivacyAction, Standing, State, SubmissionDetails},
    mail,
    messages::{AccessText, Catalogs, Messages, interpolate},
    postback,
    store::moment,
};

/// What the words are made of.
#[derive(Clone, Copy)]
pub struct Wording<'a> {
    /// The messages in both languages: a consent is printed in the one it was given in.
    pub catalogs: &'a Catalogs,
    /// The language of the person.
    pub language: Language,
    /// The sites, which name the brands.
    pub sites: &'a [&'a Site],
}

impl<'a> Wording<'a> {
    fn all(self) -> &'a Messages {
        self.catalogs.of(self.language)
    }

    fn words(self) -> &'a AccessText {
        &self.all().access
    }

    fn time(self, at: Timestamp) -> String {
        self.all().moment(at)
    }

    /// What the sites say of the brand with this id.
    fn brands(self, id: &str) -> impl Iterator<Item = &'a BrandSite> {
        let brand = Brand::parse(id).ok();
        self.sites.iter().filter_map(move |site| site.brand(brand?))
    }

    fn brand_name(self, id: &'a str) -> &'a str {
        self.brands(id).next().map_or(id, |brand| &brand.name)
    }

    fn with_brand(self, text: &str, id: &'a str) -> String {
        interpolate(text, &[("brand", self.brand_name(id))])
    }

    fn yes_or_no(self, yes: bool) -> &'a str {
        if yes { &self.words().yes } else { &self.words().no }
    }

    fn state(self, state: State) -> &'a str {
        let t = self.words();
        match state {
            State::Ready => &t.ready,
            State::Sent => &t.sent,
            State::Enrolled => &t.enrolled,
            State::Accepted => &t.accepted,
            State::Refused => &t.refused,
            State::Correctable => &t.correctable,
            State::Duplicate => &t.duplicate,
            State::Unknown => &t.unknown,
        }
    }

    /// The text of a consent, where one of the catalog's is the one that was shown: its hash says so.
    fn consent_text(self, consent: &Consent) -> Option<String> {
        let language = Language::parse(&consent.language).ok()?;
        let t = self.catalogs.of(language);
        let text = match consent.text_id.as_str() {
            "identity.credit_authorization" => &t.identity.credit_authorization,
            "review.consent_documents" => &t.review.consent_documents,
            "review.consent_affirmation" => &t.review.consent_affirmation,
            "review.consent_records" => &t.review.consent_records,
            "contact.marketing_email" => &t.contact.marketing_email,
            "contact.marketing_phone" => &t.contact.marketing_phone,
            "contact.reminder" => &t.contact.reminder,
            _ => return None,
        };
        let brand = Brand::parse(&consent.brand).ok()?;
        let mut filled = self.sites.iter().filter_map(|site| {
            let sold = site.brand(brand)?;
            let phone = sold.phone.of(language).to_string();
            let values = [("brand", &*sold.name), ("phone", &phone), ("affiliate", &site.affiliate_name)];
            Some(interpolate(text, &values))
        });
        filled.find(|text| hex::encode(Sha256::digest(text)) == consent.text_hash)
    }
}

/// Writes `kept` to `out`.
pub fn print(out: &mut impl Write, kept: &Kept, wording: Wording<'_>) -> io::Result<()> {
    let t = wording.words();
    writeln!(out, "{}", t.title)?;
    // The last action is that it was given out.
    if let Some(printed) = kept.records.actions.last() {
        let moment = wording.time(printed.acted_at);
        writeln!(out, "{}", interpolate(&t.printed, &[("moment", &moment)]))?;
    }
    line(out, &t.reference, &kept.records.journey)?;
    for submission in &kept.records.submissions {
        let sent = kept.sent.iter().find(|(id, _)| *id == submission.row.tracking_id).map(|(_, sent)| sent);
        heading(out, &t.submission)?;
        print_submission(out, submission, wording)?;
        if let Some(zip) = sent.and_then(|sent| sent.billing_zip.as_ref()) {
            line(out, &t.billing_zip, zip.as_str())?;
        }
        if let Some(paperless) = sent.and_then(|sent| sent.paperless) {
            line(out, &t.paperless, wording.yes_or_no(paperless))?;
        }
        print_history(out, submission, wording)?;
    }
    print_postbacks(out, &kept.postbacks, wording)?;
    print_mails(out, &kept.mails, wording)?;
    for consent in &kept.records.consents {
        print_consent(out, consent, wording)?;
    }
    if kept.findable {
        writeln!(out, "\n{}", t.findable)?;
    }
    heading(out, &t.actions)?;
    for record in &kept.records.actions {
        let what = match record.action.parse() {
            Ok(PrivacyAction::Access) => &t.action_access,
            Ok(PrivacyAction::Erase) => &t.action_erase,
            Ok(PrivacyAction::Hold) => &t.action_hold,
            Ok(PrivacyAction::Release) => &t.action_release,
            Ok(PrivacyAction::Show) => &t.action_show,
            Ok(PrivacyAction::Find) => &t.action_find,
            // Of a newer release.
            Err(_) => &record.action,
        };
        line(out, &wording.time(record.acted_at), what)?;
    }
    let brands = kept.records.submissions.iter().map(|submission| &submission.row.brand);
    if let Some(brand) = brands.chain(kept.records.consents.iter().map(|consent| &consent.brand)).last() {
        writeln!(out, "\n{}", wording.with_brand(&t.not_here, brand))?;
    }
    Ok(())
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{text}")
}

fn line(out: &mut impl Write, label: &str, value: &str) -> io::Result<()> {
    writeln!(out, "  {label}: {}", in_a_line(value))
}

fn print_submission(
    out: &mut impl Write,
    submission: &SubmissionDetails,
    wording: Wording<'_>,
) -> io::Result<()> {
    let (t, row) = (wording.words(), &submission.row);
    let review = &wording.all().review;
    let service = match row.transaction_type.as_str() {
        "MVI" => &review.move_in,
        "SWI" => &review.switch,
        other => other,
    };
    let record = wording.with_brand(&t.record, &row.brand);
    let result = row.result.clone().unwrap_or_default();
    let unopened = row.unopened.then(|| t.unopened.clone());
    for (label, value) in [
        (&record, Some(row.tracking_id.clone())),
        (&t.state, Some(wording.state(row.state).to_owned())),
        (&t.submitted, Some(wording.time(row.submitted_at))),
        (&t.answered, row.finished_at.map(|at| wording.time(at))),
        (&t.provider, Some(wording.brand_name(&row.brand).to_owned())),
        (&t.plan, Some(row.offer_code.clone())),
        (&t.service, Some(service.to_owned())),
        (&t.meter, row.esi_id.clone()),
        (&t.site, Some(row.site.clone())),
        (&t.account, result.account_number),
        (&t.check_digit, result.check_digit),
        (&t.customer, result.bpid),
        (&t.document, result.idoc),
        (&t.code, row.code.clone()),
        (&t.message, row.message.clone().or(unopened)),
    ] {
        if let Some(value) = value {
            line(out, label, &value)?;
        }
    }
    for (name, value) in row.facts.iter() {
        line(out, &format!("{} ({name})", t.facts), value)?;
    }
    for (name, value) in row.attribution.iter() {
        line(out, &format!("{} ({name})", t.link), value)?;
    }
    Ok(())
}

/// What was done about a submission, oldest first in each kind.
fn print_history(
    out: &mut impl Write,
    submission: &SubmissionDetails,
    wording: Wording<'_>,
) -> io::Result<()> {
    let SubmissionDetails { row, attempts, settlements, amendments, standings } = submission;
    let t = wording.words();
    let state_of = |word: &str| word.parse().map_or(word.to_owned(), |state| wording.state(state).to_owned());
    let request = wording.with_brand(&t.request, &row.brand);
    for attempt in attempts {
        line(out, &request, &wording.time(attempt.started_at))?;
    }
    for settlement in settlements {
        let what = format!(
            "{}, {}: {}",
            wording.time(settlement.settled_at),
            t.settled,
            state_of(&settlement.settled_as)
        );
        line(out, &t.later, &what)?;
    }
    for amendment in amendments {
        let what = match amendment.amended_as.parse() {
            Ok(AmendedAs::Activated) => t.activated.clone(),
            Ok(AmendedAs::Cancelled) => t.cancelled.clone(),
            Ok(AmendedAs::Rejected) => t.rejected.clone(),
            Ok(AmendedAs::Corrected) => t.corrected.clone(),
            Err(_) => {
                let state = amendment.settled_as.as_deref().map(state_of).unwrap_or_default();
                format!("{}: {state}", t.settled)
            }
        };
        line(out, &t.later, &format!("{}, {what}", wording.time(amendment.amended_at)))?;
    }
    for (known_at, standing) in standings {
        for words in standing_words(*standing, wording, &row.brand) {
            line(out, &t.standing, &format!("{}, {words}", wording.time(*known_at)))?;
        }
    }
    Ok(())
}

fn standing_words(standing: Standing, wording: Wording<'_>, brand: &str) -> Vec<String> {
    let t = &wording.all().status;
    let deposit = standing.deposit.map(|deposit| match deposit {
        DepositStanding::Open => &t.deposit_open,
        DepositStanding::Paid => &t.deposit_paid,
    });
    let papers = standing.papers.then_some(&t.papers);
    let other = standing.other.then_some(&t.other);
    let released = (!standing.is_held()).then_some(&t.released);
    let site = wording.brands(brand).next();
    let name = site.map_or(brand, |site| &site.name);
    let phone = site.map(|site| site.phone.of(wording.language).to_string()).unwrap_or_default();
    let filled = |text: &String| interpolate(text, &[("brand", name), ("phone", &phone)]);
    [deposit, papers, other, released].into_iter().flatten().map(filled).collect()
}

fn print_postbacks(
    out: &mut impl Write,
    postbacks: &[postback::Row],
    wording: Wording<'_>,
) -> io::Result<()> {
    let t = wording.words();
    heading(out, &t.postbacks)?;
    if postbacks.is_empty() {
        return writeln!(out, "  {}", t.none);
    }
    for row in postbacks {
        let state = match row.state() {
            postback::State::Waiting => &t.telling,
            postback::State::Sent => &t.was_told,
            postback::State::Dead => &t.not_told,
        };
        let values = [("target", row.target.as_str()), ("ending", row.ending()), ("state", state)];
        line(out, &wording.time(row.created_at()), &interpolate(&t.told, &values))?;
        let facts = row.facts();
        let told: Vec<String> = facts.iter().map(|(name, value)| format!("{name} {value}")).collect();
        if !told.is_empty() {
            writeln!(out, "    {}", in_a_line(&told.join(", ")))?;
        }
    }
    Ok(())
}

fn print_mails(out: &mut impl Write, mails: &[mail::Row], wording: Wording<'_>) -> io::Result<()> {
    let t = wording.words();
    heading(out, &t.mails)?;
    if mails.is_empty() {
        return writeln!(out, "  {}", t.none);
    }
    for row in mails {
        let kind = match row.kind.as_str() {
            "reminder" => &t.mail_reminder,
            "confirmation" => &t.mail_confirmation,
            other => other,
        };
        let state = match row.state() {
            mail::State::Held | mail::State::Waiting => &t.telling,
            mail::State::Sent => &t.was_told,
            mail::State::Dead => &t.not_told,
        };
        line(out, &wording.time(row.created_at()), &format!("{kind}, {state}"))?;
    }
    Ok(())
}

fn print_consent(out: &mut impl Write, consent: &Consent, wording: Wording<'_>) -> io::Result<()> {
    let t = wording.words();
    let kind = match consent.kind.as_str() {
        "credit" => &t.credit,
        "documents" => &t.documents,
        "affirmation" => &t.affirmation,
        "electronic-records" => &t.records,
        "marketing" => &t.marketing,
        "reminder" => &t.reminder,
        other => other,
    };
    heading(out, &format!("{}: {kind}, {}", t.consents, wording.time(moment(consent.given_at))))?;
    let named = || {
        let (id, version) = (consent.text_id.as_str(), consent.text_version.as_str());
        interpolate(&t.text_named, &[("id", id), ("version", version), ("hash", &consent.text_hash)])
    };
    line(out, &t.text, &wording.consent_text(consent).unwrap_or_else(named))?;
    for (label, value) in [
        (&t.language, Some(&consent.language)),
        (&t.meter, consent.esi_id.as_ref()),
        (&t.plan, consent.offer_code.as_ref()),
        (&t.client_address, Some(&consent.client_address)),
        (&t.user_agent, Some(&consent.user_agent)),
    ] {
        if let Some(value) = value {
            line(out, label, value)?;
        }
    }
    for document in consent.documents.lines() {
        line(out, &t.shown_documents, document)?;
    }
    Ok(())
}
