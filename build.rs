//! Tells cargo that a new migration is a reason to compile again: the set is embedded.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
