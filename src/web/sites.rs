//! The sites of this server, and which of them a request is for: by the name of the host it was sent to.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri, header, uri::Authority};
use url::Url;

use super::{Assets, state::SharedState};
use crate::journey::Site;

/// A site, and what its pages need beside it.
pub struct HostedSite {
    /// What a journey looks at.
    pub site: Site,
    /// Where people reach it. Builds the return address of the gateway.
    pub public_url: Url,
    /// Its files.
    pub assets: Assets,
    /// The page that makes links is served.
    pub link_builder: bool,
}

/// All sites of the server.
pub struct Sites {
    main: Arc<HostedSite>,
    others: Vec<Arc<HostedSite>>,
}

impl Sites {
    /// The main site, and others.
    pub fn new(main: HostedSite, others: impl IntoIterator<Item = HostedSite>) -> Self {
        Self { main: Arc::new(main), others: others.into_iter().map(Arc::new).collect() }
    }

    /// The one there always is.
    pub fn main(&self) -> &Arc<HostedSite> {
        &self.main
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<HostedSite>> {
        std::iter::once(&self.main).chain(&self.others)
    }

    /// The one of that name, if it still is in the settings.
    pub fn named(&self, name: &str) -> Option<&Arc<HostedSite>> {
        self.iter().find(|hosted| hosted.site.name == name)
    }

    /// The one at `host`, a name without a port. Where there is but one it takes every host: which name a proxy gives
    /// it does not matter.
    fn at(&self, host: Option<&str>) -> Option<&Arc<HostedSite>> {
        if self.others.is_empty() {
            return Some(&self.main);
        }
        let host = host?;
        self.iter()
            .find(|hosted| hosted.public_url.host_str().is_some_and(|own| own.eq_ignore_ascii_case(host)))
    }
}

/// Finds the site of the request, for every page below; a host that is no site's is told so, and shown nobody's page.
pub async fn find(State(app): State<SharedState>, mut request: Request, next: Next) -> Response {
    let host = host(request.uri(), request.headers());
    let Some(hosted) = app.sites.at(host.as_deref()) else {
        return (StatusCode::MISDIRECTED_REQUEST, "This server has no site of that name.\n").into_response();
    };
    request.extensions_mut().insert(Arc::clone(hosted));
    next.run(request).await
}

/// The host a request was sent to, without its port; none if it names none, or more than one.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut named = headers.get_all(header::HOST).iter();
    let (first, more) = (named.next(), named.next());
    match (uri.host(), first, more) {
        (Some(host), _, None) => Some(host.to_owned()),
        (None, Some(host), None) => {
            host.to_str().ok()?.parse::<Authority>().ok().map(|name| name.host().to_owned())
        }
        _ => None,
    }
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
            ("/", &[], None),
        ] {
            let mut headers = HeaderMap::new();
            for name in names {
                headers.append(header::HOST, name.parse().unwrap());
            }
            assert_eq!(host(&uri.parse().unwrap(), &headers).as_deref(), expected, "{uri} {names:?}");
        }
    }
}
