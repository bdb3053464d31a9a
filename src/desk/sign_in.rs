//! Sign in and out.

use std::net::SocketAddr;

use askama::Template;
use axum::{
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use tower_sessions::Session;

use super::{
    error::DeskError,
    operators::Operators,
    page::{Frame, page},
    password,
    paths::SIGN_IN,
    session,
    state::Desk,
};
use crate::{
    fields::Query,
    web::{
        form::FormBody,
        guesses::{Guess, LONGEST_WAIT},
        see_other,
    },
};

#[derive(Template)]
#[template(path = "desk/sign-in.html")]
struct SignInPage {
    page: Frame,
    name: String,
    to: String,
    problem: Option<&'static str>,
}

/// `GET /desk/sign-in`.
pub(super) async fn show(State(desk): State<Desk>, request: Request) -> Result<Response, DeskError> {
    let query = Query::read(request.uri().query().unwrap_or_default());
    let to = query.pairs().find(|(name, _)| *name == "to").map(|(_, value)| value.as_str().to_owned());
    form(&desk, StatusCode::OK, String::new(), &to.unwrap_or_default(), None)
}

/// `POST /desk/sign-in`.
pub(super) async fn submit(
    State(desk): State<Desk>,
    session: Session,
    request: Request,
) -> Result<Response, DeskError> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let body = FormBody::read(request, desk.app.form_timeout).await?;
    let (name, to) = (body.get("name").trim().to_owned(), body.get("to").to_owned());
    let operators = Operators::read(&desk.settings.operators_file)?;
    let operator = operators.named(&name);
    let known = operator.map(|operator| operator.hash.clone());
    let (form_body, entropy) = (body.clone(), desk.app.entropy.clone());
    let is_right = async {
        let check = move || password::is_right(form_body.get("password"), known.as_ref(), &entropy);
        // It takes a while, and other requests go on meanwhile.
        tokio::task::spawn_blocking(check).await.unwrap_or(false)
    };
    // Names that nobody has are guessed at together.
    let whose = operator.map_or("", |operator| &operator.name);
    match (desk.guesses.check(whose, peer, is_right).await, operator) {
        (Guess::Right, Some(operator)) => {
            session::begin(&desk, &session, operator).await?;
            tracing::info!(operator = operator.name, "desk: signed in");
            Ok(see_other(session::inside(&to)))
        }
        (Guess::TooMany, _) => {
            let problem = "Too many are trying to sign in at this moment. Try again in a minute.";
            let answer = form(&desk, StatusCode::TOO_MANY_REQUESTS, name, &to, Some(problem))?;
            Ok(([(header::RETRY_AFTER, LONGEST_WAIT.as_secs())], answer).into_response())
        }
        (guess, _) => {
            if let Guess::Wrong { in_a_row } = guess {
                // Never what was typed: a password may stand in the wrong field. The pauses bound these lines, too.
                tracing::warn!(in_a_row, "desk: wrong name or password");
            }
            let problem = "The name or the password is wrong.";
            form(&desk, StatusCode::UNPROCESSABLE_ENTITY, name, &to, Some(problem))
        }
    }
}

/// `POST /desk/sign-out`.
pub(super) async fn out(session: Session) -> Result<Response, DeskError> {
    session.flush().await?;
    Ok(see_other(SIGN_IN))
}

fn form(
    desk: &Desk,
    status: StatusCode,
    name: String,
    to: &str,
    problem: Option<&'static str>,
) -> Result<Response, DeskError> {
    let to = session::inside(to).to_owned();
    page(status, &SignInPage { page: Frame::open(desk, "Sign in"), name, to, problem })
}
