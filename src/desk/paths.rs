//! The addresses of the desk's pages.

pub(super) const FIND: &str = "/desk";
pub(super) const POSTBACKS: &str = "/desk/postbacks";
pub(super) const MAILS: &str = "/desk/mails";
pub(super) const OUTAGES: &str = "/desk/outages";
pub(super) const HEALTH: &str = "/desk/health";
pub(super) const SIGN_IN: &str = "/desk/sign-in";
pub(super) const STYLESHEET: &str = "/desk/desk.css";

/// `text` as a segment of a path. What is encoded here is visible ASCII.
pub(super) fn segment(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The path of a journey's page.
pub(super) fn journey_path(journey: &str) -> String {
    format!("/desk/journeys/{}", segment(journey))
}
