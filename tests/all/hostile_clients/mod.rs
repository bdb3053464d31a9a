//! Clients that are not a visitor at a page of ours: other sites, forged values, other visitors, programs that send too
//! much or too slowly. Each test fails without its defense.

mod bytes;
mod forged;
mod headers;
mod onlookers;
mod sessions;
mod wire;

use std::time::Duration;

use crate::support::{Person, Walk, World};

const SOON: Duration = Duration::from_millis(300);

fn walk(world: &World) -> Walk {
    Walk::new(world.browser(), Person::default())
}
