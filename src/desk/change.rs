//! Settle, correct a settlement, amend: a form, a page that says once more what is going to be recorded, and the record.
//!
//! The form carries what the submission was when it was shown. Posted twice, or from a page that the browser kept, it finds
//! the submission changed, and changes nothing.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Request, State},
    response::Response,
};
use http::{Method, StatusCode};
use tower_sessions::Session;

use super::{
    error::DeskError,
    operators::{Operator, Role},
    page::{Frame, page},
    paths::journey_path,
    session,
    state::Desk,
};
use crate::{
    ledger::{
        AccountError, AmendError, AmendedAs, CorrectedAccount, SettleError, SettledAs,
        State as SubmissionState, SubmissionDetails, account_number, check_digit,
    },
    web::{form::FormBody, see_other},
};

/// What is recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Settle,
    Correct,
    Amend,
}

impl Change {
    /// What settling this submission is: to settle it, or to correct that.
    fn settling(details: &SubmissionDetails) -> Self {
        if details.row.state == SubmissionState::Unknown { Self::Settle } else { Self::Correct }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Settle => "Settle",
            Self::Correct => "Correct the settlement",
            Self::Amend => "Amend",
        }
    }

    /// What it can be recorded as: the word, and what it means.
    fn choices(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Settle | Self::Correct => {
                let means = |settled_as| match settled_as {
                    SettledAs::Enrolled => "NRG opened the account.",
                    SettledAs::Accepted => "NRG accepted it, without an account number yet.",
                    SettledAs::Refused => "It failed, and cannot be submitted again.",
                    SettledAs::Repairable => {
                        "It failed, and NRG's record is still open: the customer may submit it once more."
                    }
                };
                SettledAs::ALL.iter().map(|choice| (choice.word(), means(*choice))).collect()
            }
            Self::Amend => {
                let means = |amended_as| match amended_as {
                    AmendedAs::Cancelled => "It was cancelled, by the customer or by NRG.",
                    AmendedAs::Rejected => "It was rejected afterwards, for instance by the utility.",
                    AmendedAs::Activated => "Service began, or goes on after all.",
                    AmendedAs::Corrected => "Something was put right, such as the account number.",
                };
                AmendedAs::ALL.iter().map(|choice| (choice.word(), means(*choice))).collect()
            }
        }
    }
}

/// What was typed.
#[derive(Clone, Default)]
struct Typed {
    recorded_as: String,
    account: String,
    digit: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "desk/change.html")]
struct ChangePage {
    page: Frame,
    change: Change,
    /// Where the form is posted to.
    action: String,
    tracking_id: String,
    journey: String,
    state: String,
    /// What the submission is, for the form to carry.
    seen: String,
    typed: Typed,
    /// By the name of the field.
    problems: Vec<(&'static str, String)>,
    /// Why nothing was recorded, where no field is at fault.
    refused: Option<String>,
    /// Whether what was typed is complete, and to be confirmed.
    confirms: bool,
}

impl ChangePage {
    /// The fields of one line: name, label, value and width.
    fn lines(&self) -> [(&'static str, &'static str, &str, &'static str); 3] {
        let Typed { recorded_as: _, account, digit, reason } = &self.typed;
        [
            ("account", "Account number", account, "w10"),
            ("digit", "Check digit", digit, "w3"),
            ("reason", "How you know", reason, "w20"),
        ]
    }

    fn problem(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|(name, _)| *name == field).map(|(_, problem)| problem.as_str())
    }
}

/// `/desk/submissions/{tracking_id}/settle`.
pub(super) async fn settle(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
    session: Session,
    Path(tracking_id): Path<String>,
    request: Request,
) -> Result<Response, DeskError> {
    let details = desk.app.ledger.show(&tracking_id).await?.ok_or(DeskError::NotFound)?;
    answer(&desk, &operator, &session, Change::settling(&details), details, request).await
}

/// `/desk/submissions/{tracking_id}/amend`.
pub(super) async fn amend(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
    session: Session,
    Path(tracking_id): Path<String>,
    request: Request,
) -> Result<Response, DeskError> {
    let details = desk.app.ledger.show(&tracking_id).await?.ok_or(DeskError::NotFound)?;
    answer(&desk, &operator, &session, Change::Amend, details, request).await
}

async fn answer(
    desk: &Desk,
    operator: &Operator,
    session: &Session,
    change: Change,
    details: SubmissionDetails,
    request: Request,
) -> Result<Response, DeskError> {
    if operator.role != Role::Settle {
        return Err(DeskError::MayNotSettle);
    }
    let row = &details.row;
    let mut shown = ChangePage {
        page: Frame::new(desk, operator, format!("{} {}", change.title(), row.tracking_id)),
        change,
        action: request.uri().path().to_owned(),
        tracking_id: row.tracking_id.clone(),
        journey: row.journey.clone(),
        state: row.amended_as.clone().unwrap_or_else(|| row.state.word().to_owned()),
        seen: seen(&details),
        typed: Typed::default(),
        problems: Vec::new(),
        refused: None,
        confirms: false,
    };
    if request.method() != Method::POST {
        return page(StatusCode::OK, &shown);
    }
    let body = FormBody::read(request, desk.app.form_timeout).await?;
    let field = |name| body.get(name).trim().to_owned();
    shown.typed = Typed {
        recorded_as: field("as"),
        account: field("account"),
        digit: field("digit"),
        reason: field("reason"),
    };
    if body.get("seen") != shown.seen {
        let changed =
            "It has changed since the form was shown: nothing was recorded now. Look at it again first.";
        shown.refused = Some(changed.to_owned());
        return page(StatusCode::CONFLICT, &shown);
    }
    shown.problems = problems(change, &shown.typed);
    if !shown.problems.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, &shown);
    }
    if body.get("confirmed") != "yes" {
        shown.confirms = true;
        return page(StatusCode::OK, &shown);
    }
    match record(desk, operator, change, &shown).await {
        Ok(()) => {
            let notice = format!("{} is now {}.", shown.tracking_id, shown.typed.recorded_as);
            session::say(session, &notice).await?;
            Ok(see_other(&journey_path(&shown.journey)))
        }
        Err(Refused::Store(error)) => Err(error.into()),
        Err(Refused::ByLedger(sentence)) => {
            shown.refused = Some(format!("Nothing was recorded: {sentence}."));
            page(StatusCode::CONFLICT, &shown)
        }
    }
}

