//! Caches of those of NRG's answers that are the same for many visitors.

mod meters;
mod offers;
mod shared;
mod utilities;

pub use self::{
    meters::MeterCache,
    offers::{OfferAges, OfferCache, OfferLookup},
    utilities::UtilityCache,
};
