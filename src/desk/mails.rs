//! Mails that fail or were given up, and to have one that waits tried now.

use askama::Template;
use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use tower_sessions::Session;

use super::{
    error::DeskError,
    operators::{Operator, Role},
    page::{Frame, page},
    paths::MAILS,
    session,
    state::Desk,
};
use crate::{
    mail::{self, Row, State as MailState},
    web::{form::FormBody, see_other},
};

/// The most mails of each state that are read.
const MOST: u32 = 500;

#[derive(Template)]
#[template(path = "desk/mails.html")]
struct MailsPage {
    page: Frame,
    /// Whether the settings send mails at all.
    are_sent: bool,
    rows: Vec<Row>,
}

/// `GET /desk/mails`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
    session: Session,
) -> Result<Response, DeskError> {
    let notice = session::said(&session).await?;
    list(&desk, &operator, StatusCode::OK, notice).await
}

/// `POST /desk/mails`: one that waits is tried now.
pub(super) async fn retry(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
    session: Session,
    request: Request,
) -> Result<Response, DeskError> {
    if operator.role != Role::Settle {
        return Err(DeskError::MayNotSettle);
    }
    let body = FormBody::read(request, desk.app.form_timeout).await?;
    let again = match &desk.app.mails {
        Some(mails) => mails.retry(Some(body.get("id"))).await?,
        None => 0,
    };
    if again == 0 {
        let notice = "Nothing was tried again: no such mail waits.".to_owned();
        return list(&desk, &operator, StatusCode::CONFLICT, Some(notice)).await;
    }
    tracing::info!(operator = operator.name, id = body.get("id"), "desk: mail tried again");
    session::say(&session, "The mail is tried again now.").await?;
    Ok(see_other(MAILS))
}

async fn list(
    desk: &Desk,
    operator: &Operator,
    status: StatusCode,
    notice: Option<String>,
) -> Result<Response, DeskError> {
    let mut rows = Vec::new();
    if let Some(mails) = &desk.app.mails {
        rows = mail::list(mails.store(), Some(MailState::Dead), MOST).await?;
        let waiting = mail::list(mails.store(), Some(MailState::Waiting), MOST).await?;
        // What has not been tried yet does not fail.
        rows.extend(waiting.into_iter().filter(|row| row.outcome.is_some()));
    }
    let frame = Frame::new(desk, operator, "Mails that fail").at(MAILS).saying(notice);
    page(status, &MailsPage { page: frame, are_sent: desk.app.mails.is_some(), rows })
}
