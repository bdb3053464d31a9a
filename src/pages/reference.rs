//! The reference that a customer can state on the phone.

use crate::journey::Journey;

/// The journey's id, with NRG's tracking id once there is a record.
pub fn reference(journey: &Journey) -> String {
    match &journey.record {
        Some(record) => format!("{} / {}", journey.id, record.tracking_id.as_str()),
        None => journey.id.clone(),
    }
}
