//! How a server leaves without anyone noticing: for a while it says "not ready" and goes on serving, so that the load
//! balancer sends visitors elsewhere; only then does it stop to listen.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tokio::sync::watch;

use crate::web::headers::end_connection;

/// Once the server is leaving, every answer is the last of its connection: a proxy that keeps connections open must
/// not send the next request into one that is just being closed.
pub async fn close_connections(
    State(leaving): State<watch::Receiver<bool>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if *leaving.borrow() {
        end_connection(&mut response);
    }
    response
}
