//! What a failure makes of an answer.

use axum::http::StatusCode;
use serde_json::json;

use super::{
    envelope::{Reply, html},
    inputs::Failure,
    state::Sandbox,
    texts::Language,
};

impl Failure {
    /// The answer to a call with this failure, made from the good answer; a slow one only after the delay.
    pub async fn apply(self, sandbox: &Sandbox, language: Language, good: Reply) -> Reply {
        match self {
            Self::Technical => Reply::technical(language),
            Self::NoContent => Reply::nothing(),
            Self::Garbage => html(StatusCode::OK, "Welcome"),
            Self::NoStatus => good.without("statusCode"),
            Self::OddStatus => good.with(json!({ "statusCode": "07" })),
            Self::Unauthorized => Reply::unauthorized(),
            Self::Forbidden => Reply::forbidden(),
            Self::Cut => Reply::cut(),
            Self::Slow => {
                sandbox.delay().await;
                good
            }
        }
    }
}
