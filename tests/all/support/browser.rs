//! A browser without script: keeps cookies, follows redirects within the site, posts forms as they stand.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{
    Certificate, Client, ClientBuilder, RequestBuilder, Response, StatusCode,
    cookie::{CookieStore, Jar},
    header::{self, HeaderMap},
    redirect,
};
use serde::{Deserialize, Serialize};

use super::Page;

#[derive(Clone)]
pub struct Browser {
    client: Client,
    jar: Arc<Jar>,
    base: String,
    posts: Arc<AtomicUsize>,
    typed: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
    requests: Arc<Mutex<Vec<Request>>>,
    /// Whether it loads a page that waits for NRG until that page goes on, and what happens at each.
    waits: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// One request as it was made, and where it led.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    pub method: String,
    /// With its query.
    pub path: String,
    /// Name and value of each field, in the form's order.
    pub fields: Vec<(String, String)>,
    /// The path of the page after redirects, without its query.
    pub leads_to: String,
    /// Its status.
    pub status: u16,
}

/// One answer as it came: everything a browser, its history and a proxy in front of it could keep.
#[derive(Clone)]
pub struct Seen {
    /// Method, path and query asked for.
    pub asked: String,
    /// Status and headers.
    pub head: String,
    pub body: String,
    /// From the request to the head of the answer.
    #[allow(dead_code, reason = "the benchmarks read it")]
    pub took: Duration,
}

#[allow(clippy::disallowed_methods, reason = "a test's browser is not the door to NRG")]
impl Browser {
    pub fn new(base: &str) -> Self {
        Self::at_address(base, None)
    }

    /// A browser that connects from this address of the machine.
    pub fn at_address(base: &str, address: Option<IpAddr>) -> Self {
        Self::of(base, |client| client.local_address(address))
    }

    /// A browser that trusts this certificate, in PEM.
    pub fn trusting(base: &str, certificate: &str) -> Self {
        let certificate = Certificate::from_pem(certificate.as_bytes()).unwrap();
        Self::of(base, |client| client.tls_certs_merge([certificate]))
    }

    fn of(base: &str, more: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        // The server of this process, where there is one, may have done it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let jar = Arc::new(Jar::default());
        let client = Client::builder().cookie_provider(Arc::clone(&jar)).redirect(redirect::Policy::none());
        Self {
            client: more(client).build().unwrap(),
            jar,
            base: base.to_owned(),
            posts: Arc::default(),
            typed: Arc::default(),
            seen: Arc::default(),
            requests: Arc::default(),
            waits: None,
        }
    }

    /// The same browser, which loads a page that waits for NRG until that page goes on, as its refresh does.
    pub fn patient(&self) -> Self {
        self.patient_with(|| ())
    }

    /// The same, and each time that it is shown such a page, this happens.
    pub fn patient_with(&self, at_each: impl Fn() + Send + Sync + 'static) -> Self {
        Self { waits: Some(Arc::new(at_each)), ..self.clone() }
    }

    /// The same browser, which stays on a page that waits.
    pub fn impatient(&self) -> Self {
        Self { waits: None, ..self.clone() }
    }

    /// The longest that it took until an answer began.
    pub fn longest(&self) -> Duration {
        self.seen.lock().unwrap().iter().map(|seen| seen.took).max().unwrap_or_default()
    }

    /// One that comes with a cookie, written as in `Set-Cookie`.
    pub fn with_cookie(self, cookie: &str) -> Self {
        self.jar.add_cookie_str(cookie, &self.base.parse().unwrap());
        self
    }

