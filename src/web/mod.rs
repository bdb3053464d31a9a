//! What every page needs of HTTP: forms, headers, assets, the chrome of a page.

pub mod advice;
mod assets;
mod client;
pub mod counts;
pub mod ctx;
pub mod error;
pub mod form;
pub mod headers;
mod language;
pub mod outage;
mod page;
pub mod request_id;
pub mod sites;
pub mod state;
mod view;

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

pub use assets::{Assets, asset};
pub use page::{AffiliateLine, BrandLine, FieldError, Notice, Order, Page, SessionClock, Steps};
pub use view::{Bar, Choice, DateField, Field, Month, MonthDay, PriceChart, Weekdays};

/// A page with its status.
pub fn html(status: StatusCode, page: String) -> Response {
    (status, Html(page)).into_response()
}
