//! Many visitors at once, through a proxy: each posts forms, one after the other, and every answer is looked at.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{Certificate, Client};
use tokio::task::JoinSet;

use crate::{
    proxies::proxy::Front,
    support::{Browser, Person, Walk},
};

/// A load that goes on until it is ended.
pub struct Load {
    over: Arc<AtomicBool>,
    posts: JoinSet<BTreeMap<String, usize>>,
    /// How many journeys, and how many forms were shown again.
    walks: JoinSet<(usize, usize)>,
}

/// What came of a load.
pub struct Figures {
    pub posts: usize,
    /// What was answered otherwise than by a page of the product, and how often.
    pub failed: BTreeMap<String, usize>,
    pub journeys: usize,
    /// Forms that were shown again, because the text of their consent has changed.
    pub shown_again: usize,
}

/// From the ZIP code to the confirmation, at servers of either release. Returns how many forms were shown again, because
/// the release that took them has another text for the consent than the one that made them.
async fn enroll(walk: &Walk) -> usize {
    let mut shown_again = 0;
    let mut page = walk.zip().await;
    for _ in 0..60 {
        shown_again += usize::from(page.status.as_u16() == 409);
        page = match page.path.as_str() {
            "/plans" => walk.plan(&page).await,
            "/address" => walk.address(&page).await,
            "/contact" => walk.contact(&page).await,
            // The release before asks everybody.
            "/billing" => page.form("/billing").set("choice", "same").submit(&walk.browser).await,
            "/identity" => walk.identity(&page).await,
            "/start-date" => walk.start_date(&page).await,
            "/review" => walk.review(&page).await,
            "/confirmation" => break,
            // The release before does not know the page that waits, and shows its own: the visitor goes on.
            _ => {
                tokio::time::sleep(Duration::from_millis(200)).await;
                walk.browser.get("/review").await
            }
        };
    }
    page.is_at("/confirmation");
    shown_again
}

impl Load {
    /// So many visitors post a form that is refused, which asks NRG nothing; two more enroll again and again, and every
    /// page on the way has to be the right one.
    #[allow(clippy::disallowed_methods, reason = "a test's browser is not the door to NRG")]
    pub fn start(front: &Front, visitors: usize) -> Self {
        let over = Arc::<AtomicBool>::default();
        let certificate = Certificate::from_pem(front.certificate().as_bytes()).unwrap();
        let mut posts = JoinSet::new();
        for _ in 0..visitors {
            let client = Client::builder().tls_certs_merge([certificate.clone()]).build().unwrap();
            let (over, base) = (Arc::clone(&over), front.base.clone());
            posts.spawn(async move {
                let mut answers = BTreeMap::new();
                while !over.load(Ordering::Relaxed) {
                    let form = [("zip", "nowhere"), ("transaction", "MVI")];
                    let request = client.post(format!("{base}/")).form(&form).header("origin", &base);
                    let answer = match request.send().await {
                        Ok(answer) => answer.status().as_str().to_owned(),
                        Err(error) => format!("{error:?}"),
                    };
                    *answers.entry(answer).or_default() += 1;
                }
                answers
            });
        }
        let mut walks = JoinSet::new();
        for floor in ["A", "B"] {
            let (over, base, certificate) =
                (Arc::clone(&over), front.base.clone(), front.certificate().to_owned());
            walks.spawn(async move {
                let (mut walked, mut shown_again) = (0, 0);
                while !over.load(Ordering::Relaxed) {
                    // Another home each time: the same one again would be asked about.
                    let person = Person { unit: format!("{floor}{walked}").leak(), ..Person::default() };
                    let walk = Walk::new(Browser::trusting(&base, &certificate).patient(), person);
                    shown_again += enroll(&walk).await;
                    walked += 1;
                }
                (walked, shown_again)
            });
        }
        Self { over, posts, walks }
    }

    /// Ends it.
    pub async fn end(self) -> Figures {
        self.over.store(true, Ordering::Relaxed);
        let (walked, again): (Vec<usize>, Vec<usize>) = self.walks.join_all().await.into_iter().unzip();
        let (journeys, shown_again) = (walked.iter().sum(), again.iter().sum());
        let mut answers = BTreeMap::<String, usize>::new();
        for of_visitor in self.posts.join_all().await {
            of_visitor.into_iter().for_each(|(answer, times)| *answers.entry(answer).or_default() += times);
        }
        let posts = answers.values().sum();
        answers.remove("422");
        Figures { posts, failed: answers, journeys, shown_again }
    }
}
