//! Canaries: whole journeys of marked, invented people, good and bad endings, in a server of its own process that logs
//! at trace and calls NRG over TLS. Then everything it left is searched: the database and its files, the log, every page, header and address,
//! and its memory. Only the places of [`MAY_SHOW`] show a value.

mod erasure;
mod journeys;
mod outputs;
mod people;
mod search;
mod secrets;
mod served;
#[cfg(target_os = "linux")]
mod slow_nrg;

use std::{collections::BTreeSet, time::Duration};

use journeys::journeys;
#[cfg(target_os = "linux")]
use outputs::in_memory;
use outputs::{Output, files, is_a_log, of_browser, rows};
use search::Search;
use secrets::{Secret, secrets};
#[cfg(target_os = "linux")]
use served::PASSWORD;
use served::Served;

use crate::support::Browser;

/// What may be where; everything else is nowhere. A page by its path, a header by its name, the `database`, the `log`.
const MAY_SHOW: &[(&str, &[&str])] = &[
    ("SSN", &[]),
    ("license number", &[]),
    ("token", &[]),
    ("guid", &[]),
    ("Basic credentials", &[]),
    ("key", &[]),
    ("partner key", &[]),
    ("quiz", &["/quiz"]),
    // Its page has it in three fields, where it was typed, and among the facts of a check that failed; the review, behind a
    // control.
    ("birth date", &["/identity", "/review"]),
    ("first name", &["/contact", "/identity", "/review", "/confirmation"]),
    ("last name", &["/contact", "/identity", "/review"]),
    ("e-mail address", &["/contact", "/review", "/confirmation"]),
    ("phone number", &["/contact", "/review"]),
    (
        "street",
        &[
            "/address",
            "/ask",
            "/contact",
            "/billing",
            "/identity",
            "/quiz",
            "/start-date",
            "/deposit",
            "/review",
            "/confirmation",
        ],
    ),
    ("account number", &["/confirmation", "/pay", "location of /pay"]),
    // The name of the record: the ledger's key, what a person reads out on the phone, and NRG's own reference.
    ("tracking id", &["database", "/stop", "/processing", "/confirmation", "location of /pay"]),
    ("session id", &["set-cookie"]),
    // The one page that tells it, and the one it leads to, whose address has it.
    ("resume code", &["/later", "/resume", "address"]),
];

/// Every value that is somewhere, by kind and place: all of it allowed.
fn judge(secrets: &[Secret], outputs: &[Output]) -> BTreeSet<(&'static str, String)> {
    let search = Search::new(secrets.iter().map(|secret| secret.value.as_str()));
    let (mut shown, mut wrong) = (BTreeSet::new(), BTreeSet::new());
    for Output { place, bytes } in outputs {
        for Secret { kind, value } in search.of(bytes).into_iter().map(|number| &secrets[number]) {
            let (_, allowed) = MAY_SHOW.iter().find(|(known, _)| known == kind).unwrap();
            if !allowed.contains(&place.as_str()) {
                wrong.insert(format!("{kind} {value:?} is in {place}"));
            }
            shown.insert((*kind, place.clone()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    shown
}

#[allow(clippy::print_stdout, reason = "says what could not be tried")]
async fn everything(store: Option<&str>) {
    let mut served = Served::start(store).await;
    let (seen, open) = journeys(&served).await;
    let private = Browser::new(&format!("http://{}", served.private));
    for path in ["/metrics", "/healthz", "/readyz"] {
        private.get(path).await;
    }
    let partner = Browser::new(&format!("http://{}", served.address));
    for (scheme, status) in [("Bearer", 200), ("Basic", 401), ("Bearer x", 401)] {
        let key = format!("{scheme} {}", served.partner_key);
        let asked = partner.ask("GET", "/api/plans?zip=77999&type=MVI", &[("authorization", &key)]).await;
        assert_eq!(asked.status(), status, "{scheme}");
    }
    let secrets = secrets(&served, &seen);
    for kind in MAY_SHOW.iter().map(|(kind, _)| *kind).filter(|kind| *kind != "account number") {
        assert!(secrets.iter().any(|secret| secret.kind == kind), "no {kind} to search for");
    }

    let mut outputs = of_browser(&seen);
    outputs.extend(of_browser(&private.seen()));
    outputs.extend(of_browser(&partner.seen()));
    // While it runs, with the log of changes beside the database; and as it is left.
    outputs.extend(files(served.data.path()));
    if let Some(store) = store {
        outputs.extend(rows(store).await);
    }
    #[cfg(target_os = "linux")]
    {
        tokio::time::sleep(Duration::from_millis(300)).await;
        match in_memory(served.child.id(), &secrets) {
            Ok(found) => {
                let numbers: Vec<_> =
                    found.iter().filter(|found| ["SSN", "license number"].contains(&found.kind)).collect();
                assert!(numbers.is_empty(), "in memory: {numbers:#?}");
                // What has to be there is found.
                assert!(found.iter().any(|found| found.value == PASSWORD), "the memory was not read");
            }
            Err(error) => println!("memory not searched: {error}"),
        }
    }
    // Until here the browsers are connected.
    drop((open, private, partner));
    served.end().await;
    outputs.extend(files(served.data.path()));
    is_a_log(&served.log());
    let posted = served.receiver.all();
    assert!(["enrolled", "stopped"].iter().all(|ending| posted.contains(ending)), "{posted}");
    outputs.push(Output { place: "postback".into(), bytes: posted.into() });
    let shown = judge(&secrets, &outputs);
    // The search finds what is there.
    for (kind, place) in [
        ("tracking id", "database"),
        ("first name", "/review"),
        ("street", "/address"),
        ("account number", "location of /pay"),
        ("session id", "set-cookie"),
        ("quiz", "/quiz"),
        ("resume code", "/later"),
    ] {
        assert!(shown.contains(&(kind, place.to_owned())), "{kind} is not in {place}: {shown:?}");
    }
}

#[tokio::test]
async fn personal_data_appears_only_where_allowed() {
    everything(None).await;
}

#[tokio::test]
async fn personal_data_appears_only_where_allowed_on_postgresql() {
    on_postgresql("canary", async |store| everything(Some(&store)).await).await;
}

/// Runs `test` on a new database of the tests' PostgreSQL, if there is one.
#[allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "where the tests' PostgreSQL is, is not a setting of the program"
)]
async fn on_postgresql(name: &str, test: impl AsyncFnOnce(String)) {
    let Ok(url) = std::env::var("ENROLL_TEST_POSTGRES_URL") else {
        println!("PostgreSQL skipped: ENROLL_TEST_POSTGRES_URL is not set");
        return;
    };
    let name = format!("enroll_{name}_{}", std::process::id());
    let admin = sqlx::PgPool::connect(&url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    let mut own = url::Url::parse(&url).unwrap();
    own.set_path(&name);
    test(own.to_string()).await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&admin).await.unwrap();
}
