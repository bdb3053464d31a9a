//! Health: what needs somebody, as the alerts would say it.

use std::time::Duration;

use askama::Template;
use axum::{Extension, extract::State, response::Response};
use http::StatusCode;

use super::{
    error::DeskError,
    operators::Operator,
    page::{Frame, page},
    paths::{FIND, HEALTH, MAILS, POSTBACKS},
    state::Desk,
};
use crate::{ledger::State as SubmissionState, postback::State as PostbackState};

/// From then on a target counts as failing, as the alert has it.
const FAILING: Duration = Duration::from_secs(3600);

#[derive(Template)]
#[template(path = "desk/health.html")]
struct HealthPage {
    page: Frame,
    checks: Vec<Check>,
}

/// Something that is looked at.
struct Check {
    what: String,
    says: String,
    /// Whether somebody has to do something, and where.
    wrong: Option<&'static str>,
}

/// `GET /desk/health`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
) -> Result<Response, DeskError> {
    let submissions = desk.app.ledger.count().await?;
    let postbacks = desk.outbox.count().await?;
    let failing = desk.outbox.failing().await?;
    let of = |state| submissions.iter().filter(|(at, _)| *at == state).map(|(_, rows)| rows).sum::<i64>();
    let unknown = of(SubmissionState::Unknown);
    let mut checks = vec![
        Check {
            what: "Submissions that are unknown, and to be settled".to_owned(),
            says: unknown.to_string(),
            wrong: (unknown > 0).then_some(FIND),
        },
        Check {
            what: "Submissions that wait to be sent".to_owned(),
            says: of(SubmissionState::Ready).to_string(),
            wrong: None,
        },
    ];
    for target in desk.outbox.targets().iter() {
        let mine = |(name, state, _): &&(String, PostbackState, i64)| {
            *name == target.name && *state == PostbackState::Dead
        };
        let dead: i64 = postbacks.iter().filter(mine).map(|(.., rows)| rows).sum();
        checks.push(Check {
            what: format!("Postbacks to {} that were given up", target.name),
            says: dead.to_string(),
            wrong: (dead > 0).then_some(POSTBACKS),
        });
        if let Some((_, since)) = failing.iter().find(|(name, _)| *name == target.name) {
            checks.push(Check {
                what: format!("Postbacks to {} fail", target.name),
                says: format!("for {} minutes", since.as_secs() / 60),
                wrong: (*since > FAILING).then_some(POSTBACKS),
            });
        }
    }
    if let Some(mails) = &desk.app.mails {
        let failing = mails.failing().await?;
        let says = if failing.is_zero() {
            "no".to_owned()
        } else {
            format!("for {} minutes", failing.as_secs() / 60)
        };
        let wrong = (failing > FAILING).then_some(MAILS);
        checks.push(Check { what: "Mails fail".to_owned(), says, wrong });
    }
    let refusal = desk.app.nrg.refusal();
    checks.push(Check {
        what: "NRG".to_owned(),
        says: match refusal {
            Some(refusal) => format!("refuses every call: {refusal}"),
            None => "lets calls in".to_owned(),
        },
        wrong: refusal.map(|_| HEALTH),
    });
    page(StatusCode::OK, &HealthPage { page: Frame::new(&desk, &operator, "Health").at(HEALTH), checks })
}
