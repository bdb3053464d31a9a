//! What can go wrong at the desk, and the page that says it.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::{operators::OperatorsError, paths::STYLESHEET};
use crate::{
    causes::Causes,
    ledger::PrivacyError,
    store,
    web::{form::FormRefusal, html},
};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeskError {
    #[error("There is no such page, journey or submission.")]
    NotFound,
    #[error("Your role is to read: somebody with the role settle has to do this.")]
    MayNotSettle,
    #[error("This form did not come from a page of the desk. Nothing was changed.")]
    OtherSite,
    #[error("The form cannot be read. Nothing was changed.")]
    Form(FormRefusal),
    #[error("The database does not answer. Try again.")]
    Store(#[from] store::Error),
    #[error("What is looked at cannot be recorded, and is not shown then. Try again.")]
    NotRecorded(#[source] PrivacyError),
    #[error("The file of operators cannot be used.")]
    Operators(#[from] OperatorsError),
    #[error("The session cannot be used. Try again.")]
    Session(#[from] tower_sessions::session::Error),
    #[error("The page cannot be drawn.")]
    Page(#[from] askama::Error),
    #[error("The page cannot be drawn.")]
    Panic,
}

impl DeskError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MayNotSettle | Self::OtherSite => StatusCode::FORBIDDEN,
            Self::Form(refusal) => refusal.status(),
            Self::Store(_) | Self::NotRecorded(_) | Self::Operators(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Session(_) | Self::Page(_) | Self::Panic => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<FormRefusal> for DeskError {
    fn from(refusal: FormRefusal) -> Self {
        Self::Form(refusal)
    }
}

impl From<PrivacyError> for DeskError {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::NotFound => Self::NotFound,
            error => Self::NotRecorded(error),
        }
    }
}

#[derive(Template)]
#[template(path = "desk/error.html")]
struct ErrorPage {
    stylesheet: &'static str,
    sentence: String,
}

impl IntoResponse for DeskError {
    fn into_response(self) -> Response {
        if self.status().is_server_error() {
            tracing::error!(error = %Causes(&self), "desk: no page");
        }
        let page = ErrorPage { stylesheet: STYLESHEET, sentence: self.to_string() };
        match page.render() {
            Ok(page) => html(self.status(), page),
            Err(_) => self.status().into_response(),
        }
    }
}
