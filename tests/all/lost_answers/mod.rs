//! Answers that are lost on the way, and cookies that never come back: the browser has an older cookie than the server
//! believes. Each test runs on SQLite and PostgreSQL, and the browser comes back to the other of two servers.

mod orders;

use std::time::Duration;

use nrg_enroll::{journey::Step, ledger::State, server::Server};
use reqwest::{StatusCode, header::HeaderMap};

use crate::{
    multi_server::second_server,
    support::{Browser, Filled, Page, Person, Walk, World, database::Database},
};

/// Two servers of one database.
pub struct Pair {
    pub world: World,
    other: Server,
    database: Option<Database>,
}

impl Pair {
    async fn of(database: Option<Database>, env: &[(&str, &str)]) -> Self {
        let mut env = env.to_vec();
        env.extend(database.iter().map(|database| ("ENROLL__STORE__URL", database.url.as_str())));
        let world = World::with_fault_proxy(&env).await;
        let other = second_server(&world, &env).await;
        Self { world, other, database }
    }

    pub async fn on_sqlite(env: &[(&str, &str)]) -> Self {
        Self::of(None, env).await
    }

    /// None where there is no PostgreSQL, which is said.
    pub async fn on_postgres(env: &[(&str, &str)]) -> Option<Self> {
        let database = Database::new().await?;
        Some(Self::of(Some(database), env).await)
    }

    /// The same browser, at the other server.
    pub fn elsewhere(&self, browser: &Browser) -> Browser {
        browser.moved_to(&format!("http://{}", self.other.address))
    }

    /// A browser with the cookie that `browser` has now: what it is answered, `browser` never sees.
    fn losing(&self, browser: &Browser) -> Browser {
        self.with_cookie(&cookie(browser))
    }

    fn with_cookie(&self, cookie: &str) -> Browser {
        self.world.browser().with_cookie(&format!("{cookie}; Path=/"))
    }

