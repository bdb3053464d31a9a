//! Show: everything about a journey, what there is to do first.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use tower_sessions::Session;

use super::{
    error::DeskError,
    operators::Operator,
    page::{Frame, page},
    paths::segment,
    session,
    state::Desk,
};
use crate::{
    ledger::{
        State as SubmissionState, SubmissionDetails,
        sheet::{self, Section},
    },
    postback::Filter,
};

/// The most postbacks that are shown of a journey: each target has one for each ending.
const POSTBACKS: u32 = 1_000;

#[derive(Template)]
#[template(path = "desk/show.html")]
struct ShowPage {
    page: Frame,
    /// Whether the data is on legal hold or erased.
    data: Option<&'static str>,
    submissions: Vec<Submission>,
    sections: Vec<Section>,
}

/// A submission on the page.
struct Submission {
    tracking_id: String,
    facts: Vec<(String, String)>,
    sections: Vec<Section>,
    /// What can be done, each with its address: the first is what there is to do.
    actions: Vec<(&'static str, String)>,
    unknown: bool,
}

impl Submission {
    fn of(details: &SubmissionDetails) -> Self {
        let row = &details.row;
        let path = |action: &str| format!("/desk/submissions/{}/{action}", segment(&row.tracking_id));
        let mut actions = Vec::new();
        match row.state {
            SubmissionState::Unknown => actions.push(("Settle", path("settle"))),
            SubmissionState::Enrolled | SubmissionState::Accepted => actions.push(("Amend", path("amend"))),
            SubmissionState::Ready
            | SubmissionState::Sent
            | SubmissionState::Refused
            | SubmissionState::Correctable
            | SubmissionState::Duplicate => {}
        }
        let settled = details.settlements.last().is_some_and(|settlement| settlement.round == row.round);
        if settled && row.state.is_final() && row.amended_as.is_none() {
            actions.push(("Correct the settlement", path("settle")));
        }
        Self {
            tracking_id: row.tracking_id.clone(),
            facts: sheet::facts(details, "session.keys do not open it"),
            sections: sheet::of_submission(details),
            actions,
            unknown: row.state == SubmissionState::Unknown,
        }
    }
}

/// `GET /desk/journeys/{journey}`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
    session: Session,
    Path(journey): Path<String>,
) -> Result<Response, DeskError> {
    let ledger = &desk.app.ledger;
    // First: what cannot be recorded is not shown.
    ledger.shown(&journey, &operator.name).await?;
    let records = ledger.records(&journey).await?;
    let of_journey = Filter { journey: Some(journey.clone()), ..Filter::default() };
    let postbacks = desk.outbox.list(&of_journey, POSTBACKS).await?;
    let notice = session::said(&session).await?;
    let shown = ShowPage {
        page: Frame::new(&desk, &operator, format!("Journey {journey}")).saying(notice),
        data: sheet::data_of(&records.actions),
        // The newest is what the caller asks about.
        submissions: records.submissions.iter().rev().map(Submission::of).collect(),
        sections: sheet::of_journey(&postbacks, &records),
    };
    page(StatusCode::OK, &shown)
}