/// What a submission is: it differs after whatever is recorded of it.
fn seen(details: &SubmissionDetails) -> String {
    let SubmissionDetails { row, settlements, amendments, .. } = details;
    format!("{}.{}.{}.{}", row.state.word(), row.round, settlements.len(), amendments.len())
}

/// What is wrong with what was typed.
fn problems(change: Change, typed: &Typed) -> Vec<(&'static str, String)> {
    let mut problems = Vec::new();
    let mut say = |field, sentence: &str| problems.push((field, sentence.to_owned()));
    let account = given(&typed.account);
    if !change.choices().iter().any(|(word, _)| *word == typed.recorded_as) {
        say("as", "Choose what became of it.");
    }
    if account.as_deref().is_some_and(|account| account_number(account).is_none()) {
        say("account", "Enter one to twelve digits.");
    }
    if given(&typed.digit).is_some_and(|digit| account.is_none() || check_digit(&digit).is_none()) {
        say("digit", "Enter one digit, and the account number.");
    }
    if typed.reason.is_empty() {
        say("reason", "Enter how you know.");
    }
    let misplaced = match change {
        Change::Settle | Change::Correct => {
            typed.recorded_as.parse().ok().and_then(|word: SettledAs| word.with(account, None).err())
        }
        Change::Amend => {
            let corrected = AmendedAs::Corrected.word();
            (account.is_some() && typed.recorded_as != corrected).then_some(AccountError::OfNone(corrected))
        }
    };
    if let Some(misplaced) = misplaced {
        problems.push(("account", format!("Here, {misplaced}.")));
    }
    problems
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Why nothing was recorded.
enum Refused {
    /// In the ledger's words.
    ByLedger(String),
    Store(crate::store::Error),
}

impl From<SettleError> for Refused {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Store(error) => Self::Store(error),
            error => Self::ByLedger(error.to_string()),
        }
    }
}

impl From<AmendError> for Refused {
    fn from(error: AmendError) -> Self {
        match error {
            AmendError::Store(error) => Self::Store(error),
            error => Self::ByLedger(error.to_string()),
        }
    }
}

impl From<AccountError> for Refused {
    fn from(error: AccountError) -> Self {
        Self::ByLedger(error.to_string())
    }
}

async fn record(desk: &Desk, operator: &Operator, change: Change, shown: &ChangePage) -> Result<(), Refused> {
    let (ledger, tracking_id, by) = (&desk.app.ledger, &shown.tracking_id, &operator.name);
    let Typed { recorded_as, account, digit, reason } = &shown.typed;
    let (account, digit) = (given(account), given(digit));
    // `problems` has found each of these words among the choices.
    let unknown = || Refused::ByLedger("there is no such choice".to_owned());
    match change {
        Change::Settle | Change::Correct => {
            let settled_as: SettledAs = recorded_as.parse().map_err(|_| unknown())?;
            let resolution = settled_as.with(account, digit)?;
            if change == Change::Settle {
                ledger.settle(tracking_id, resolution, reason, by).await?;
            } else {
                ledger.correct_settlement(tracking_id, resolution, reason, by).await?;
            }
        }
        Change::Amend => {
            let amended_as: AmendedAs = recorded_as.parse().map_err(|_| unknown())?;
            let account = account.map(|number| CorrectedAccount { number, check_digit: digit });
            ledger.amend(tracking_id, amended_as, account.as_ref(), reason, by).await?;
        }
    }
    Ok(())
}
