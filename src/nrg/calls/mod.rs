//! The calls of NRG's Sales APIs, one file each: the request it sends, and what each answer means (contract 5).

pub mod available_dates;
pub mod cleanup_address;
pub mod credit;
pub mod enroll;
pub mod esid;
pub mod esid_validation;
pub mod holds;
pub mod identity;
pub mod kba_oe;
pub mod kba_result;
pub mod offer_details;
pub mod offer_entry;
pub mod offers;
pub mod prospect;
pub mod tdsp;
pub mod token;
