//! The pages: the steps' handlers, one question, a stop, the progress of a submission, the pages that always exist, and the
//! pages of an error and an outage.
//!
//! A page that belongs to a position of the journey compares it with `position()` first and, at any other position,
//! redirects there. Each handler ends in [`error::respond`].

pub mod ask;
pub mod calendar_entry;
mod code_link;
pub mod compare;
pub mod confirmation;
mod cookie_refused;
pub mod error;
pub mod handed_over;
pub mod info;
pub mod leave;
pub mod link_builder;
mod linked;
mod outage;
pub mod pay;
pub mod plan;
pub mod processing;
mod qr_code;
mod reference;
pub mod resume;
pub mod save_for_later;
pub mod session_ended;
pub mod status;
pub mod status_link;
pub mod step;
pub mod stop;
pub mod timed_out;
pub mod unsubscribe;
mod waiting;
