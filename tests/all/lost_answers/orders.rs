//! Orders of requests and lost answers: two tabs of one browser, of whose answers some never arrive and some arrive
//! late. Whatever the order, the browser comes back to its journey.

use std::time::Duration;

use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use reqwest::{Response, header};

use super::{KEEP_TIMED_OUT, Pair, cookie};
use crate::support::{Browser, Filled, Page, Person, Walk};

/// What is asked.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Page(&'static str),
    /// The form of the identity page, as it was filled in once.
    Identity,
    /// The form of the start date, from the last page that had it.
    StartDate,
    /// The form of the review, likewise.
    Review,
}

/// Two requests at once, and which of their answers arrive; the second first, if `swapped`.
#[derive(Clone, Debug)]
struct Turn {
    asks: [Ask; 2],
    arrive: [bool; 2],
    swapped: bool,
    /// To the other of the two servers.
    elsewhere: [bool; 2],
    minutes: u64,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let ask = prop_oneof![
        3 => select(vec!["/", "/identity", "/start-date", "/review", "/confirmation", "/help"]).prop_map(Ask::Page),
        2 => Just(Ask::Identity),
        2 => Just(Ask::StartDate),
        2 => Just(Ask::Review),
    ];
    let turn = (
        [ask.clone(), ask],
        any::<[bool; 2]>(),
        any::<bool>(),
        any::<[bool; 2]>(),
        prop_oneof![4 => Just(0), 1 => 1..9_u64],
    );
    let turn = turn.prop_map(|(asks, arrive, swapped, elsewhere, minutes)| Turn {
        asks,
        arrive,
        swapped,
        elsewhere,
        minutes,
    });
    prop::collection::vec(turn, 1..7)
}

/// The forms the person has seen.
struct Forms {
    identity: Filled,
    start_date: Option<Filled>,
    review: Option<Filled>,
}

impl Forms {
    fn see(&mut self, walk: &Walk, page: &Page) {
        match page.path.split('?').next().unwrap() {
            "/start-date" => {
                if let Some(first) = page.attributes("input[name=date]", "value").first() {
                    self.start_date = Some(page.form("/start-date").set("date", first));
                }
            }
            "/review" => self.review = Some(walk.review_form(page)),
            _ => {}
        }
    }

    async fn send(&self, browser: Browser, ask: Ask) -> Response {
        let (path, form) = match ask {
            Ask::Page(path) => (path, None),
            Ask::Identity => ("/identity", Some(&self.identity)),
            Ask::StartDate => ("/start-date", self.start_date.as_ref()),
            Ask::Review => ("/review", self.review.as_ref()),
        };
        match form {
            Some(form) => browser.post_only(path, form.fields(), &[]).await,
            None => browser.ask("GET", path, &[]).await,
        }
    }
}

/// The answer arrives: its cookie is kept, and its redirect followed.
async fn arrives(browser: &Browser, answer: Response, path: &str) -> Option<Page> {
    assert!(!answer.status().is_server_error(), "{path}: {}", answer.status());
    let headers = answer.headers();
    for line in headers.get_all(header::SET_COOKIE) {
        browser.clone().with_cookie(line.to_str().unwrap());
    }
    let there = headers.get(header::LOCATION)?.to_str().unwrap().to_owned();
    // A form that is to be sent again is sent again by the person, who sees its page.
    Some(browser.get(&there).await)
}

async fn journey_survives(pair: &Pair, turns: &[Turn]) -> Result<(), TestCaseError> {
    let walk = Walk::new(pair.world.browser(), Person::default());
    let page = walk.to_identity().await;
    let mut forms = Forms { identity: walk.identity_form(&page), start_date: None, review: None };
    let journey = pair.world.journey(&walk.browser).await.unwrap();
    for turn in turns {
        let browser = |n: usize| {
            let browser = pair.with_cookie(&cookie(&walk.browser));
            if turn.elsewhere[n] { pair.elsewhere(&browser) } else { browser }
        };
        let (one, two) =
            tokio::join!(forms.send(browser(0), turn.asks[0]), forms.send(browser(1), turn.asks[1]));
        let mut answers = vec![(one, turn.arrive[0]), (two, turn.arrive[1])];
        if turn.swapped {
            answers.reverse();
        }
        for (answer, arrived) in answers {
            if !arrived {
                prop_assert!(!answer.status().is_server_error(), "{}", answer.status());
                continue;
            }
            let path = answer.url().path().to_owned();
            if let Some(page) = arrives(&walk.browser, answer, &path).await {
                forms.see(&walk, &page);
            }
        }
        pair.forward(&journey.id, Duration::from_secs(60 * turn.minutes)).await;
    }
    let page = walk.wait(walk.browser.get("/confirmation").await).await;
    prop_assert!(page.status.is_success(), "{} {}", page.status, page.path);
    let path = page.path.split('?').next().unwrap();
    prop_assert!(["/identity", "/start-date", "/review", "/confirmation"].contains(&path), "{path}");
    let now = pair.world.journey(&walk.browser).await;
    prop_assert_eq!(now.as_ref().map(|now| &now.id), Some(&journey.id));
    // The next person may be the same one without being asked whether this is a second time.
    pair.forward(&journey.id, Duration::from_secs(25 * 3600)).await;
    Ok(())
}

fn journeys_survive(pair: Option<Pair>, runtime: &tokio::runtime::Runtime) {
    let Some(pair) = pair else { return };
    let cases = if pair.database.is_some() { 12 } else { 40 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner.run(&turns(), |turns| runtime.block_on(journey_survives(&pair, &turns))).unwrap();
    runtime.block_on(pair.stop());
}

#[test]
fn journey_survives_any_order_of_requests_and_lost_answers() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    journeys_survive(Some(runtime.block_on(Pair::on_sqlite(&KEEP_TIMED_OUT))), &runtime);
    journeys_survive(runtime.block_on(Pair::on_postgres(&KEEP_TIMED_OUT)), &runtime);
}
