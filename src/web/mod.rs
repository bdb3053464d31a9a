//! What every page needs of HTTP: forms, headers, assets, the chrome of a page.

pub mod form;
