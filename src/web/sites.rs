//! The sites of this server, their files, and which of them a request is for: by the host it was sent to.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Request},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, Version, header, uri::Authority};
use url::Url;

use super::{assets::Assets, headers::end_connection, preview_settings::OwnWords};
use crate::journey::Site;

/// A site, and what its pages need besides.
pub struct HostedSite {
    /// What the journey is evaluated against.
    pub site: Site,
    /// Its public address, from which links and the return address of the payment gateway are built.
    pub public_url: Url,
    /// The files its pages load.
    pub assets: Assets,
    /// Whether the link builder page is served.
    pub link_builder: bool,
    /// What previews of its links say in place of the messages.
    pub own_words: OwnWords,
    /// Whether search engines may list the pages that are meant to be found.
    pub search_engines: bool,
}

/// All sites of the server. A clone shares them.
#[derive(Clone)]
pub struct Sites {
    main: Arc<HostedSite>,
    others: Arc<[Arc<HostedSite>]>,
}

impl Sites {
    /// The main site and any others.
    pub fn new(main: HostedSite, others: impl IntoIterator<Item = HostedSite>) -> Self {
        Self { main: Arc::new(main), others: others.into_iter().map(Arc::new).collect() }
    }

    /// The main site, which always exists.
    pub fn main(&self) -> &Arc<HostedSite> {
        &self.main
    }

    /// Every site, the main one first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<HostedSite>> {
        std::iter::once(&self.main).chain(self.others.iter())
    }

    /// The site of that name; `None` if the settings have none of that name.
    pub fn named(&self, name: &str) -> Option<&Arc<HostedSite>> {
        self.iter().find(|hosted| hosted.site.name == name)
    }

    /// The site at `host`, a name without a port. A single site is found by every host, because it does not matter then
    /// which name a proxy passes on.
    fn at(&self, host: Option<&str>) -> Option<&Arc<HostedSite>> {
        if self.others.is_empty() {
            return Some(&self.main);
        }
        let host = host?;
        self.iter().find(|hosted| hosted.is_at(host))
    }
}

impl HostedSite {
    /// Whether its public address has this host.
    fn is_at(&self, host: &str) -> bool {
        self.public_url.host_str().is_some_and(|own| own.eq_ignore_ascii_case(host))
    }

    /// The origins of its pages: that of its public address, and the same with a dot behind its name.
    pub fn origins(&self) -> impl Iterator<Item = String> {
        let url = &self.public_url;
        let dotted = url.domain().map(|domain| {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}://{domain}.{port}", url.scheme())
        });
        [Some(url.origin().ascii_serialization()), dotted].into_iter().flatten()
    }
}

/// A layer that finds the site of each request and puts it into the request's extensions. No site's page has a request that
/// does not name one host (400, and the end of its connection; RFC 9112, 3.2) or names one that is no site's (421). A page
/// that is asked for by the site's host with a dot behind it, which is the same host to the name service but another one to
/// the browser's cookies, is at the site's own address; a form is taken as it is.
pub async fn find(
    sites: &Sites,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let named = host(request.uri(), request.headers());
    // HTTP/1.0 knows no such header.
    let may_name_none =
        request.version() == Version::HTTP_10 && !request.headers().contains_key(header::HOST);
    if named.is_none() && !may_name_none {
        let mut refused = (StatusCode::BAD_REQUEST, "A request names one host.\n").into_response();
        end_connection(&mut refused);
        return refused;
    }
    let undotted = named.as_deref().and_then(|host| host.strip_suffix('.'));
    let Some(hosted) = sites.at(undotted.or(named.as_deref())) else {
        return (StatusCode::MISDIRECTED_REQUEST, "This server has no site of that name.\n").into_response();
    };
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read && undotted.is_some_and(|host| hosted.is_at(host)) {
        let page = request.uri().path_and_query().map_or("/", |page| page.as_str());
        let address = format!("{}{page}", hosted.public_url.origin().ascii_serialization());
        return Redirect::permanent(&address).into_response();
    }
    request.extensions_mut().insert(Arc::clone(hosted));
    next(request).await
}

/// `GET /static/{name}`: the file of exactly that content, cacheable for ever; 404 otherwise.
pub async fn asset(
    Extension(hosted): Extension<Arc<HostedSite>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    hosted.assets.response(&name, &headers)
}

/// The host a request was sent to, without its port: that of a whole address before that of the header. `None` if it has no
/// such header, several, or one that is no host.
pub fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut named = headers.get_all(header::HOST).iter();
    let only = named.next().filter(|_| named.next().is_none())?;
    let only = Authority::try_from(only.as_bytes()).ok().filter(|name| !name.as_str().contains('@'))?;
    Some(uri.host().unwrap_or(only.host()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_read_from_single_header_without_port() {
        for (uri, names, expected) in [
            ("/", &["one.test"][..], Some("one.test")),
            ("/", &["one.test:8080"], Some("one.test")),
            ("/", &["[::1]:8080"], Some("[::1]")),
            ("http://one.test/", &["two.test"], Some("one.test")),
            ("/", &["one.test", "two.test"], None),
            ("/", &["one test"], None),
            ("/", &["user@"], None),
            ("/", &["user@one.test"], None),
            ("/", &[""], None),
            // A name beyond ASCII is sent as `xn--…`; anything else is no site's.
            ("/", &["cañón.test"], None),
            ("/", &[], None),
            ("http://one.test/", &[], None),
            ("http://one.test/", &["one.test", "one.test"], None),
        ] {
            let mut headers = HeaderMap::new();
            for name in names {
                headers.append(header::HOST, name.parse().unwrap());
            }
            assert_eq!(host(&uri.parse().unwrap(), &headers).as_deref(), expected, "{uri} {names:?}");
        }
    }
}
