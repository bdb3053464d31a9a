//! `[desk]`: who may come to the desk, and how long a session there lasts.

use std::path::PathBuf;

use super::section::Section;
use crate::desk::DeskSettings;

/// The desk, if there is one.
pub(super) fn read(section: &mut Section<'_>) -> Option<Option<DeskSettings>> {
    let file = section.optional("operators_file", "the path of a file", |path| Some(PathBuf::from(path)));
    let idle = section.duration("idle");
    let secure_cookie = section.switch("secure_cookie");
    let (idle, secure_cookie) = (idle?, secure_cookie?);
    Some(file?.map(|operators_file| DeskSettings { operators_file, idle, secure_cookie }))
}
