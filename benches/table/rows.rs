//! The figures, one function each.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, future::join_all, stream};
use nrg_enroll::sandbox::Sandbox;
use sqlx::{Connection, SqliteConnection};

use super::{
    Row,
    child::Served,
    load::{Line, get, get_compressed, paced, post, rate},
    peer::Peer,
    support::{Browser, Person, Walk},
};

/// How often each side of a ratio is measured, in turns.
pub const TURNS: usize = 21;
/// Short, so that both sides of a turn meet the same neighbours on a shared machine.
pub const TURN: Duration = Duration::from_millis(400);
/// Connections at once.
pub const LINES: usize = 16;

/// The settings under which one address may do what thousands of visitors do.
pub const OPEN: [(&str, &str); 7] = [
    ("ENROLL__LOG__LEVEL", "error"),
    // An eighth of them may be of one address.
    ("ENROLL__SERVER__MAX_CONNECTIONS", "16384"),
    ("ENROLL__SESSION__MOST_PER_ADDRESS", "0"),
    ("ENROLL__SESSION__MOST", "0"),
    ("ENROLL__LIMITS__BEGIN__ADDRESS", "0"),
    ("ENROLL__LIMITS__LOOK_UP__ADDRESS", "0"),
    ("ENROLL__LIMITS__LOOK_UP__SESSION", "0"),
];

pub fn row(what: &'static str, wanted: &'static str, measured: String) -> Row {
    Row { what, wanted, measured }
}

/// A visitor at the step `contact`: cookies, and the hidden fields of the form.
pub struct Visitor {
    pub cookies: String,
    pub revision: u64,
    agreed: String,
}

impl Visitor {
    /// Reads which revision the form has by now.
    pub async fn see_revision(&mut self, address: SocketAddr) {
        let request = reqwest::Client::new().get(format!("http://{address}/contact"));
        let page = request.header("cookie", &self.cookies).send().await.unwrap();
        let page = super::support::Page::read(page, "/contact".to_owned()).await.unwrap();
        self.revision = page.attributes("input[name=revision]", "value")[0].parse().unwrap();
    }
}

pub async fn visitor(address: SocketAddr) -> Visitor {
    let walk = Walk::new(Browser::new(&format!("http://{address}")), Person::default());
    let page = walk.to_contact().await;
    page.is_at("/contact");
    walk.contact(&page).await.is_at("/identity");
    let page = walk.browser.get("/contact").await;
    let revision = page.attributes("input[name=revision]", "value")[0].parse().unwrap();
    let agreed = page.attributes("input[name=agreed]", "value").remove(0);
    let cookies = walk.browser.cookies()["cookie"].to_str().unwrap().to_owned();
    Visitor { cookies, revision, agreed }
}

fn contact(visitor: &Visitor) -> Vec<u8> {
    let body = format!(
        "revision={}&agreed={}&first_name=Jordan&last_name=Samplecase&email=jordan%40example.com&phone=7135550142&language=en",
        visitor.revision, visitor.agreed
    );
    post("/contact", &visitor.cookies, &body)
}

/// Forms a second that the server at `address` takes of `visitors`, each form made after the one before.
pub async fn takes(address: SocketAddr, visitors: &mut [Visitor]) -> f64 {
    let sends = visitors.iter_mut().map(|visitor| {
        || {
            let request = contact(visitor);
            visitor.revision += 1;
            request
        }
    });
    rate(address, sends.collect(), 303, TURN).await
}

/// Middle and spread of what was measured.
pub fn middle(mut figures: Vec<f64>) -> (f64, f64, f64) {
    figures.sort_by(f64::total_cmp);
    (figures[figures.len() / 2], figures[0], figures[figures.len() - 1])
}

fn ratio((middle, low, high): (f64, f64, f64)) -> String {
    format!("{middle:.2} ({low:.2} to {high:.2})")
}

