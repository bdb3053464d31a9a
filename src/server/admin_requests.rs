//! What holds for every request of the admin listener: it has a log line, and it was sent to a host of ours.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri, header};
use tokio::time::Instant;

use super::admin::POLLED;
use crate::web::{logged::logged, sites::host};

/// `router` with its requests logged, and those refused that were sent to another host than an address, `localhost` or one
/// of `names`.
pub fn guard(router: Router, names: &[String]) -> Router {
    let names: Arc<[String]> = names.into();
    router
        .layer(middleware::from_fn_with_state(names, check_host))
        // Outermost: what is refused is logged as well.
        .layer(middleware::from_fn(log))
}

/// Refuses with 421 what was sent to a host that is none of ours. A page in an operator's browser can only read this
/// listener by a name of its own that leads here (DNS rebinding), and that name is in the header.
async fn check_host(State(names): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    if is_ours(request.uri(), request.headers(), &names) {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "This host is not in server.private_hosts.\n").into_response()
}

fn is_ours(uri: &Uri, headers: &HeaderMap, names: &[String]) -> bool {
    let Some(host) = host(uri, headers) else {
        // Probes of old programs name none; every browser does.
        return uri.host().is_none() && !headers.contains_key(header::HOST);
    };
    let host = host.strip_suffix('.').unwrap_or(&host);
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    address.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || names.iter().any(|name| host.eq_ignore_ascii_case(name))
}

/// Writes a line about each request, as for those of the public listener. What is asked every few seconds is logged at a
/// level that is off by default, unless it is refused.
async fn log(request: Request, next: Next) -> Response {
    let method = logged(request.method().as_str()).into_owned();
    let path = logged(request.uri().path()).into_owned();
    let polled = POLLED.contains(&request.uri().path());
    let started = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    if polled && !response.status().is_client_error() {
        tracing::debug!(method, path, status, duration_ms, "admin request");
    } else {
        tracing::info!(method, path, status, duration_ms, "admin request");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_listener_answers_to_addresses_and_listed_names_only() {
        let names = ["enroll-one".to_owned(), "enroll.corp.test".to_owned()];
        for (uri, hosts, ours) in [
            ("/", &["127.0.0.1:9090"][..], true),
            ("/", &["10.1.2.3"], true),
            ("/", &["[::1]:9090"], true),
            ("/", &["[2001:db8::9]"], true),
            ("/", &["localhost:9090"], true),
            ("/", &["LOCALHOST"], true),
            ("/", &["enroll-one:9090"], true),
            ("/", &["Enroll.Corp.Test"], true),
            ("/", &["enroll.corp.test."], true),
            // As health checks of HTTP/1.0 have it.
            ("/", &[], true),
            ("/", &["rebound.evil.test:9090"], false),
            ("/", &["127.0.0.1.evil.test"], false),
            ("/", &["localhost.evil.test"], false),
            ("/", &["corp.test"], false),
            ("/", &["x.enroll.corp.test"], false),
            ("/", &["enroll-one", "127.0.0.1"], false),
            ("/", &["not a host"], false),
            ("http://evil.test/", &["127.0.0.1"], false),
            ("http://evil.test/", &[], false),
            ("http://127.0.0.1:9090/", &["evil.test"], true),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            assert_eq!(is_ours(&uri.parse().unwrap(), &headers, &names), ours, "{uri} {hosts:?}");
        }
    }
}
