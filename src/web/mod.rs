//! What every page needs of HTTP: forms, headers, assets, the chrome of a page.

pub mod advice;
mod assets;
mod client;
pub mod context;
mod controls;
pub mod error;
pub mod form;
pub mod headers;
mod language;
mod layout;
pub mod metrics;
pub mod outage;
pub mod request_id;
pub mod sites;
pub mod state;

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

pub use assets::{Assets, asset};
pub use controls::{Bar, Choice, DateField, Field, Month, MonthDay, PriceChart, Weekdays};
pub use layout::{AffiliateLine, BrandLine, FieldError, Notice, OrderSummary, Page, SessionTimeout, Steps};

/// A page with its status.
pub fn html(status: StatusCode, page: String) -> Response {
    (status, Html(page)).into_response()
}
