//! `[api]`: what systems of partners may ask for, and from where.

use super::section::{ROOT_URL, Section, root_url};
use crate::api::ApiSettings;

pub(super) fn read(section: &mut Section<'_>) -> Option<ApiSettings> {
    let (enabled, open) = (section.switch("enabled"), section.switch("open"));
    // As a browser writes it: without a slash, and without the port of its scheme.
    let origin = |text: &str| root_url(text).map(|url| url.origin().ascii_serialization());
    let origins = section.list("origins", ROOT_URL, origin);
    let link_valid = section.duration("link_valid");
    Some(ApiSettings { enabled: enabled?, open: open?, origins: origins?, link_valid: link_valid? })
}
