//! The numbers while NRG is slow, fails and refuses: one second after `token` has answered none is in the server's
//! memory, though the call it was traded for goes on and the visitor's connection is open.

use std::time::Duration;

use serde_json::json;
use tokio::{task::JoinHandle, time::sleep};

use super::{
    journeys::{identity_form, to_identity},
    outputs::in_memory,
    people::{
        Canary, FAILING, HESITANT, LEAVING, OTHER_SSN, REFUSED, TOKEN_FAILING, TOKEN_SLOW, VERIFIED,
        WITH_LICENSE,
    },
    secrets::{Secret, number},
    served::{PASSWORD, Served},
};
use crate::support::{
    Browser, Filled, Page, Walk,
    fault_proxy::{Reply, html, json as answer},
    raw,
};

/// What whoever posts a number does then.
#[derive(Clone, Copy, PartialEq)]
enum Visitor {
    /// Follows to the next page.
    Follows,
    /// Looks at nothing else, and keeps the connection open.
    Stays,
    /// As `Stays`, and the form comes in pieces.
    Hesitates,
    /// Breaks the connection off once `token` has answered.
    Leaves,
}

/// As the sandbox answers, but this much later.
fn later(seconds: u64) -> Reply {
    Reply::Later(Duration::from_secs(seconds), Box::new(Reply::Changed(json!({}))))
}

/// A server, and every number to search its memory for.
struct Searched {
    served: Served,
    secrets: Vec<Secret>,
}

impl Searched {
    async fn start() -> Self {
        let served = Served::start(None).await;
        let mut secrets = number("ssn", OTHER_SSN);
        for person in [VERIFIED, WITH_LICENSE, FAILING, REFUSED, LEAVING, HESITANT, TOKEN_SLOW, TOKEN_FAILING]
        {
            secrets.extend(number(person.document, person.number));
        }
        // It has to be there, and so shows that the memory was read.
        secrets.push(Secret { kind: "Basic credentials", value: PASSWORD.to_owned() });
        Self { served, secrets }
    }

    /// No number is in the memory one second from now.
    async fn has_no_number(&self, when: &str) {
        sleep(Duration::from_secs(1)).await;
        match in_memory(self.served.child.id(), &self.secrets) {
            Ok(found) => {
                let (credentials, numbers): (Vec<_>, Vec<_>) =
                    found.into_iter().partition(|found| found.value == PASSWORD);
                assert!(numbers.is_empty(), "{when}: {numbers:#?}");
                assert!(!credentials.is_empty(), "the memory was not read");
            }
            Err(error) => println!("memory not searched: {error}"),
        }
    }