    /// Lets time pass, once nothing of the journey is under way, however busy the machine is. While minutes pass a server
    /// renews its leases; where they pass at once it cannot, and would count as one that has ended.
    pub async fn forward(&self, journey: &str, by: Duration) {
        for server in [&self.world.server, &self.other] {
            for step in Step::ALL {
                if let Some(end) = server.app.calls.end_of(journey, step) {
                    end.cancelled().await;
                }
            }
        }
        let ledger = &self.world.server.app.ledger;
        let state = async || ledger.progress(journey).await.unwrap().map(|progress| progress.state);
        while matches!(state().await, Some(State::Ready | State::Sent)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.world.forward(by);
    }

    pub async fn stop(self) {
        self.other.stop().await;
        self.world.server.stop().await;
        if let Some(database) = self.database {
            database.drop().await;
        }
    }
}

/// Runs `test` on SQLite and on PostgreSQL, on servers with these environment variables.
pub async fn on_each_database_with(env: &[(&str, &str)], test: impl AsyncFn(&Pair)) {
    let pair = Pair::on_sqlite(env).await;
    test(&pair).await;
    pair.stop().await;
    if let Some(pair) = Pair::on_postgres(env).await {
        test(&pair).await;
        pair.stop().await;
    }
}

const KEEP_TIMED_OUT: [(&str, &str); 1] = [("ENROLL__SESSION__KEEP_TIMED_OUT", "true")];

async fn on_each_database(test: impl AsyncFn(&Pair)) {
    on_each_database_with(&KEEP_TIMED_OUT, test).await;
}

/// Name and value.
fn cookie(browser: &Browser) -> String {
    browser.cookies()["cookie"].to_str().unwrap().to_owned()
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

fn walk(pair: &Pair) -> Walk {
    Walk::new(pair.world.browser(), Person::default())
}

/// The answer to the question of a saved journey.
fn born(page: &Page) -> Filled {
    answered(page.form("/resume"))
}

fn answered(form: Filled) -> Filled {
    form.set("birth_date_month", "3").set("birth_date_day", "28").set("birth_date_year", "1985")
}

/// Sends the form of the page at `path`; the answer is lost.
async fn lose(pair: &Pair, browser: &Browser, path: &str, form: &Filled) {
    pair.losing(browser).post_only(path, form.fields(), &[]).await;
}

#[tokio::test]
async fn identity_answer_lost_is_found_by_the_cookie_of_before() {
    on_each_database(async |pair| {
        let walk = walk(pair);
        let page = walk.to_identity().await;
        let journey = pair.world.journey(&walk.browser).await.unwrap();
        lose(pair, &walk.browser, "/identity", &walk.identity_form(&page)).await;
        pair.forward(&journey.id, Duration::from_secs(100)).await;
        let back = pair.elsewhere(&walk.browser);
        back.get("/start-date").await.is_at("/start-date");
        assert_eq!(pair.world.sandbox.count("identity"), 1);
    })
    .await;
}

#[tokio::test]
async fn enrollment_answer_lost_shows_account_number_to_the_old_cookie() {
    on_each_database(async |pair| {
        let walk = walk(pair);
        let review = walk.through_start_date().await;
        let journey = pair.world.journey(&walk.browser).await.unwrap();
        lose(pair, &walk.browser, "/review", &walk.review_form(&review)).await;
        pair.forward(&journey.id, Duration::from_secs(75)).await;
        let walk = Walk { browser: pair.elsewhere(&walk.browser), ..walk };
        let page = walk.browser.get("/review").await;
        let page = walk.wait(page).await;
        page.is_at("/confirmation");
        page.says("Account number");
        assert_eq!(pair.world.sandbox.count("enroll"), 1);
    })
    .await;
}

#[tokio::test]
async fn form_with_the_cookie_of_before_is_sent_again_with_the_new_one() {
    on_each_database(async |pair| {
        let walk = walk(pair);
        let page = walk.to_identity().await;
        lose(pair, &walk.browser, "/identity", &walk.identity_form(&page)).await;
        // The first request that sees the answer replaces the id.
        pair.losing(&walk.browser).ask("GET", "/identity?waits=1", &[]).await;
        let before = cookie(&walk.browser);
        let back = pair.elsewhere(&walk.browser);
        let form = walk.identity_form(&page);
        let answer = back.post_only("/identity", form.fields(), &[]).await;
        assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
        assert_eq!(header(answer.headers(), "location"), Some("/identity?cookie=set"));
        assert_ne!(cookie(&back), before);
        form.submit(&back).await.is_at("/start-date");
        assert_eq!(pair.world.sandbox.count("identity"), 1);
    })
    .await;
}

#[tokio::test]
async fn old_id_reads_and_saves_nothing_and_is_dead_once_its_successor_is_used() {
    on_each_database(async |pair| {
        let walk = walk(pair);
        let page = walk.to_identity().await;
        let old = cookie(&walk.browser);
        let new = pair.losing(&walk.browser);
        let dates = walk.identity_form(&page).submit(&new).await;
        // The successor was used by the browser that has it.
        dates.is_at("/start-date");
        let before = pair.world.journey(&new).await.unwrap();
        let date = dates.attributes("input[name=date]", "value").remove(0);
        let form = dates.form("/start-date").set("date", &date);
        for at in [&pair.with_cookie(&old), &pair.elsewhere(&pair.with_cookie(&old))] {
            let read = at.ask("GET", "/start-date?x=1", &[]).await;
            let saved = at.post_only("/start-date", form.fields(), &[]).await;
            for (answer, to) in [(read, "/start-date?x=1&cookie=set"), (saved, "/start-date?cookie=set")] {
                assert_eq!(answer.status(), StatusCode::SEE_OTHER);
                assert_eq!(header(answer.headers(), "location"), Some(to));
                assert_eq!(header(answer.headers(), "set-cookie"), None, "another request's cookie stays");
                assert_eq!(answer.text().await.unwrap(), "");
            }
            at.get("/start-date").await.is_at("/session-ended");
        }
        assert!(pair.world.journey(&new).await.unwrap() == before, "no date was chosen");
    })
    .await;
}

#[tokio::test]
async fn resume_answer_lost_leaves_the_code_valid_until_its_session_is_used() {
    on_each_database(async |pair| {
        let walk = walk(pair);
        let page = walk.through_identity().await;
        let saved = page.form("/later").submit(&walk.browser).await;
        let link = saved.attributes("main .saved a", "href").remove(0);
        let (_, path) = link.split_once("/resume?").unwrap();
        let path = format!("/resume?{path}");
        let first = pair.world.browser();
        let form = born(&first.get(&path).await);
        let answer = first.post_only("/resume", form.fields(), &[]).await;
        assert_eq!(header(answer.headers(), "location"), Some("/start-date"));
        // That answer was lost: the browser comes again, to the other server.
        pair.world.forward(Duration::from_secs(600));
        let again = pair.elsewhere(&pair.world.browser());
        let form = born(&again.get(&path).await);
        form.submit(&again).await.is_at("/start-date");
        let late = pair.world.browser().get(&path).await;
        assert_eq!(late.status, StatusCode::GONE);
    })
    .await;
}

#[tokio::test]
async fn save_for_later_answer_lost_shows_a_new_code_to_its_browser() {
    on_each_database(async |pair| {
        let walk = walk(pair);
        let page = walk.through_identity().await;
        lose(pair, &walk.browser, "/later", &page.form("/later")).await;
        pair.world.forward(Duration::from_secs(600));
        let back = pair.elsewhere(&walk.browser);
        let ended = back.get("/start-date").await;
        ended.is_at("/session-ended");
        let saved = ended.form("/later").submit(&back).await;
        saved.says("Your answers are saved");
        let link = saved.attributes("main .saved a", "href").remove(0);
        let (_, path) = link.split_once("/resume?").unwrap();
        let page = pair.world.browser().get(&format!("/resume?{path}")).await;
        assert_eq!(page.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn identity_answer_that_comes_after_saving_is_resumed_with_the_rest() {
    on_each_database(async |pair| {
        let walk = Walk::new(pair.world.browser(), Person { last_name: "Slow", ..Person::default() });
        let page = walk.to_identity().await;
        let form = walk.identity_form(&page);
        let (slow, fast) = (walk.browser.clone(), pair.elsewhere(&walk.browser));
        let posted = tokio::spawn(async move { slow.post_only("/identity", form.fields(), &[]).await });
        while pair.world.sandbox.count("identity") == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let saved = page.form("/later").submit(&fast).await;
        let link = saved.attributes("main .saved a", "href").remove(0);
        let answer = posted.await.unwrap();
        assert!(header(answer.headers(), "set-cookie").is_none(), "this browser has left");
        walk.browser.get("/start-date").await.is_at("/session-ended");
        let (_, path) = link.split_once("/resume?").unwrap();
        let other = pair.world.browser();
        let page = other.get(&format!("/resume?{path}")).await;
        born(&page).submit(&other).await.is_at("/start-date");
        assert_eq!(pair.world.sandbox.count("identity"), 1);
    })
    .await;
}

#[tokio::test]
async fn session_put_aside_by_one_server_is_resumed_once_at_the_other() {
    on_each_database(async |pair| {
        let walk = walk(pair);
        walk.through_identity().await.is_at("/start-date");
        pair.world.forward(Duration::from_secs(3600));
        pair.world.server.app.sessions.cleanup(10).await.unwrap();
        let back = pair.elsewhere(&walk.browser);
        let ended = back.get("/start-date").await;
        ended.is_at("/session-ended");
        let form = answered(ended.form("/session-ended"));
        // The first answer is lost on the way; the second leads to the same session.
        lose(pair, &back, "/session-ended", &form).await;
        form.submit(&walk.browser).await;
        walk.browser.get("/start-date").await.is_at("/start-date");
        let stale = pair.with_cookie(&cookie(&walk.browser));
        assert_eq!(stale.get("/start-date").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn browser_without_cookies_is_told_so_after_one_call() {
    on_each_database(async |pair| {
        let browser = pair.world.browser();
        let landing = browser.get("/").await;
        let fields = landing.form("/").set("zip", "77999").set("transaction", "MVI").fields().to_vec();
        let answer = pair.world.browser().post_only("/", &fields, &[]).await;
        let there = header(answer.headers(), "location").unwrap().to_owned();
        assert_eq!(there, "/plans?cookie=set");
        let page = pair.elsewhere(&pair.world.browser()).get(&there).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        for words in ["Your browser didn’t keep our cookie", "Su navegador no guardó nuestra cookie"] {
            page.says(words);
        }
        page.says("(866) 222-7100");
        assert_eq!(page.headers.get("set-cookie"), None);
        assert_eq!(pair.world.sandbox.count("tdsp"), 1);
        // Nobody has it, and in minutes it is gone, without a postback.
        let sessions = &pair.world.server.app.sessions;
        assert_eq!(sessions.count().await.unwrap(), 0);
        pair.world.forward(Duration::from_secs(5 * 60));
        assert_eq!(sessions.cleanup(10).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn browser_that_refuses_a_new_id_meets_a_page_and_no_loop() {
    on_each_database(async |pair| {
        let walk = walk(pair);
        let page = walk.to_identity().await;
        let old = cookie(&walk.browser);
        let form = walk.identity_form(&page);
        pair.with_cookie(&old).post_only("/identity", form.fields(), &[]).await;
        pair.with_cookie(&old).ask("GET", "/identity?waits=1", &[]).await;
        let answer = pair.with_cookie(&old).ask("GET", "/start-date", &[]).await;
        assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
        let there = header(answer.headers(), "location").unwrap().to_owned();
        let page = pair.elsewhere(&pair.with_cookie(&old)).get(&there).await;
        assert_eq!((page.path.as_str(), page.status), ("/start-date", StatusCode::BAD_REQUEST));
        page.says("Your browser didn’t keep our cookie");
    })
    .await;
}
