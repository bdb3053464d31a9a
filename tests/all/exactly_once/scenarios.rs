//! What can happen to one submission, one scenario a function. Each fails if an invariant breaks.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{
    fake::Mood,
    figures::Figure,
    kills::settle_down,
    people::{ready, reference},
    server::{LEASE, On, Server, Site},
};
use crate::support::cluster::Cluster;
use crate::support::{Page, Person, Walk};

/// Enough for anything here.
const SOON: Duration = Duration::from_secs(40);

fn someone(street: usize) -> Person {
    Person { street: format!("{} Example Oak Ln", 1000 + street).leak(), ..Person::default() }
}

fn figure(site: &Site, on: On<'_>, what: &'static str, runs: usize, kills: usize) -> Figure {
    let (requests, states) = (site.fake.count(), site.states());
    let duplicates = site.fake.counts().values().map(|count| count - 1).sum();
    let lost = runs.saturating_sub(states.values().sum());
    Figure { on: on.name(), what, runs, kills, requests, states, duplicates, lost }.hold()
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + SOON;
    while !done().await {
        assert!(Instant::now() < end, "never: {what}");
        sleep(Duration::from_millis(30)).await;
    }
}

/// Posts review fifty times at once from one session; on PostgreSQL to two servers in turn.
pub async fn fifty_at_once(on: On<'_>, runs: usize) -> Figure {
    let site = Site::new(on, &[]).await;
    site.fake.mood(Mood::Answer(Duration::from_millis(100)));
    let mut servers = vec![site.server().await];
    if matches!(on, On::Postgres(_)) {
        servers.push(site.server().await);
    }
    for run in 0..runs {
        let ready = ready(&servers[0].base, someone(run)).await;
        let form = ready.walk.review_form(&ready.review);
        let posts = (0..50).map(|number| {
            let (form, walk) = (form.clone(), &ready.walk);
            let browser = walk.browser.at(&servers[number % servers.len()].base);
            let walk = Walk { browser, person: walk.person.clone(), language: walk.language };
            async move {
                let page = form.submit(&walk.browser).await;
                let end = walk.wait(page).await;
                (end.path.clone(), end.one("dl.summary dd"))
            }
        });
        let ends = timeout(SOON, futures_util::future::join_all(posts)).await.unwrap();
        let (path, account) = &ends[0];
        assert!(path == "/confirmation" && account.is_some(), "{path} {account:?}");
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
        assert_eq!(site.fake.count(), run + 1);
    }
    figure(&site, on, "50 posts at once", runs, 0)
}

