//! The HTTP loop: accepts TCP connections and serves HTTP/1.1 with hyper, with limits on what one connection may use.
//!
//! Requests reach the router with their peer's address. A head that is too slow, too long or has too many lines is
//! refused before any page: with a bare status (400, 414, 431) or without an answer, and the connection ends. So is a body
//! in another coding than chunks (501). A connection whose place another one needs ends without a word.

use std::{
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Extension, Router,
    body::{Body, Bytes, HttpBody},
    extract::{ConnectInfo, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use http_body::{Frame, SizeHint};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Layer;

use super::{
    connections::{Connection, Connections},
    drain::Drain,
};
use crate::{
    causes::Causes,
    web::{client::client_address, headers::end_connection},
};

/// The longest head of a request (request line and headers), in bytes. It may contain the cookies of the affiliate's
/// whole domain.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// The most header lines of a request.
const MAX_HEADERS: usize = 64;

/// What the connections of a listener are allowed.
#[derive(Clone)]
pub struct Limits {
    /// The time limit of a head, the first of a connection or a later one.
    pub head_timeout: Duration,
    /// How long a connection without a request may still send one when the listener is stopped.
    pub last_request: Duration,
    /// The connections, with how many there may be.
    pub connections: Arc<Connections>,
    /// The number of proxies in front, as in [`client_address`].
    pub trusted_proxies: usize,
}

impl Limits {
    /// Whose a connection from `peer` is while no request is under way on it.
    fn holder(&self, peer: IpAddr) -> Option<IpAddr> {
        (self.trusted_proxies == 0).then_some(peer)
    }
}

/// Serves `router` on `listener` until `drain.stopping` is cancelled, then what has connected until that moment; returns
/// when every request under way is answered.
///
/// By then each connection ends with its next answer. One on which no request is under way gets
/// `limits.last_request` for it: the client, a proxy, may be sending it just now, and would take the end for a failure.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, drain: Drain) {
    let followed = (limits.clone(), drain.draining);
    let router = router.layer(middleware::from_fn_with_state(followed, follow));
    let stop = drain.stopping;
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_HEAD_BYTES);
    let tasks = TaskTracker::new();
    let serve = |stream: TcpStream, peer: SocketAddr, connection: Arc<Connection>| {
        // Answers are written whole: Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
        let service = Extension(ConnectInfo::<SocketAddr>(peer)).layer(router.clone());
        let service = Extension(Arc::clone(&connection)).layer(service);
        let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let (stop, last_request) = (stop.clone(), limits.last_request);
        async move {
            let mut served = std::pin::pin!(served);
            let stopped = async {
                stop.cancelled().await;
                time::sleep(last_request).await;
            };
            // A browser that breaks its connection off is not worth a log line.
            tokio::select! {
                _ = &mut served => return,
                () = connection.displaced() => return,
                () = stopped => {}
            }
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    };
    let admit = async |peer: SocketAddr| Arc::new(limits.connections.admit(limits.holder(peer.ip())).await);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = admit(peer).await;
                tasks.spawn(serve(stream, peer, connection));
            }
            Err(error) => {
                // Out of file descriptors, or the peer has gone already: neither ends the listener.
                tracing::warn!(error = %Causes(&error), "server: accepting a connection failed");
                time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    for (stream, peer) in close(listener) {
        let connection = admit(peer).await;
        tasks.spawn(serve(stream, peer, connection));
    }
    tasks.close();
    tasks.wait().await;
}

/// Closes `listener`, and returns the connections that waited to be accepted: the kernel would reset them, and a proxy
/// repeats no form that may have arrived.
fn close(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let Ok(listener) = listener.into_std() else { return Vec::new() };
    let waiting = std::iter::from_fn(|| listener.accept().ok()).collect::<Vec<_>>();
    drop(listener);
    let usable = waiting.into_iter().filter_map(|(stream, peer)| {
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    });
    usable.collect()
}

/// Refuses a body in any transfer coding but `chunked`, of which hyper looks at the last only, and closes the connection
/// after a chunked request. It may have carried a Content-Length as well, which hyper ignores and a proxy in front may have
/// followed: what comes next on the connection cannot be trusted to be a request (RFC 9112, 6.1).
async fn only_chunks(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let mut codings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
    let (coding, is_only) = (codings.next(), codings.next().is_none());
    let mut response =
        match coding.map(|coding| is_only && coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
            None => return next(request).await,
            Some(true) => next(request).await,
            Some(false) => StatusCode::NOT_IMPLEMENTED.into_response(),
        };
    end_connection(&mut response);
    response
}

/// Tells the connection whose turn it is: the client's until its request has come, the server's until it is answered. While
/// the server drains, it ends with the answer.
async fn follow(
    State((limits, draining)): State<(Limits, CancellationToken)>,
    Extension(connection): Extension<Arc<Connection>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let peer = peer.ip();
    connection.receives(client_address(request.headers(), Some(peer), limits.trusted_proxies));
    let request = request.map(|body| {
        let mut body = Received { body, connection: Arc::clone(&connection) };
        body.note_end();
        Body::new(body)
    });
    let mut response = only_chunks(request, async |request| next.run(request).await).await;
    connection.rests(limits.holder(peer));
    if draining.is_cancelled() {
        end_connection(&mut response);
    }
    response
}

/// The body of a request that tells its connection when it has come.
struct Received {
    body: Body,
    connection: Arc<Connection>,
}

impl Received {
    fn note_end(&mut self) {
        if self.body.is_end_stream() {
            self.connection.answers();
        }
    }
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(None) => self.connection.answers(),
            Poll::Ready(Some(_)) => self.note_end(),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
