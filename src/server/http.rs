//! The HTTP loop: accepts TCP connections and serves HTTP/1.1 with hyper, with limits on what one connection may use.
//!
//! Requests reach the router with their peer's address. A head that is too slow, too long or has too many lines is
//! refused before any page: with a bare status (400, 414, 431) or without an answer, and the connection ends. So is a body
//! in another coding than chunks (501).

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    extract::{ConnectInfo, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, time};
use tower::Layer;

use crate::web::headers::end_connection;

/// The longest head of a request (request line and headers), in bytes. It may contain the cookies of the affiliate's
/// whole domain.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// The most header lines of a request.
const MAX_HEADERS: usize = 64;
/// The most connections at one time; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 4096;

/// Serves `router` on `listener` until `stop` completes; then finishes the requests under way and returns. A connection
/// that does not send a whole head within `head_timeout`, the first or a later one, is closed.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    head_timeout: Duration,
    stop: impl Future<Output = ()>,
) {
    let router = router.layer(middleware::from_fn(only_chunks));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_HEAD_BYTES);
    let (graceful, permits) = (GracefulShutdown::new(), Arc::new(Semaphore::new(MAX_CONNECTIONS)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let permit = Arc::clone(&permits).acquire_owned().await.ok();
            (listener.accept().await, permit)
        };
        let ((connection, peer), permit) = tokio::select! {
            (accepted, permit) = accepted => match accepted {
                Ok(accepted) => (accepted, permit),
                Err(error) => {
                    // Out of file descriptors, or the peer has gone already: neither ends the listener.
                    tracing::warn!(error = &error as &dyn std::error::Error, "server: accepting a connection failed");
                    time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // Answers are written whole: Nagle's algorithm would only delay them.
        let _ = connection.set_nodelay(true);
        let service = Extension(ConnectInfo::<SocketAddr>(peer)).layer(router.clone());
        let served = http.serve_connection(TokioIo::new(connection), TowerToHyperService::new(service));
        let served = graceful.watch(served);
        tokio::spawn(async move {
            // A browser that breaks its connection off is not worth a log line.
            let _ = served.await;
            drop(permit);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Refuses a body in any transfer coding but `chunked`, of which hyper looks at the last only, and closes the connection
/// after a chunked request. It may have carried a Content-Length as well, which hyper ignores and a proxy in front may have
/// followed: what comes next on the connection cannot be trusted to be a request (RFC 9112, 6.1).
async fn only_chunks(request: Request, next: Next) -> Response {
    let mut codings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
    let (coding, is_only) = (codings.next(), codings.next().is_none());
    let mut response =
        match coding.map(|coding| is_only && coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
            None => return next.run(request).await,
            Some(true) => next.run(request).await,
            Some(false) => StatusCode::NOT_IMPLEMENTED.into_response(),
        };
    end_connection(&mut response);
    response
}
