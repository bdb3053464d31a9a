//! NRG answers later than a request waits: whatever the visitor does meanwhile, each request is answered in time, each
//! call is made once, and the page that waits leads to what NRG answered.

mod failures;
mod once;

use std::time::Duration;

use crate::support::{Browser, Page, Person, Walk, fault_proxy::FaultProxy};

/// Shorter than any call that is held.
const PATIENCE: Duration = Duration::from_millis(200);
const ENV: [(&str, &str); 1] = [("ENROLL__SERVER__PATIENCE", "200ms")];

/// Whether every answer that `browser` got so far began within the patience and a second.
#[track_caller]
fn was_answered_in_time(browser: &Browser) {
    let longest = browser.longest();
    assert!(longest < PATIENCE + Duration::from_secs(1), "{longest:?}");
}

/// A page that waits, at `path`.
#[track_caller]
fn waits(page: &Page, path: &str) {
    assert!(page.is_waiting(), "{} {} does not wait:\n{}", page.status, page.path, page.text());
    page.is_at(path);
}

/// The page that follows a page that waits at `path`, once `endpoint` is answered.
async fn after(nrg: &FaultProxy, endpoint: &str, browser: &Browser, path: &str) -> Page {
    nrg.release(endpoint);
    browser.get(&format!("{path}?waits=1")).await
}

/// Somebody who waits where nothing else is said.
fn walk(browser: &Browser, person: Person) -> Walk {
    Walk::new(browser.patient(), person)
}