/// NRG takes the request and does not answer it in a way that can be read.
pub async fn no_answer(on: On<'_>) -> Figure {
    let limits =
        [("NRG__TIMEOUTS__ENROLL", "3s"), ("LEDGER__SEND_LIMIT", "5s"), ("NRG__CONNECT_TIMEOUT", "1s")];
    let site = Site::new(on, &limits).await;
    let server = site.server().await;
    let moods = [Mood::Cut, Mood::Half, Mood::Garble, Mood::Fail, Mood::Hang, Mood::Hang];
    let mut walks = Vec::new();
    for (number, mood) in moods.into_iter().enumerate() {
        site.fake.mood(mood);
        let ready = ready(&server.base, someone(number)).await;
        let page = ready.walk.review_form(&ready.review).submit(&ready.walk.browser).await;
        if number + 1 == moods.len() {
            // The last is cut by NRG's death.
            until("asked", async || site.fake.count() > number).await;
            site.fake.stop();
            site.fake.start_again();
        }
        let page = ready.walk.wait(page).await;
        is_unknown(&page);
        walks.push((ready.walk, reference(&page).1));
    }
    // A restart comes back to the same page, and sends nothing.
    server.kill();
    site.fake.mood(Mood::Answer(Duration::ZERO));
    let server = site.server().await;
    sleep(LEASE + Duration::from_millis(1500)).await;
    for (walk, _) in &walks {
        let browser = walk.browser.at(&server.base);
        for path in ["/processing", "/review", "/confirmation", "/"] {
            is_unknown(&browser.get(path).await);
        }
        let spanish = browser.get("/processing?lang=es").await;
        spanish.says("No se inscriba otra vez");
        assert!(spanish.body.contains(r#"http-equiv="refresh" content="30; url=/processing""#));
    }
    let figure = figure(&site, on, "cut, hung, garbled answers", moods.len(), 2);
    assert_eq!(figure.states, [("unknown".to_owned(), moods.len())].into());

    settled(&site, &server, &walks).await;
    assert_eq!(site.fake.count(), moods.len());
    figure
}

#[track_caller]
fn is_unknown(page: &Page) {
    page.is_at("/processing");
    for words in ["We’re confirming your enrollment", "Don’t enroll again", "Call"] {
        page.says(words);
    }
    assert!(!reference(page).1.is_empty(), "no reference");
    assert!(!page.attributes("main a[href^='tel:']", "href").is_empty(), "no phone");
}

/// An operator says what became of them, and their pages show it.
async fn settled(site: &Site, server: &Server, walks: &[(Walk, String)]) {
    let shows = [
        ("enrolled", "/confirmation", "000099990001"),
        ("accepted", "/confirmation", "aceptada"),
        ("refused", "/stop", "no fue aceptada"),
        ("repairable", "/stop", "Revisar mis respuestas"),
    ];
    for ((walk, tracking_id), (result, path, words)) in walks.iter().zip(shows) {
        let mut settle =
            vec!["settle", tracking_id, "--as", result, "--reason", "asked NRG", "--operator", "Sam"];
        if result == "enrolled" {
            settle.extend(["--account", "000099990001", "--check-digit", "7"]);
        }
        site.tell(&settle);
        let page = walk.browser.at(&server.base).get("/processing").await;
        page.is_at(path);
        page.says(words);
        let sheet = site.ledger(&["show", tracking_id, "--json"]).remove(0);
        assert_eq!(sheet["settlements"][0]["reason"], "asked NRG");
    }
}

/// NRG takes no connection for a while, and for one person until the server gives up.
pub async fn refused_connection(on: On<'_>) -> Figure {
    let site = Site::new(on, &[("LEDGER__MAX_TRIES", "3")]).await;
    let server = site.server().await;
    let patient = ready(&server.base, someone(1)).await;
    let unlucky = ready(&server.base, someone(2)).await;

    site.fake.stop();
    let page = patient.walk.review_form(&patient.review).submit(&patient.walk.browser).await;
    page.is_at("/processing");
    until("the page says so", async || {
        patient.walk.browser.get("/processing").await.text().contains("Nothing has been sent yet")
    })
    .await;
    site.fake.start_again();
    patient.walk.wait(page).await.is_at("/confirmation");
    assert_eq!(site.fake.count(), 1);

    site.fake.stop();
    let page = unlucky.walk.review_form(&unlucky.review).submit(&unlucky.walk.browser).await;
    let stop = unlucky.walk.wait(page).await;
    stop.is_at("/stop");
    stop.says("We couldn’t send your enrollment");
    site.fake.start_again();
    let dates = stop.form("/stop").submit(&unlucky.walk.browser).await;
    let review = unlucky.walk.start_date(&dates).await;
    unlucky.walk.review(&review).await.is_at("/confirmation");
    drop(server);

    let rows = site.submissions();
    let attempts = |row: &serde_json::Value| {
        let sheet = site.ledger(&["show", row["tracking_id"].as_str().unwrap(), "--json"]).remove(0);
        let attempts = sheet["attempts"].as_array().unwrap().clone();
        attempts.iter().map(|attempt| attempt["outcome"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Newest first.
    assert_eq!(attempts(&rows[0]), ["not-sent", "not-sent", "not-sent", "enrolled"]);
    assert_eq!(attempts(&rows[1]).last().map(String::as_str), Some("enrolled"));
    figure(&site, on, "refused connections", 2, 2)
}

/// SIGTERM while NRG works on it; and while NRG never answers.
pub async fn sigterm(on: On<'_>) -> Figure {
    const DRAIN: Duration = Duration::from_secs(4);
    let site = Site::new(on, &[("SERVER__DRAIN", "4s"), ("SERVER__UNREADY_SECONDS", "0")]).await;
    let mut server = site.server().await;
    let answered = ready(&server.base, someone(1)).await;
    site.fake.mood(Mood::Answer(Duration::from_millis(1500)));
    answered.walk.review_form(&answered.review).submit(&answered.walk.browser).await.is_at("/processing");
    until("asked", async || site.fake.count() == 1).await;
    server.terminate();
    let (status, took) = server.ended(SOON).await;
    assert!(status.success() && took < DRAIN, "{status} after {took:?}");
    assert_eq!(site.states(), [("enrolled".to_owned(), 1)].into());

    let mut server = site.server().await;
    answered.walk.browser.at(&server.base).get("/").await.is_at("/confirmation");
    let hanging = ready(&server.base, someone(2)).await;
    site.fake.mood(Mood::Hang);
    hanging.walk.review_form(&hanging.review).submit(&hanging.walk.browser).await.is_at("/processing");
    until("asked", async || site.fake.count() == 2).await;
    server.terminate();
    let (status, took) = server.ended(SOON).await;
    assert!(status.success() && took < DRAIN + Duration::from_secs(3), "{status} after {took:?}");
    let server = site.server().await;
    settle_down(&site).await;
    is_unknown(&hanging.walk.browser.at(&server.base).get("/").await);
    figure(&site, on, "SIGTERM", 2, 2)
}

/// PostgreSQL goes and comes back: before the submission, and while NRG works on it.
pub async fn database_stops(cluster: &Cluster) -> Figure {
    let on = On::Postgres(cluster);
    let site = Site::new(on, &[]).await;
    let server = site.server().await;
    let before = ready(&server.base, someone(1)).await;
    let during = ready(&server.base, someone(2)).await;

    site.fake.mood(Mood::Answer(Duration::from_secs(2)));
    during.walk.review_form(&during.review).submit(&during.walk.browser).await.is_at("/processing");
    until("asked", async || site.fake.count() == 1).await;
    cluster.stop();
    for page in [
        before.walk.browser.get("/review").await,
        before.walk.review_form(&before.review).submit(&before.walk.browser).await,
        during.walk.browser.get("/processing").await,
    ] {
        assert_eq!(page.status, 503, "{}", page.text());
        page.says("Your answers are kept, and nothing was sent twice");
        assert!(page.headers.contains_key("retry-after"));
        // The way back leads to the page that failed.
        assert_eq!(page.attributes("main a.button", "href"), [page.path.as_str()]);
    }
    // NRG answers meanwhile.
    sleep(Duration::from_millis(2500)).await;
    cluster.start_again();
    until("recorded", async || during.walk.browser.get("/processing").await.path == "/confirmation").await;

    let review = before.walk.browser.get("/review").await;
    before.walk.review(&review).await.is_at("/confirmation");
    figure(&site, on, "PostgreSQL stops", 2, 1)
}
