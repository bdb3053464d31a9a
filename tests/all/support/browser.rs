//! A browser without script: keeps cookies, follows redirects within the site, posts forms as they stand.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use reqwest::{
    Client, Response,
    cookie::{CookieStore, Jar},
    header::{self, HeaderMap},
    redirect,
};

use super::Page;

#[derive(Clone)]
pub struct Browser {
    client: Client,
    jar: Arc<Jar>,
    base: String,
    posts: Arc<AtomicUsize>,
    typed: Arc<AtomicUsize>,
}

#[allow(clippy::disallowed_methods, reason = "a test's browser is not the door to NRG")]
impl Browser {
    pub fn new(base: &str) -> Self {
        let jar = Arc::new(Jar::default());
        let client = Client::builder().cookie_provider(Arc::clone(&jar)).redirect(redirect::Policy::none());
        Self {
            client: client.build().unwrap(),
            jar,
            base: base.to_owned(),
            posts: Arc::default(),
            typed: Arc::default(),
        }
    }

    pub async fn get(&self, path: &str) -> Page {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        self.follow(answer, path).await
    }

    pub async fn post(&self, path: &str, fields: &[(String, String)]) -> Page {
        let answer = self.post_only(path, fields, &[]).await;
        self.follow(answer, path).await
    }

    /// The headers that tell the server who comes.
    pub fn cookies(&self) -> HeaderMap {
        let cookies = self.jar.cookies(&self.base.parse().unwrap());
        cookies.map(|cookies| HeaderMap::from_iter([(header::COOKIE, cookies)])).unwrap_or_default()
    }

    /// How many forms were sent.
    pub fn posts(&self) -> usize {
        self.posts.load(Ordering::Relaxed)
    }

    /// How many fields were typed into them.
    pub fn typed(&self) -> usize {
        self.typed.load(Ordering::Relaxed)
    }

    pub fn count_typed(&self, fields: usize) {
        self.typed.fetch_add(fields, Ordering::Relaxed);
    }

    /// One request, no redirect followed; as from a page of the site, unless other headers are given.
    pub async fn post_only(
        &self,
        path: &str,
        fields: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> Response {
        self.posts.fetch_add(1, Ordering::Relaxed);
        let own = [("origin", self.base.as_str()), ("sec-fetch-site", "same-origin")];
        let headers = if headers.is_empty() { &own[..] } else { headers };
        let mut request = self.client.post(format!("{}{path}", self.base)).form(fields);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// Follows 303s within the site, as a browser does.
    async fn follow(&self, mut answer: Response, path: &str) -> Page {
        let mut path = path.to_owned();
        for _ in 0..10 {
            let Some(to) = answer.headers().get(header::LOCATION) else { break };
            let to = to.to_str().unwrap().to_owned();
            let Some(inside) = to.strip_prefix(&self.base).or(to.starts_with('/').then_some(to.as_str()))
            else {
                break;
            };
            path = inside.to_owned();
            answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        }
        Page::read(answer, path).await
    }
}
