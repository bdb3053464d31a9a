//! What every page needs of HTTP: forms, headers, assets, the chrome of a page.

mod assets;
pub mod form;
mod page;
mod view;

pub use assets::{Assets, asset};
pub use page::{AffiliateLine, BrandLine, FieldError, Notice, Page, SessionClock, StepPosition};
pub use view::{Choice, DateField, Field, PriceChart};
