//! What every page needs of HTTP: the request context, forms, headers, files, the layout of a page and its controls.
//!
//! ```text
//! state ← context (changes: session, NRG, attempts) → page_context (reads: site, journey, messages) → layout
//! ```
//!
//! A [`error::PageError`] says only what went wrong; `pages::error` and `pages::outage` draw its page.

pub mod advice;
mod assets;
pub mod calls;
pub(crate) mod client;
pub mod compression;
pub mod context;
mod controls;
mod cookie_check;
pub mod draft;
pub mod error;
mod error_messages;
mod failed_call;
pub mod form;
pub mod form_age;
pub mod guesses;
pub mod headers;
pub mod language;
mod layout;
mod link;
pub mod logged;
mod mail;
pub mod metrics;
mod notices;
pub mod onlooker;
pub mod outage;
pub mod page_context;
mod page_layout;
pub mod patience;
pub mod pending_call;
mod preview;
pub mod preview_settings;
mod rate_limits;
pub mod request;
pub mod request_id;
mod response;
pub mod robots;
pub mod same_page;
pub mod sites;
pub mod state;
mod tel;
#[cfg(test)]
mod unseen;

pub use assets::Assets;
pub use controls::{Bar, Choice, DateField, Field, Month, MonthDay, PriceChart, Weekdays};
pub use cookie_check::mark_redirect;
pub use error_messages::ErrorMessages;
pub use layout::{
    AffiliateLine, BrandLine, FieldError, LinkOffer, OrderSummary, Page, SessionTimeout, Steps,
};
pub use mail::mail_link;
pub use notices::Notice;
pub use response::{html, see_other};
pub use tel::Sentence;