/// The figure below which that share of `figures` lies.
fn at(figures: &mut [f64], share: f64) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[((figures.len() - 1) as f64 * share) as usize]
}

/// The middle and the slowest hundredth of one turn's answers, milliseconds, at half of `most` a second.
async fn half_load(address: SocketAddr, request: &[u8], most: f64) -> (f64, f64) {
    let asks = (0..LINES).map(|_| || request.to_vec()).collect();
    let mut took = paced(address, asks, 200, TURN, most).await;
    (at(&mut took, 0.5), at(&mut took, 0.99))
}

/// How many times the middle the slowest hundredth takes.
fn slowest(turns: &[(f64, f64)]) -> String {
    let (times, low, high) = middle(turns.iter().map(|(middle, high)| high / middle).collect());
    let half = middle(turns.iter().map(|(middle, _)| *middle).collect()).0;
    let hundredth = middle(turns.iter().map(|(_, high)| *high).collect()).0;
    format!("{times:.1} ({low:.1} to {high:.1}); {half:.2} ms / {hundredth:.2} ms")
}

/// A step page, shown and posted, against a bare hello of the same process; and against the peer.
pub async fn pages(nrg: SocketAddr) -> Vec<Row> {
    let served = Served::start(nrg, &OPEN);
    let mut visitors = Vec::new();
    for _ in 0..LINES {
        visitors.push(visitor(served.address).await);
    }
    let peer = Peer::visit().await;
    let (mut gets, mut posts, mut bare, mut compressed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut peer_gets, mut peer_posts) = (Vec::new(), Vec::new());
    let (mut halves, mut hello_halves) = (Vec::new(), Vec::new());
    let mut bounds = [const { Vec::new() }; 7];
    for _ in 0..TURNS {
        let all_ask = |path, cookies| {
            let request = get(path, cookies);
            (0..LINES)
                .map(|_| {
                    let request = request.clone();
                    move || request.clone()
                })
                .collect()
        };
        bare.push(rate(served.hello, all_ask("/hello", ""), 200, TURN).await);
        bounds[0].push(rate(served.address, all_ask("/help", ""), 200, TURN).await);
        bounds[1].push(rate(served.hello, all_ask("/read", ""), 200, TURN).await);
        bounds[2].push(rate(served.hello, all_ask("/load", &visitors[0].cookies), 200, TURN).await);
        bounds[3].push(rate(served.hello, all_ask("/write", ""), 200, TURN).await);
        bounds[4].push(rate(served.hello, all_ask("/page", ""), 200, TURN).await);
        let asks = (0..LINES).map(|_| || get_compressed("/page", "")).collect();
        bounds[5].push(rate(served.hello, asks, 200, TURN).await);
        let saves = all_ask("/load-and-write", &visitors[0].cookies);
        bounds[6].push(rate(served.hello, saves, 200, TURN).await);
        let shows = visitors.iter().map(|visitor| get("/contact", &visitor.cookies));
        let shows = shows.map(|request| move || request.clone()).collect();
        gets.push(rate(served.address, shows, 200, TURN).await);
        let most = gets[gets.len() - 1];
        halves.push(half_load(served.address, &get("/contact", &visitors[0].cookies), most).await);
        hello_halves.push(half_load(served.hello, &get("/hello", ""), most).await);
        let shows = visitors.iter().map(|visitor| get_compressed("/contact", &visitor.cookies));
        let shows = shows.map(|request| move || request.clone()).collect();
        compressed.push(rate(served.address, shows, 200, TURN).await);
        posts.push(takes(served.address, &mut visitors).await);
        if let Some(peer) = &peer {
            peer_gets.push(peer.gets(LINES, TURN).await);
            peer_posts.push(peer.posts(LINES, TURN).await);
        }
        // The last answer of a turn may not have been counted on.
        for one in &mut visitors {
            one.see_revision(served.address).await;
        }
    }
    let against = |figures: &[f64], other: &[f64]| {
        middle(figures.iter().zip(other).map(|(one, other)| one / other).collect())
    };
    let each = |figures: &[f64]| middle(figures.to_vec()).0;
    let times = |ours: &[f64], its: &[f64]| {
        let (middle, low, high) = against(ours, its);
        format!("{middle:.1} ({low:.1} to {high:.1}) times")
    };
    let (loads, saves) = (bounds[2].clone(), bounds[6].clone());
    let bounds = bounds.map(|figures| ratio(against(&figures, &bare)));
    let (get_ratio, post_ratio) = (against(&gets, &bare), against(&posts, &bare));
    let memory = served.resident();
    let mut rows = vec![
        row(
            "GET of a step against a bare hello",
            ">= 0.17",
            format!("{}; {:.0} a second, hello {:.0}", ratio(get_ratio), each(&gets), each(&bare)),
        ),
        row(
            "POST of a step against a bare hello",
            ">= 0.10",
            format!("{}; {:.0} a second", ratio(post_ratio), each(&posts)),
        ),
        row(
            "The same page compressed, as browsers ask for it",
            ">= 0.90",
            format!("{}; {:.0} a second", ratio(against(&compressed, &gets)), each(&compressed)),
        ),
    ];
    let what = [
        "Bound: a page without a session, against it",
        "Bound: hello after one row was read through sqlx",
        "Bound: hello after a journey was loaded",
        "Bound: hello after one row was written through sqlx",
        "Bound: hello as long as a page",
        "Bound: the same, compressed",
        "Bound: hello after a journey was loaded and a row written",
    ];
    rows.push(row("p99 of a page against p50, at half load", "<= 4", slowest(&halves)));
    rows.push(row(
        "Bound: the same of a bare hello, as many a second",
        "reported only",
        slowest(&hello_halves),
    ));
    rows.extend(what.into_iter().zip(bounds).map(|(what, bound)| row(what, "reported only", bound)));
    match peer {
        None => rows.push(row(
            "The same against the peer",
            ">= 7, >= 5 times",
            "left out: ENROLL_BENCH_PEER is not set".to_owned(),
        )),
        Some(peer) => {
            for (what, wanted, ours, its) in [
                ("GET against the peer", ">= 7 times", &gets, &peer_gets),
                ("POST against the peer", ">= 5 times", &posts, &peer_posts),
            ] {
                let measured = format!("{}; it {:.0} a second", times(ours, its), each(its));
                rows.push(row(what, wanted, measured));
            }
            for (what, bound, its) in [
                ("Bound: hello after a journey was loaded, against its GET", &loads, &peer_gets),
                ("Bound: hello after that and a write, against its POST", &saves, &peer_posts),
            ] {
                rows.push(row(what, "reported only", times(bound, its)));
            }
            let memory = match peer.memory() {
                Some(other) => format!("{:.2} ({memory:.0} MiB against {other:.0})", memory / other),
                None => format!("{memory:.0} MiB; the peer's: ENROLL_BENCH_PEER_PID is not set"),
            };
            rows.push(row("Memory against the peer", "<= 0.20", memory));
        }
    }
    rows
}