    /// The same browser, at another server of the same site.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Page {
        self.try_get(path).await.unwrap()
    }

    /// One request as it stands: any method, and the headers given.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(method, path, request).await.unwrap()
    }

    /// Every answer so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Every page asked for and every form posted so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    fn made(&self, method: &str, path: &str, fields: &[(String, String)], page: &Page) {
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            fields: fields.to_vec(),
            leads_to: page.path.split('?').next().unwrap_or_default().to_owned(),
            status: page.status.as_u16(),
        };
        self.requests.lock().unwrap().push(request);
    }

    async fn send(&self, method: &str, path: &str, request: RequestBuilder) -> reqwest::Result<Response> {
        let began = Instant::now();
        let answer = request.send().await?;
        let took = began.elapsed();
        let mut head = answer.status().to_string();
        for (name, value) in answer.headers() {
            head.push_str(&format!("\n{name}: {}", String::from_utf8_lossy(value.as_bytes())));
        }
        let asked = format!("{method} {path}");
        self.seen.lock().unwrap().push(Seen { asked, head, body: String::new(), took });
        Ok(answer)
    }

    pub async fn post(&self, path: &str, fields: &[(String, String)]) -> Page {
        self.try_post(path, fields).await.unwrap()
    }

    /// Posts a body as it is, as a browser with another encoding or a program would.
    pub async fn post_body(&self, path: &str, body: String) -> Page {
        let request = self.client.post(format!("{}{path}", self.base)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("origin", &self.base).header("sec-fetch-site", "same-origin");
        let answer = self.send("POST", path, request).await.unwrap();
        self.follow(answer, path, None).await.unwrap()
    }

    /// As [`Browser::get`], from a server that may die meanwhile.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Page> {
        let answer = self.send("GET", path, self.client.get(format!("{}{path}", self.base))).await?;
        let page = self.follow(answer, path, None).await?;
        self.made("GET", path, &[], &page);
        Ok(page)
    }

    /// As [`Browser::post`], to a server that may die meanwhile.
    pub async fn try_post(&self, path: &str, fields: &[(String, String)]) -> reqwest::Result<Page> {
        let answer = self.try_post_only(path, fields, &[]).await?;
        let page = self.follow(answer, path, Some(fields)).await?;
        self.made("POST", path, fields, &page);
        Ok(page)
    }

    /// The same browser, led to another server of the same machine.
    pub fn moved_to(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
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
        self.try_post_only(path, fields, headers).await.unwrap()
    }

    async fn try_post_only(
        &self,
        path: &str,
        fields: &[(String, String)],
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Response> {
        self.posts.fetch_add(1, Ordering::Relaxed);
        let own = [("origin", self.base.as_str()), ("sec-fetch-site", "same-origin")];
        let headers = if headers.is_empty() { &own[..] } else { headers };
        let mut request = self.client.post(format!("{}{path}", self.base)).form(fields);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send("POST", path, request).await
    }

    /// Follows redirects, and the refresh of pages that wait if this browser does.
    async fn follow(
        &self,
        answer: Response,
        path: &str,
        fields: Option<&[(String, String)]>,
    ) -> reqwest::Result<Page> {
        let mut page = self.redirected(answer, path, fields).await?;
        while page.is_waiting()
            && let Some(at_each) = &self.waits
        {
            at_each();
            tokio::time::sleep(Duration::from_millis(30)).await;
            let path = page.again();
            let answer = self.send("GET", &path, self.client.get(format!("{}{path}", self.base))).await?;
            page = self.redirected(answer, &path, None).await?;
        }
        Ok(page)
    }

    /// Follows redirects within the site, as a browser does: a 307 sends the form again.
    async fn redirected(
        &self,
        mut answer: Response,
        path: &str,
        mut fields: Option<&[(String, String)]>,
    ) -> reqwest::Result<Page> {
        let mut path = path.to_owned();
        for _ in 0..10 {
            let Some(to) = answer.headers().get(header::LOCATION) else { break };
            let to = to.to_str().unwrap().to_owned();
            let Some(inside) = to.strip_prefix(&self.base).or(to.starts_with('/').then_some(to.as_str()))
            else {
                break;
            };
            path = inside.to_owned();
            fields = fields.filter(|_| answer.status() == StatusCode::TEMPORARY_REDIRECT);
            answer = match fields {
                Some(fields) => self.try_post_only(&path, fields, &[]).await?,
                None => self.send("GET", &path, self.client.get(format!("{}{path}", self.base))).await?,
            };
        }
        // The mark of a first cookie is no part of where somebody is.
        let path = path.replace("?cookie=set&", "?").replace("?cookie=set", "").replace("&cookie=set", "");
        let page = Page::read(answer, path).await?;
        if let Some(last) = self.seen.lock().unwrap().last_mut() {
            last.body.clone_from(&page.body);
        }
        Ok(page)
    }
}
