//! Many visitors at once, through a proxy: each posts forms, one after the other, and every answer is looked at.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
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
    walks: JoinSet<usize>,
}

/// What came of a load.
pub struct Figures {
    pub posts: usize,
    /// What was answered otherwise than by a page of the product, and how often.
    pub failed: BTreeMap<String, usize>,
    pub journeys: usize,
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
                let mut walked = 0;
                while !over.load(Ordering::Relaxed) {
                    // Another home each time: the same one again would be asked about.
                    let person = Person { unit: format!("{floor}{walked}").leak(), ..Person::default() };
                    let walk = Walk::new(Browser::trusting(&base, &certificate), person);
                    let review = walk.through_start_date().await;
                    walk.review(&review).await.is_at("/confirmation");
                    walked += 1;
                }
                walked
            });
        }
        Self { over, posts, walks }
    }

    /// Ends it.
    pub async fn end(self) -> Figures {
        self.over.store(true, Ordering::Relaxed);
        let journeys = self.walks.join_all().await.iter().sum();
        let mut answers = BTreeMap::<String, usize>::new();
        for of_visitor in self.posts.join_all().await {
            of_visitor.into_iter().for_each(|(answer, times)| *answers.entry(answer).or_default() += times);
        }
        let posts = answers.values().sum();
        answers.remove("422");
        Figures { posts, failed: answers, journeys }
    }
}
