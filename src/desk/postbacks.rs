//! Postbacks that fail or were given up, and to have one sent again.

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
    paths::POSTBACKS,
    session,
    state::Desk,
};
use crate::{
    postback::{Filter, RetryError, Row, State as PostbackState},
    web::{form::FormBody, see_other},
};

/// The most postbacks of each state that are read.
const MOST: u32 = 500;

#[derive(Template)]
#[template(path = "desk/postbacks.html")]
struct PostbacksPage {
    page: Frame,
    rows: Vec<Row>,
}

/// `GET /desk/postbacks`.
pub(super) async fn show(
    State(desk): State<Desk>,
    Extension(operator): Extension<Operator>,
    session: Session,
) -> Result<Response, DeskError> {
    let notice = session::said(&session).await?;
    list(&desk, &operator, StatusCode::OK, notice).await
}

/// `POST /desk/postbacks`: one is sent again.
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
    match desk.outbox.send_again(Some(body.get("id").to_owned()), None).await {
        Ok(_) => {
            tracing::info!(operator = operator.name, id = body.get("id"), "desk: postback sent again");
            session::say(&session, "The postback is sent again, for another day while it fails.").await?;
            Ok(see_other(POSTBACKS))
        }
        Err(RetryError::Store(error)) => Err(error.into()),
        Err(refused @ (RetryError::NoneFound | RetryError::NoTarget(_))) => {
            let notice = format!("Nothing was sent again: {refused}.");
            list(&desk, &operator, StatusCode::CONFLICT, Some(notice)).await
        }
    }
}

async fn list(
    desk: &Desk,
    operator: &Operator,
    status: StatusCode,
    notice: Option<String>,
) -> Result<Response, DeskError> {
    let of = |state| Filter { state: Some(state), ..Filter::default() };
    let mut rows = desk.outbox.list(&of(PostbackState::Dead), MOST).await?;
    let waiting = desk.outbox.list(&of(PostbackState::Waiting), MOST).await?;
    // What has not been tried yet does not fail.
    rows.extend(waiting.into_iter().filter(|row| row.outcome.is_some()));
    let frame = Frame::new(desk, operator, "Postbacks that fail").at(POSTBACKS).saying(notice);
    page(status, &PostbacksPage { page: frame, rows })
}
