//! The pages beside the steps: one question, a stop, the way of a submission, and what is always there.
//!
//! A page shows where the journey stands and refuses to be anything else: each looks at `position()` first
//! and leads there when it is not its turn.

pub mod ask;
pub mod compare;
pub mod confirmation;
pub mod info;
pub mod link_builder;
pub mod pay;
pub mod plan;
pub mod processing;
pub mod resume;
pub mod save_for_later;
pub mod session_ended;
pub mod stop;

use crate::web::context::RequestContext;

/// What to name on the phone: ours, and NRG's once there is a record.
fn reference(ctx: &RequestContext) -> String {
    let journey = ctx.journey();
    match &journey.record {
        Some(record) => format!("{} / {}", journey.id, record.tracking_id.as_str()),
        None => journey.id.clone(),
    }
}
