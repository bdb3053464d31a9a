//! Draining: a server that is to stop reports itself not ready for a while and serves on, so that the load balancer sends
//! visitors elsewhere; only then does it stop listening.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio_util::sync::CancellationToken;

use crate::web::headers::end_connection;

/// Once `draining` is cancelled, closes the connection after each answer: a proxy that keeps connections open must not
/// send the next request into one that is just being closed.
pub async fn close_connections(
    State(draining): State<CancellationToken>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if draining.is_cancelled() {
        end_connection(&mut response);
    }
    response
}
