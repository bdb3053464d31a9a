//! Sessions: who is signed in. A session ends when the operator signs out or asks nothing for a while, and with the next
//! request when the operator was removed or has another password.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use super::{
    error::DeskError,
    operators::{Operator, Operators},
    paths::{FIND, SIGN_IN, segment},
    state::Desk,
};
use crate::web::see_other;

const SIGNED_IN: &str = "signed_in";
const NOTICE: &str = "notice";

/// Who signed in, and with which password.
#[derive(Serialize, Deserialize)]
struct SignedIn {
    name: String,
    hash: String,
    seen_at: Timestamp,
}

impl SignedIn {
    fn now(desk: &Desk, operator: &Operator) -> Self {
        let (name, hash) = (operator.name.clone(), operator.hash.text().to_owned());
        Self { name, hash, seen_at: desk.app.clock.now() }
    }
}

/// Lets requests of who is signed in pass, with the operator in their extensions; others lead to the sign-in and back.
pub(super) async fn require(
    State(desk): State<Desk>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    match current(&desk, &session).await {
        Ok(Some(operator)) => {
            request.extensions_mut().insert(operator);
            next.run(request).await
        }
        Ok(None) => see_other(&format!("{SIGN_IN}?to={}", segment(request.uri().path()))),
        Err(error) => error.into_response(),
    }
}

/// Begins the session of `operator`, under a new id.
pub(super) async fn begin(desk: &Desk, session: &Session, operator: &Operator) -> Result<(), DeskError> {
    session.cycle_id().await?;
    Ok(session.insert(SIGNED_IN, SignedIn::now(desk, operator)).await?)
}

/// Who is signed in, if somebody is.
async fn current(desk: &Desk, session: &Session) -> Result<Option<Operator>, DeskError> {
    let Some(signed_in) = session.get::<SignedIn>(SIGNED_IN).await? else { return Ok(None) };
    let idle = desk.app.clock.now().duration_since(signed_in.seen_at).unsigned_abs();
    let operators = Operators::read(&desk.settings.operators_file)?;
    let known = operators.named(&signed_in.name);
    match known.filter(|known| idle < desk.settings.idle && known.hash.text() == signed_in.hash) {
        Some(operator) => {
            session.insert(SIGNED_IN, SignedIn::now(desk, operator)).await?;
            Ok(Some(operator.clone()))
        }
        None => {
            session.flush().await?;
            Ok(None)
        }
    }
}

/// Has the next page say `notice`.
pub(super) async fn say(session: &Session, notice: &str) -> Result<(), DeskError> {
    Ok(session.insert(NOTICE, notice).await?)
}

/// What the page is to say, once.
pub(super) async fn said(session: &Session) -> Result<Option<String>, DeskError> {
    Ok(session.remove(NOTICE).await?)
}

/// `to`, if it is a page of the desk; its first page otherwise.
pub(super) fn inside(to: &str) -> &str {
    let below = to.strip_prefix(FIND).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let plain = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') && !to.contains("//");
    if below && plain { to } else { FIND }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_leads_back_into_the_desk_only() {
        for (to, leads_to) in [
            ("/desk", "/desk"),
            ("/desk/postbacks", "/desk/postbacks"),
            ("/desk/submissions/s-49%2F00/settle", "/desk/submissions/s-49%2F00/settle"),
            ("", "/desk"),
            ("/report", "/desk"),
            ("/desks", "/desk"),
            ("//evil.test/desk", "/desk"),
            ("/desk//evil.test", "/desk"),
            ("/desk/\\evil.test", "/desk"),
            ("https://evil.test/desk", "/desk"),
            ("/desk/\r\nset-cookie: x", "/desk"),
        ] {
            assert_eq!(inside(to), leads_to, "{to}");
        }
    }
}
