//! From a TCP connection to the router: HTTP/1.1, spoken by hyper alone, with bounds on what one connection may take.
//!
//! In come connections; out go requests that know their peer's address. A head that is too slow, too long or has too
//! many lines is answered here, before any page: with a bare status (400, 414, 431) or with nothing, and the end of
//! the connection. What hyper refuses is never more than that.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::{ConnectInfo, Request},
    middleware::{self, Next},
    response::Response,
};
use http::header;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, time};
use tower::Layer;

use crate::web::headers::end_connection;

/// Method, address and headers together, in bytes. Cookies of the whole domain of the affiliate may be among them.
const LONGEST_HEAD: usize = 32 * 1024;
/// The lines of a head.
const MOST_HEADERS: usize = 64;
/// More connections than this wait to be accepted.
const MOST_CONNECTIONS: usize = 4096;

/// Serves `router` on `listener` until `stop`; then finishes the requests under way. A connection that has not
/// sent a whole head within `head_timeout`, the first or the next one, is closed.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    head_timeout: Duration,
    stop: impl Future<Output = ()>,
) {
    let router = router.layer(middleware::from_fn(close_after_chunks));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_headers(MOST_HEADERS)
        .max_header_size(LONGEST_HEAD)
        .max_buf_size(LONGEST_HEAD);
    let (graceful, room) = (GracefulShutdown::new(), Arc::new(Semaphore::new(MOST_CONNECTIONS)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = Arc::clone(&room).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let ((connection, peer), place) = tokio::select! {
            (accepted, place) = accepted => match accepted {
                Ok(accepted) => (accepted, place),
                Err(error) => {
                    // Out of file descriptors, or the peer has gone already: neither is the end of the listener.
                    tracing::warn!(%error, "a connection was not accepted");
                    time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // Whole answers leave in one piece: there is nothing to wait for.
        let _ = connection.set_nodelay(true);
        let service = Extension(ConnectInfo::<SocketAddr>(peer)).layer(router.clone());
        let served = http.serve_connection(TokioIo::new(connection), TowerToHyperService::new(service));
        let served = graceful.watch(served);
        tokio::spawn(async move {
            // How a browser's connection ends is no event.
            let _ = served.await;
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// A request in chunks may have carried a length as well, which hyper leaves aside, and a proxy in front may have gone
/// by. Nothing that follows on the same connection is believed to be a request (RFC 9112, 6.1).
async fn close_after_chunks(request: Request, next: Next) -> Response {
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    if chunked {
        end_connection(&mut response);
    }
    response
}
