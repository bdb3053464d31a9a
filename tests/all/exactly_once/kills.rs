//! Servers that are killed at random moments of submissions, and started again.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use super::{
    fake::Mood,
    figures::Figure,
    people::{self, End, Town},
    server::{LEASE, On, Server, Site},
};

/// How long NRG may take, at most, to answer `enroll`.
const NRG_TAKES: Duration = Duration::from_millis(120);

/// How many people, hit by a kill before, may still be on their way when the next ones submit.
const UNDER_WAY: usize = 3;

/// Kills a server `kills` times. On PostgreSQL there are two, and one of them is killed.
pub async fn run(on: On<'_>, kills: usize, seed: u64) -> Figure {
    let site = Site::new(on, &[]).await;
    let town = Town::new(seed);
    let drawn = Arc::clone(&town);
    site.fake.moods(move || Mood::Answer(drawn.chance.within(NRG_TAKES)));
    let mut servers = vec![site.server().await];
    if matches!(on, On::Postgres(_)) {
        servers.push(site.server().await);
    }
    let open = |servers: &[Server]| town.open(servers.iter().map(|server| server.base.clone()).collect());
    open(&servers);

    let span = span_of_a_submission(&servers[0].base, &town).await;
    let mut waiting = people::get_ready(&servers[0].base, 1, 2 * kills).await;
    let mut submitting = JoinSet::new();
    let mut ends = Vec::new();
    let mut met = BTreeMap::new();
    for later in (0..kills).rev() {
        // A crowd of those who were hit before would keep the server from those who submit now.
        while submitting.len() > UNDER_WAY {
            ends.push(through(&mut submitting, &town, &servers).await);
        }
        let mut just_now = Vec::new();
        // There is someone left for every kill.
        for _ in 0..(1 + town.chance.below(3)).min(waiting.len() - later) {
            let someone = waiting.pop().unwrap();
            just_now.push(someone.journey.clone());
            submitting.spawn(people::enroll(someone, Arc::clone(&town)));
        }
        // Those who submit together take longer than the one who did it alone.
        sleep(town.chance.within(2 * span)).await;
        let victim = servers.swap_remove(town.chance.below(servers.len()));
        open(&servers);
        no_panic(&victim.kill());
        for journey in just_now {
            *met.entry(how_far(&site, &journey)).or_insert(0) += 1;
        }
        servers.push(site.server().await);
        open(&servers);
    }
    for someone in waiting {
        submitting.spawn(people::enroll(someone, Arc::clone(&town)));
    }
    while !submitting.is_empty() {
        ends.push(through(&mut submitting, &town, &servers).await);
    }
    settle_down(&site).await;
    for server in servers {
        no_panic(&server.kill());
    }
    println!("{}: killed during submissions that had come this far: {met:?}", on.name());
    check(&site, on, kills, &ends)
}

/// The next one for whom it is over.
async fn through(submitting: &mut JoinSet<End>, town: &Town, servers: &[Server]) -> End {
    match timeout(Duration::from_secs(60), submitting.join_next()).await {
        Ok(Some(end)) => end.unwrap(),
        _ => panic!("not through: {:#?}\n{:#?}", town.places(), servers[0].log()),
    }
}

/// From the press of the button to the last page, when nobody is killed.
async fn span_of_a_submission(base: &str, town: &Arc<Town>) -> Duration {
    let mut longest = Duration::ZERO;
    for someone in people::get_ready(base, 0, 1).await {
        let began = Instant::now();
        people::enroll(someone, Arc::clone(town)).await;
        longest = longest.max(began.elapsed());
    }
    longest
}

/// How far the submission of a journey had come when its server was killed.
fn how_far(site: &Site, journey: &str) -> &'static str {
    let rows = site.submissions();
    let Some(row) = rows.iter().find(|row| row["journey"] == journey) else { return "1 no row" };
    let asked = site.fake.counts().contains_key(row["tracking_id"].as_str().unwrap());
    match (row["state"].as_str().unwrap(), asked) {
        ("ready", _) => "2 written",
        ("sent", false) => "3 taken, not at NRG",
        ("sent", true) => "4 at NRG, no answer recorded",
        _ => "5 answer recorded",
    }
}

/// Waits until nothing is to be sent or under way any more.
pub async fn settle_down(site: &Site) {
    let end = Instant::now() + 4 * LEASE + Duration::from_secs(20);
    loop {
        let states = site.states();
        if !states.contains_key("ready") && !states.contains_key("sent") {
            return;
        }
        assert!(Instant::now() < end, "still {states:?}");
        sleep(Duration::from_millis(200)).await;
    }
}

fn no_panic(log: &[String]) {
    let panicked: Vec<_> = log.iter().filter(|line| line.contains("panicked")).collect();
    assert!(panicked.is_empty(), "{panicked:?}");
}

/// Compares what NRG was asked, what the ledger holds and what people were shown.
fn check(site: &Site, on: On<'_>, kills: usize, ends: &[End]) -> Figure {
    let rows = site.submissions();
    let row_of = |tracking_id: &str| rows.iter().find(|row| row["tracking_id"] == tracking_id);
    let counts = site.fake.counts();
    let (mut duplicates, mut lost) = (0, 0);
    let mut wrong = Vec::new();

    for (tracking_id, count) in &counts {
        // One request for each round: a second one only after a refusal was repaired.
        let rounds = row_of(tracking_id).map_or(0, |row| row["round"].as_u64().unwrap() as usize);
        duplicates += count.saturating_sub(rounds.max(1));
        if rounds == 0 {
            lost += 1;
            wrong.push(format!("{tracking_id}: at NRG, and not in the ledger"));
        }
        let accounts = site.fake.sandbox.processed(tracking_id);
        duplicates += accounts.saturating_sub(1);
        let state = row_of(tracking_id).map_or("", |row| row["state"].as_str().unwrap());
        if accounts > 0 && !["enrolled", "accepted", "unknown"].contains(&state) {
            lost += 1;
            wrong.push(format!("{tracking_id}: opened by NRG, and {state} in the ledger"));
        }
    }
    for End { journey, tracking_id, page, acknowledged } in ends {
        let Some(row) = row_of(tracking_id).filter(|row| row["journey"] == *journey) else {
            lost += usize::from(*acknowledged);
            wrong.push(format!("{journey}: ended at {} without a row", page.path));
            continue;
        };
        let state = row["state"].as_str().unwrap();
        let shown = match page.path.split('?').next().unwrap() {
            "/confirmation" => ["enrolled", "accepted", "duplicate"].contains(&state),
            // Someone may have looked before the late answer came.
            "/processing" => ["unknown", "enrolled", "accepted", "repairable"].contains(&state),
            _ => ["refused", "repairable"].contains(&state),
        };
        let account = site.ledger(&["show", tracking_id, "--json"]).remove(0)["account_number"].clone();
        let number_shown = state != "enrolled" || page.path != "/confirmation" || {
            page.body.contains(account.as_str().unwrap_or("no number"))
        };
        if !shown || !number_shown {
            wrong.push(format!("{journey}: {state}, and shown {}: {}", page.path, page.h1()));
        }
    }
    // Each row is final: settle_down waited for it. Each chain of consents holds, or this fails.
    site.ledger(&["verify", "--json"]);
    let figure = Figure {
        on: on.name(),
        what: "kills at random moments",
        runs: ends.len(),
        kills,
        requests: site.fake.count(),
        states: site.states(),
        duplicates,
        lost,
    };
    println!("{figure}");
    assert!(wrong.is_empty(), "{} things\n{}", wrong.len(), wrong.join("\n"));
    figure.hold()
}
