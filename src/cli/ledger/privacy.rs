//! What a person asks for: all that is kept, and to have it erased; and the legal hold that stands against the latter.

use std::io::Write;

use super::{access, error::CommandError, json};
use crate::{
    cli::output::json_line,
    fields::Language,
    journey::Site,
    ledger::{Erasure, Ledger, LedgerReader, Reference},
    messages::Catalogs,
    session,
    store::Store,
    texas_time::time,
};
use clap::Args;

/// The journey, and who acts on it, and why.
#[derive(Debug, Args)]
pub struct Act {
    /// The reference on the pages, whole or either half: the journey, or the tracking id of one of its submissions.
    #[arg(value_name = "REFERENCE")]
    journey: Reference,
    /// Why, such as the request of the person. It is recorded; name no person here.
    #[arg(long)]
    reason: String,
    /// Your name. It is recorded.
    #[arg(long)]
    operator: String,
}

/// What is printed for a person.
#[derive(Debug, Args)]
pub struct AccessOptions {
    #[command(flatten)]
    act: Act,
    /// The language of the person: en or es. Without it: that of the latest consent.
    #[arg(long, value_parser = language, conflicts_with = "json")]
    lang: Option<Language>,
    /// Print a line of JSON.
    #[arg(long)]
    json: bool,
}

/// A legal hold.
#[derive(Debug, Args)]
pub struct HoldOptions {
    #[command(flatten)]
    act: Act,
    /// Release the legal hold.
    #[arg(long)]
    release: bool,
}

fn language(tag: &str) -> Result<Language, String> {
    Language::parse(tag).map_err(|_| "en or es".to_owned())
}

impl Act {
    /// The one journey that is named.
    ///
    /// # Errors
    /// There is none in the ledger, or there are several.
    async fn journey(&self, ledger: &LedgerReader) -> Result<String, CommandError> {
        let mut journeys = ledger.journeys_named(&self.journey).await?;
        match (journeys.pop(), journeys.len()) {
            (Some(journey), 0) => Ok(journey),
            (Some(_), _) => Err(CommandError::SeveralJourneys),
            (None, _) => Err(CommandError::NoJourney(self.journey.to_string())),
        }
    }

    /// The half of the reference that may be a journey's, as sessions have it.
    fn half(&self) -> String {
        let (Reference::Half(journey) | Reference::Whole { journey, .. }) = &self.journey;
        journey.to_uppercase()
    }
}

/// Writes all that is kept of a journey to `out`, in words for the person.
///
/// # Errors
/// [`CommandError`].
pub async fn access(
    ledger: &Ledger,
    sites: &[&Site],
    options: AccessOptions,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let AccessOptions { act, lang, json } = options;
    let journey = act.journey(ledger).await?;
    let kept = ledger.access(&journey, &act.reason, &act.operator).await?;
    if json {
        return Ok(json_line(out, &json::Kept::of(&kept))?);
    }
    let given_in = kept.records.consents.last().and_then(|consent| Language::parse(&consent.language).ok());
    let language = lang.or(given_in).unwrap_or(Language::English);
    let catalogs = Catalogs::load()?;
    Ok(access::print(out, &kept, access::Wording { catalogs: &catalogs, language, sites })?)
}

/// Erases what need not be kept of a journey, its session in `store` included, and writes what stays to `out`.
///
/// # Errors
/// [`CommandError`].
pub async fn erase(
    ledger: &Ledger,
    store: &Store,
    act: Act,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    let journey = match act.journey(ledger).await {
        // Somebody who has not agreed to anything yet has a session at most.
        Err(CommandError::NoJourney(_)) if session::delete_journey(store, &act.half()).await? > 0 => {
            return Ok(writeln!(out, "The ledger has no record of {}. Its session is deleted.", act.half())?);
        }
        found => found?,
    };
    let erasure = ledger.erase(&journey, &act.reason, &act.operator).await?;
    let sessions = session::delete_journey(store, &journey).await?;
    let Erasure { erased_at, again, dropped_postbacks, remains } = &erasure;
    match again {
        true => writeln!(out, "{journey} was erased on {}.", time(*erased_at))?,
        false => writeln!(out, "{journey} is erased.")?,
    }
    writeln!(
        out,
        "Rows of its session deleted: {sessions}. Postbacks that waited, and are not sent: {dropped_postbacks}.\n\
         What stays, until retention deletes it (ledger.retention_days):\n\
         - consents: {}. They prove what was agreed to, and from where: PUCT 25.491. Each is part of a chain that would\n  \
           break.\n\
         - submissions: {}, with record id, meter, plan, state and times, and what was settled and amended. They prove what\n  \
           became of the agreement: PUCT 25.491.\n\
         - privacy actions: {}. They prove that the request was served.\n\
         Not reached: NRG's records, what targets and mailboxes have received, backups. See docs/privacy.md.",
        remains.consents.len(),
        remains.submissions.len(),
        remains.actions.len(),
    )?;
    Ok(())
}

/// Puts a journey on legal hold, or releases it, and writes what it is now to `out`.
///
/// # Errors
/// [`CommandError`].
pub async fn hold(ledger: &Ledger, options: HoldOptions, out: &mut impl Write) -> Result<(), CommandError> {
    let HoldOptions { act, release } = options;
    let journey = act.journey(ledger).await?;
    if release {
        ledger.release_hold(&journey, &act.reason, &act.operator).await?;
        writeln!(out, "{journey} is not on legal hold any more.")?;
    } else {
        ledger.hold(&journey, &act.reason, &act.operator).await?;
        writeln!(out, "{journey} is on legal hold: retention and erasing leave it alone.")?;
    }
    Ok(())
}
