//! How long visitors wait at each page where every call to NRG takes a second: a table of its own.

use std::{net::SocketAddr, time::Duration};

use nrg_enroll::nrg::Endpoint;
use serde_json::json;
use strum::VariantArray;

use super::{
    child::Served,
    rows::OPEN,
    support::{
        Browser, Person, Walk,
        fault_proxy::{FaultProxy, Reply},
    },
};

/// The visitors, one after the other: who they are, and the seconds they may wait in all.
const VISITORS: [(&str, f64, Person); 3] = [
    ("cold server", 7.2, person("77999", "Samplecase", "100 Example Oak Ln", "900-45-6789")),
    ("another ZIP", 6.2, person("77077", "Sampleson", "100 Example Elm Ln", "900-45-6790")),
    ("same ZIP", 5.2, person("77077", "Samplewood", "100 Example Ash Ln", "900-45-6791")),
];

const fn person(
    zip: &'static str,
    last_name: &'static str,
    street: &'static str,
    ssn: &'static str,
) -> Person {
    Person {
        zip,
        transaction: "MVI",
        street,
        unit: "",
        city: "Sampleton",
        first_name: "Jordan",
        last_name,
        ssn,
        brand: "RE",
        billed_elsewhere: false,
    }
}

/// Walks each visitor to the confirmation and prints what they waited for each request.
pub async fn print(nrg: SocketAddr) {
    let slow = FaultProxy::start(nrg).await;
    for endpoint in Endpoint::VARIANTS {
        let passed_on = Box::new(Reply::Changed(json!({})));
        slow.always(endpoint.path(), Reply::Later(Duration::from_secs(1), passed_on));
    }
    let served = Served::start(slow.address, &OPEN);
    let mut pages: Vec<String> = Vec::new();
    let mut waits = Vec::new();
    for (_, _, person) in VISITORS {
        let visit = visit(served.address, person).await;
        for (page, _) in &visit {
            if !pages.contains(page) {
                pages.push(page.clone());
            }
        }
        waits.push(visit);
    }

    println!("\nSeconds a visitor waits where each call to NRG takes one; the submission is not counted.\n");
    let line = |what: &str, cells: &[String]| println!("| {what:17} | {} |", cells.join(" | "));
    line("Request", &VISITORS.map(|(name, ..)| format!("{name:>11}")));
    line(&"-".repeat(17), &VISITORS.map(|_| format!("{:->10}:", "")));
    let seconds = |visit: &[(String, Duration)], page: Option<&String>| {
        let legs = visit.iter().filter(|(asked, _)| page.is_none_or(|page| page == asked));
        format!("{:>11.1}", legs.map(|(_, took)| took.as_secs_f64()).sum::<f64>())
    };
    let row = |page| waits.iter().map(|visit| seconds(visit, page)).collect::<Vec<_>>();
    for page in &pages {
        line(page, &row(Some(page)));
    }
    line("In all", &row(None));
    line("Wanted, at most", &VISITORS.map(|(_, most, _)| format!("{most:>11.1}")));
}

/// Every request up to the confirmation with its time, but those that wait for the submission.
async fn visit(address: SocketAddr, person: Person) -> Vec<(String, Duration)> {
    let walk = Walk::new(Browser::new(&format!("http://{address}")), person);
    let review = walk.through_start_date().await;
    walk.review(&review).await.is_at("/confirmation");
    let asked = walk.browser.seen().into_iter().map(|seen| {
        let request = seen.asked.split('?').next().unwrap().to_owned();
        (request, seen.took)
    });
    asked.filter(|(request, _)| request != "GET /processing").collect()
}
