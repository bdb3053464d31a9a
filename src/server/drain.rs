//! Draining: a server that is to stop reports itself not ready for a while and serves on, so that the load balancer sends
//! visitors elsewhere; only then does it stop listening.

use tokio_util::sync::CancellationToken;

/// The two moments of a drain, as a listener learns of them. By default neither ever comes.
#[derive(Clone, Default)]
pub struct Drain {
    /// Cancelled when the server begins to drain. From then on each answer ends its connection: a proxy that keeps
    /// connections open must not send the next request into one that is just being closed.
    pub draining: CancellationToken,
    /// Cancelled when the listener stops accepting connections.
    pub stopping: CancellationToken,
}
