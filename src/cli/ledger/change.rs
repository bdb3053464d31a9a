//! What an operator records: settlements, and what became of an enrollment later.

use std::io::Write;

use clap::{Args, Subcommand, builder::PossibleValuesParser, builder::TypedValueParser};

use super::{
    error::CommandError,
    find,
    privacy::{self, AccessOptions, Act, HoldOptions},
};
use crate::{
    journey::Site,
    ledger::{AmendedAs, CorrectedAccount, Ledger, Reference, SettledAs},
    mail, session,
    store::Store,
};

/// What changes records. It needs the settings of the server.
#[derive(Debug, Subcommand)]
pub enum Change {
    /// Settle an unknown submission with the result NRG reports. It is never sent again, and the customer's page shows
    /// the result.
    Settle(SettleOptions),
    /// Record what became of an enrolled or accepted submission later. The affiliate's targets that want it hear of it.
    Amend(AmendOptions),
    /// Print all that is kept of a journey in words for the person, to be sent by post or mail. It is recorded.
    Access(AccessOptions),
    /// Erase what need not be kept of a journey: its session, the encrypted request and answer, the click, what targets are
    /// told, what a person is found by. It is recorded, and what stays is printed with the reason.
    Erase(Act),
    /// Put a journey on legal hold, or release it: retention and erasing leave it alone meanwhile. It is recorded.
    Hold(HoldOptions),
    /// Make a database safe that was restored from a backup, before a server is started on it. What stands open in it may
    /// have been sent since: submissions that wait or are being sent become unknown, and every session and saved journey
    /// is deleted.
    AfterRestore,
}

/// How an unknown submission is settled.
#[derive(Debug, Args)]
pub struct SettleOptions {
    /// NRG's tracking id, or the reference on the pages, whole or either half, if it has one submission.
    #[arg(value_name = "REFERENCE")]
    submission: Reference,
    /// The result: enrolled (NRG opened the account), accepted (NRG accepted it, without an account number yet), refused (it
    /// failed, and cannot be submitted again), or repairable (it failed, and NRG's record is still open: the customer may
    /// submit it once more).
    #[arg(long = "as", value_name = "RESULT", value_parser = settled_as())]
    settled_as: SettledAs,
    /// How you know the result. It is recorded.
    #[arg(long)]
    reason: String,
    /// Your name. It is recorded.
    #[arg(long)]
    operator: String,
    /// The account number NRG gave, for `enrolled`.
    #[arg(long, value_parser = find::account, required_if_eq("settled_as", "enrolled"))]
    account: Option<String>,
    /// The check digit of the account number.
    #[arg(long, value_parser = find::digit, requires = "account")]
    check_digit: Option<String>,
    /// Correct what it was settled as before. Both records are kept.
    #[arg(long)]
    correct: bool,
}

/// What became of an enrollment.
#[derive(Debug, Args)]
pub struct AmendOptions {
    /// NRG's tracking id, or the reference on the pages, whole or either half, if it has one submission.
    #[arg(value_name = "REFERENCE")]
    submission: Reference,
    /// What became of it: cancelled, rejected, activated (after cancelled or rejected: reinstated), or corrected.
    #[arg(long = "as", value_name = "WHAT", value_parser = amended_as())]
    amended_as: AmendedAs,
    /// How you know it. It is recorded.
    #[arg(long)]
    reason: String,
    /// Your name. It is recorded.
    #[arg(long)]
    operator: String,
    /// The right account number, for `corrected`.
    #[arg(long, value_parser = find::account)]
    account: Option<String>,
    /// The check digit of the account number.
    #[arg(long, value_parser = find::digit, requires = "account")]
    check_digit: Option<String>,
}

fn settled_as() -> impl TypedValueParser<Value = SettledAs> {
    let words = SettledAs::ALL.iter().map(|settled_as| settled_as.word());
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}

fn amended_as() -> impl TypedValueParser<Value = AmendedAs> {
    let words = AmendedAs::ALL.iter().map(|amended_as| amended_as.word());
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}

/// Makes `change` in `ledger`, which is in `store`, and writes what was done to `out`. The `sites` name the brands.
///
/// # Errors
/// [`CommandError`].
pub async fn execute(
    ledger: &Ledger,
    store: &Store,
    sites: &[&Site],
    change: Change,
    out: &mut impl Write,
) -> Result<(), CommandError> {
    match change {
        Change::Settle(options) => settle(ledger, options, out).await?,
        Change::Amend(options) => amend(ledger, options, out).await?,
        Change::Access(options) => privacy::access(ledger, sites, options, out).await?,
        Change::Erase(act) => privacy::erase(ledger, store, act, out).await?,
        Change::Hold(options) => privacy::hold(ledger, options, out).await?,
        Change::AfterRestore => after_restore(ledger, store, out).await?,
    }
    Ok(out.flush()?)
}

async fn settle(ledger: &Ledger, options: SettleOptions, out: &mut impl Write) -> Result<(), CommandError> {
    let SettleOptions { submission, settled_as, reason, operator, account, check_digit, correct } = options;
    let settled_as = settled_as.with(account, check_digit)?;
    let tracking_id = find::one(ledger, &submission).await?.tracking_id;
    if correct {
        ledger.correct_settlement(&tracking_id, settled_as, &reason, &operator).await?;
    } else {
        ledger.settle(&tracking_id, settled_as, &reason, &operator).await?;
    }
    let row = ledger.find(&tracking_id).await?;
    let word = row.map_or("gone", |row| row.state.word());
    writeln!(out, "{tracking_id} is now {word}, and the customer's page shows it.")?;
    Ok(())
}

async fn amend(ledger: &Ledger, options: AmendOptions, out: &mut impl Write) -> Result<(), CommandError> {
    let AmendOptions { submission, amended_as, reason, operator, account, check_digit } = options;
    let account = account.map(|number| CorrectedAccount { number, check_digit });
    let tracking_id = find::one(ledger, &submission).await?.tracking_id;
    ledger.amend(&tracking_id, amended_as, account.as_ref(), &reason, &operator).await?;
    writeln!(out, "{tracking_id} is now {}.", amended_as.word())?;
    Ok(())
}

async fn after_restore(ledger: &Ledger, store: &Store, out: &mut impl Write) -> Result<(), CommandError> {
    let deleted = session::delete_all(store).await?;
    let mails = mail::delete_open(store).await?;
    let doubted = ledger.doubt_open_submissions().await?;
    writeln!(
        out,
        "Sessions deleted: {deleted}. Submissions that are unknown now, and to be settled: {doubted}."
    )?;
    if mails > 0 {
        writeln!(out, "Mails deleted that were not sent: {mails}.")?;
    }
    Ok(())
}