/// What the server adds to a step that asks NRG: the time of the step less that of the call alone.
pub async fn added(nrg: SocketAddr, sandbox: &Sandbox) -> Row {
    let served = Served::start(nrg, &OPEN);
    let mut visitors = Vec::new();
    for _ in 0..LINES {
        visitors.push(visitor(served.address).await);
    }
    sandbox.clear_calls();
    let zip = |visitor: &Visitor, revision: u64| {
        let zip = if revision.is_multiple_of(2) { "77999" } else { "75999" };
        post("/", &visitor.cookies, &format!("revision={revision}&zip={zip}&transaction=MVI"))
    };
    // The revision of the first step: answered once so far.
    let most = {
        let sends = visitors.iter_mut().map(|visitor| {
            visitor.revision = 1;
            || {
                let request = zip(visitor, visitor.revision);
                visitor.revision += 1;
                request
            }
        });
        rate(served.address, sends.collect(), 303, TURN).await
    };
    let pause = Duration::from_secs_f64(2.0 / most);
    let one = visitor(served.address).await;
    let mut line = Line::open(served.address).await;
    let mut steps = Vec::new();
    for revision in 1..1500 {
        let began = Instant::now();
        assert_eq!(line.ask(&zip(&one, revision)).await.status, 303);
        steps.push(began.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(pause).await;
    }
    let body = r#"{"affiliateId":"AFF-EXAMPLE","channelType":"AFF","companyCode":"0121","brandId":"RE","languageCode":"E","servZipCode":"77999","transactionType":"MVI"}"#;
    let request = format!(
        "POST /NRGREST/rest/sales/tdsp HTTP/1.1\r\nhost: nrg\r\nlanguagecode: E\r\naccept: application/json\r\n\
         authorization: Basic c2FuZGJveC1leGFtcGxlOnNhbmRib3gtZXhhbXBsZQ==\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut line = Line::open(nrg).await;
    let mut alone = Vec::new();
    for _ in 0..500 {
        let began = Instant::now();
        assert_eq!(line.ask(request.as_bytes()).await.status, 200);
        alone.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let call = at(&mut alone, 0.5);
    let (half, most_of) = (at(&mut steps, 0.5) - call, at(&mut steps, 0.99) - call);
    row(
        "Added to a step that asks NRG, p50 / p99",
        "<= 1 ms / reported only",
        format!("{half:.2} ms / {most_of:.2} ms, at half of {most:.0} a second"),
    )
}

/// A thousand visitors at once on plans nobody has asked for: one call a brand.
pub async fn plans(nrg: SocketAddr, sandbox: &Sandbox) -> Row {
    let served = Served::start(nrg, &OPEN);
    let browsers: Vec<Browser> = stream::iter(0..1000)
        .map(async |_| zipped(served.address).await)
        .buffer_unordered(32)
        .collect()
        .await;
    sandbox.clear_calls();
    let pages = join_all(browsers.iter().map(|browser| browser.get("/plans"))).await;
    let shown = pages.iter().filter(|page| page.status == 200 && page.path == "/plans").count();
    let cold = sandbox.count("offers");
    sandbox.clear_calls();
    browsers[0].get("/plans").await;
    let again = sandbox.count("offers");
    row(
        "Plans: 1,000 visitors at once on a cold key; the next",
        "a call a brand; none",
        format!("{cold} calls for 5 brands, {shown} pages; then {again}"),
    )
}

/// A visitor who has given a ZIP and not yet seen the plans.
async fn zipped(address: SocketAddr) -> Browser {
    let browser = Browser::new(&format!("http://{address}"));
    let landing = browser.get("/").await;
    let form = landing.form("/").set("zip", "77999").set("transaction", "MVI");
    assert_eq!(browser.post_only("/", form.fields(), &[]).await.status(), 303);
    browser
}

/// The rate of shown pages with a million sessions in the store against a thousand: two servers, in turns.
pub async fn many_sessions(nrg: SocketAddr) -> Row {
    let (few, many) = (holding(nrg, 1_000).await, holding(nrg, 1_000_000).await);
    let shown = async |(served, request): &(Served, Vec<u8>)| {
        let shows = (0..LINES).map(|_| || request.clone()).collect();
        rate(served.address, shows, 200, TURN).await
    };
    let (mut ratios, mut fews, mut manys) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let (of_few, of_many) = (shown(&few).await, shown(&many).await);
        ratios.push(of_many / of_few);
        fews.push(of_few);
        manys.push(of_many);
    }
    let (few, many) = (middle(fews).0, middle(manys).0);
    row(
        "GET with 1,000,000 sessions against 1,000",
        ">= 0.9",
        format!("{}; {many:.0} against {few:.0} a second", ratio(middle(ratios))),
    )
}

/// A server with so many sessions, and what asks it for the page of one.
async fn holding(nrg: SocketAddr, sessions: u32) -> (Served, Vec<u8>) {
    let served = Served::start(nrg, &OPEN);
    let one = visitor(served.address).await;
    let file = served.data.path().join("demo.db");
    let mut database = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    // Copies of a real row, each under a name of its own.
    let columns: Vec<String> =
        sqlx::query_scalar("SELECT name FROM pragma_table_info('sessions') WHERE name <> 'key'")
            .fetch_all(&mut database)
            .await
            .unwrap();
    let columns = columns.join(", ");
    let copy = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {sessions})
         INSERT INTO sessions (key, {columns}) SELECT randomblob(32), {columns} FROM n, (SELECT {columns} FROM sessions LIMIT 1)"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(copy)).execute(&mut database).await.unwrap();
    // Nobody is to be busy with them while pages are counted.
    sqlx::raw_sql("PRAGMA busy_timeout = 120000; PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    (served, get("/contact", &one.cookies))
}

/// Resident memory with ten thousand journeys on their way.
pub async fn memory(nrg: SocketAddr) -> Row {
    let served = Served::start(nrg, &OPEN);
    let before = served.resident();
    let at_contact = stream::iter(0..10_000)
        .map(async |_| {
            let walk = Walk::new(Browser::new(&format!("http://{}", served.address)), Person::default());
            walk.to_contact().await.path
        })
        .buffer_unordered(32)
        .filter(|path| std::future::ready(path == "/contact"))
        .count()
        .await;
    row(
        "Memory with 10,000 journeys in progress",
        "<= 64 MiB",
        format!("{:.0} MiB ({before:.0} at start; {at_contact} journeys at contact)", served.resident()),
    )
}

/// From the start of the program to its first answer.
pub async fn start() -> Row {
    let data = tempfile::tempdir().unwrap();
    let mut times = Vec::new();
    for _ in 0..=TURNS {
        let ports: Vec<_> = (0..3).map(|_| super::support::free_port()).collect();
        let began = Instant::now();
        let mut process = std::process::Command::new(env!("CARGO_BIN_EXE_nrg-enroll"))
            .args(["demo", "--data"])
            .arg(data.path())
            .args(["--sandbox-listen", &ports[0].to_string()])
            .env("ENROLL__SERVER__LISTEN", ports[1].to_string())
            .env("ENROLL__SERVER__PRIVATE_LISTEN", ports[2].to_string())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let client = reqwest::Client::new();
        let ready = format!("http://{}/readyz", ports[2]);
        while client.get(&ready).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        process.kill().unwrap();
        process.wait().unwrap();
    }
    // The first made the database.
    times.remove(0);
    let (middle, low, high) = middle(times);
    row("Start to ready", "<= 150 ms", format!("{middle:.0} ms ({low:.0} to {high:.0})"))
}

/// What the first visit transfers: page, style, script.
pub async fn first_visit(nrg: SocketAddr) -> Row {
    let served = Served::start(nrg, &OPEN);
    let browser = Browser::new(&format!("http://{}", served.address));
    let page = browser.get("/").await;
    let mut paths = vec!["/".to_owned()];
    paths.extend(page.attributes("link[rel=stylesheet]", "href"));
    paths.extend(page.attributes("script[src]", "src"));
    let mut line = Line::open(served.address).await;
    let (mut heads, mut bodies) = (0, 0);
    for path in &paths {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\naccept-encoding: gzip, br\r\n\r\n");
        let answer = line.ask(request.as_bytes()).await;
        heads += answer.head;
        bodies += answer.body;
    }
    row(
        "First visit on the wire, heads included",
        "<= 14 kB",
        format!(
            "{:.1} kB in {} answers, of which heads {:.1}",
            (heads + bodies) as f64 / 1000.0,
            paths.len(),
            heads as f64 / 1000.0
        ),
    )
}
