//! Two servers on one PostgreSQL: what they show and take, and what an enrollment costs the database.

use std::{net::SocketAddr, time::Duration};

use futures_util::{StreamExt, future::join, stream};

use super::{
    Row,
    child::Served,
    load::{awake, get, rate},
    rows::{LINES, OPEN, TURN, TURNS, Visitor, middle, row, takes, visitor},
    support::{Browser, Person, Walk, database::Database},
};

/// Enrollments from the first page to the confirmation, over which the database's work is measured.
const ENROLLMENTS: usize = 200;
/// Two servers of one site: what the one encrypts, the other reads.
const KEYS: [(&str, &str); 2] = [
    ("ENROLL__SESSION__KEYS", "bench:4WDgVzNgfaPpu1ulAmH1EKo9mlUNZ3qtjbOfuAAbPoo="),
    ("ENROLL__LEDGER__KEY", "t6mdRyoFSS3c2VZyfffS2wQmvdY1lv2GhExkR2zjNCg="),
];

/// The rows; one that says why, where `ENROLL_TEST_POSTGRES_URL` names no server.
pub async fn rows(nrg: SocketAddr) -> Vec<Row> {
    let Some(database) = Database::new().await else {
        return vec![row("Two servers on PostgreSQL", "reported only", "left out".to_owned())];
    };
    let env: Vec<_> =
        OPEN.into_iter().chain(KEYS).chain([("ENROLL__STORE__URL", database.url.as_str())]).collect();
    let servers = [Served::start(nrg, &env), Served::start(nrg, &env)];
    let mut visitors: [Vec<Visitor>; 2] = Default::default();
    for at in 0..LINES {
        visitors[at % 2].push(visitor(servers[at % 2].address).await);
    }
    let (mut gets, mut posts) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        // Each asks of the other server than it began at.
        let shows = |server: usize| {
            let requests = visitors[1 - server].iter().map(|visitor| get("/contact", &visitor.cookies));
            let requests = requests.map(|request| move || request.clone()).collect();
            rate(servers[server].address, requests, 200, TURN)
        };
        let (one, other) = join(shows(0), shows(1)).await;
        gets.push(one + other);
        let [first, second] = &mut visitors;
        let (one, other) = join(takes(servers[1].address, first), takes(servers[0].address, second)).await;
        posts.push(one + other);
        for (visitors, server) in [(first, &servers[1]), (second, &servers[0])] {
            for one in visitors {
                one.see_revision(server.address).await;
            }
        }
    }
    let before = processor_time();
    let enrolled = stream::iter(0..ENROLLMENTS)
        .map(|at| enroll(servers[at % 2].address, at))
        .buffer_unordered(8)
        .filter(|path| std::future::ready(path == "/confirmation"));
    let enrolled = awake(enrolled.count()).await;
    let each = (processor_time() - before).as_secs_f64() * 1000.0 / enrolled as f64;
    drop(servers);
    database.drop().await;
    let figures = format!("{:.0}; {:.0} a second", middle(gets).0, middle(posts).0);
    vec![
        row("Two servers on PostgreSQL, all on one core: GET; POST", "reported only", figures),
        row(
            "PostgreSQL's processor time for an enrollment",
            "reported only",
            format!("{each:.1} ms, of {enrolled} whole enrollments"),
        ),
    ]
}

/// Enrolls somebody, and returns where that led.
async fn enroll(server: SocketAddr, at: usize) -> String {
    let street: &'static str = format!("{} Example Oak Ln", 2000 + at).leak();
    let ssn: &'static str = format!("900-45-{:04}", 1000 + at).leak();
    let person = Person { street, ssn, ..Person::default() };
    let walk = Walk::new(Browser::new(&format!("http://{server}")), person);
    let address = walk.to_address().await;
    let path = walk.on_from_address(&address).await.path;
    path.split('?').next().unwrap_or_default().to_owned()
}

/// The time that all processes of PostgreSQL on this machine have had.
fn processor_time() -> Duration {
    const TICKS_A_SECOND: f64 = 100.0;
    let mut ticks = 0.0;
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(stat) = std::fs::read_to_string(process.path().join("stat")) else { continue };
        let Some((name, rest)) = stat.split_once(") ") else { continue };
        if !name.ends_with("(postgres") {
            continue;
        }
        let fields: Vec<&str> = rest.split(' ').collect();
        // Of its own, and of the connections it has seen end (proc_pid_stat(5), 14 to 17).
        ticks += fields[11..15].iter().filter_map(|field| field.parse::<f64>().ok()).sum::<f64>();
    }
    Duration::from_secs_f64(ticks / TICKS_A_SECOND)
}
