//! Drills: what happens in the life of a deployment is done to the real program, as a process, with the real database,
//! pooler and proxy.
//!
//! The quick ones run with all other tests. `cargo drills` runs them all, at length, and prints their figures; it builds
//! the release before for the update.

mod full_disk;
mod key_rotation;
mod load;
mod pooler;
mod read_only;
mod restore;
mod rolling;
mod schema;
mod site;
mod slow_database;
mod update;