    /// Returns once `endpoint` has answered `calls` calls.
    async fn has_answered(&self, endpoint: &str, calls: usize) {
        for _ in 0..1200 {
            if self.served.fault_proxy.count(endpoint) >= calls {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{endpoint} has answered {} calls, not {calls}", self.served.fault_proxy.count(endpoint));
    }

    async fn at_identity(&self, person: &Canary) -> (Walk, Page) {
        let walk = self.served.walk(person);
        let page = to_identity(&walk, person).await;
        (walk, page)
    }

    fn post(&self, browser: &Browser, path: &'static str, form: Filled, visitor: Visitor) -> JoinHandle<()> {
        let (browser, address) = (browser.clone(), self.served.address);
        tokio::spawn(async move {
            match visitor {
                Visitor::Follows => drop(form.submit(&browser).await),
                Visitor::Stays | Visitor::Leaves => {
                    drop(browser.post_only(path, form.fields(), &[]).await);
                }
                Visitor::Hesitates => {
                    let body = serde_urlencoded::to_string(form.fields()).unwrap();
                    let head = format!(
                        "POST {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n\
                        sec-fetch-site: same-origin\r\ncookie: {}\r\n\
                        content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
                        browser.cookies()["cookie"].to_str().unwrap(),
                        body.len()
                    );
                    let (half, rest) = body.as_bytes().split_at(body.len() / 2);
                    let parts = [head.as_bytes(), half, rest];
                    let received = raw::send(address, &parts, Duration::from_millis(50)).await;
                    assert_eq!(received.statuses(), [303]);
                }
            }
        })
    }
}

#[tokio::test]
async fn number_is_not_in_memory_while_identity_is_slow_fails_or_refuses() {
    let searched = Searched::start().await;
    let nrg = &searched.served.fault_proxy;
    nrg.always("identity", later(6));
    let mut forms = Vec::new();
    for (person, visitor) in [
        (VERIFIED, Visitor::Stays),
        (WITH_LICENSE, Visitor::Follows),
        (FAILING, Visitor::Follows),
        (REFUSED, Visitor::Stays),
        (LEAVING, Visitor::Leaves),
        (HESITANT, Visitor::Hesitates),
    ] {
        let (walk, page) = searched.at_identity(&person).await;
        forms.push((walk.browser, identity_form(&page, &person), visitor));
    }
    let people = forms.len();
    let post = |(browser, form, visitor)| (searched.post(&browser, "/identity", form, visitor), visitor);
    let posts: Vec<_> = forms.into_iter().map(post).collect();
    searched.has_answered("token", people).await;
    posts.iter().filter(|(_, visitor)| *visitor == Visitor::Leaves).for_each(|(post, _)| post.abort());
    searched.has_no_number("while identity is asked").await;
    assert_eq!(nrg.count("identity"), 0, "it is asked still");
    searched.has_answered("identity", people).await;
    searched.has_no_number("after identity").await;
    for (post, visitor) in posts {
        assert!(post.await.is_ok() || visitor == Visitor::Leaves);
    }
    assert_eq!((nrg.count("token"), nrg.count("identity")), (people, people));
}

#[tokio::test]
async fn number_is_not_in_memory_while_credit_is_checked_again() {
    let searched = Searched::start().await;
    let (walk, page) = searched.at_identity(&VERIFIED).await;
    let page = identity_form(&page, &VERIFIED).submit(&walk.browser).await;
    let page = walk.start_date(&page).await;
    page.is_at("/deposit");
    let nrg = &searched.served.fault_proxy;
    let fails = Reply::Later(Duration::from_secs(4), Box::new(html(503)));
    for (calls, reply) in [(1, fails), (2, later(4))] {
        nrg.always("recheck-credit", reply);
        let form = page.form("/deposit").set("choice", "with_ssn").set("ssn", OTHER_SSN);
        let post = searched.post(&walk.browser, "/deposit", form, Visitor::Stays);
        searched.has_answered("token", 1 + calls).await;
        searched.has_no_number("while credit is checked again").await;
        assert_eq!(nrg.count("recheck-credit"), calls - 1, "it is asked still");
        searched.has_answered("recheck-credit", calls).await;
        searched.has_no_number("after credit was checked again").await;
        post.await.unwrap();
    }
}

#[tokio::test]
async fn number_is_not_in_memory_after_slow_token() {
    let searched = Searched::start().await;
    let (walk, page) = searched.at_identity(&TOKEN_SLOW).await;
    let nrg = &searched.served.fault_proxy;
    nrg.always("token", later(3));
    nrg.always("identity", later(4));
    let form = identity_form(&page, &TOKEN_SLOW);
    let post = searched.post(&walk.browser, "/identity", form, Visitor::Stays);
    searched.has_answered("token", 1).await;
    searched.has_no_number("after a slow token").await;
    assert_eq!(nrg.count("identity"), 0, "it is asked still");
    post.await.unwrap();
}

#[tokio::test]
async fn number_is_not_in_memory_after_token_failed() {
    let searched = Searched::start().await;
    let (walk, mut page) = searched.at_identity(&TOKEN_FAILING).await;
    for failing in [answer(503, &json!({})), html(200), Reply::Cut, Reply::Half] {
        searched.served.fault_proxy.always("token", failing.clone());
        let form = identity_form(&page, &TOKEN_FAILING);
        searched.post(&walk.browser, "/identity", form, Visitor::Stays).await.unwrap();
        searched.has_no_number(&format!("after token failed with {failing:?}")).await;
        page = walk.browser.get("/identity").await;
    }
    assert_eq!(searched.served.fault_proxy.count("identity"), 0);
}

/// A second form is the later answer if it differs, so it keeps what was typed as long as its request waits.
#[tokio::test]
async fn number_of_second_form_is_not_in_memory_once_it_was_answered() {
    let searched = Searched::start().await;
    let (walk, page) = searched.at_identity(&VERIFIED).await;
    let nrg = &searched.served.fault_proxy;
    nrg.always("identity", later(8));
    let post = || searched.post(&walk.browser, "/identity", identity_form(&page, &VERIFIED), Visitor::Stays);
    for post in [post(), post()] {
        post.await.unwrap();
    }
    searched.has_no_number("while identity is asked").await;
    assert_eq!(nrg.count("identity"), 0, "it is asked still");
    searched.has_answered("identity", 1).await;
    assert_eq!(nrg.count("token"), 1);
}
