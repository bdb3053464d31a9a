//! Why a server does not start.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// The most connections that wait to be accepted; the kernel takes fewer where `net.core.somaxconn` says so.
const BACKLOG: u32 = 4096;

/// Why the server did not start. The text names the setting to look at.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address is in use, or is not one of this machine.
    #[error("cannot listen on {address}: change {setting}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The key and its environment name.
        setting: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// The database cannot be opened or migrated.
    #[error("the store cannot be opened: look at store.url (ENROLL__STORE__URL)")]
    Store(#[from] crate::store::Error),
    /// The message catalogs cannot be loaded.
    #[error(transparent)]
    Messages(#[from] crate::messages::Error),
    /// The client for the OpenTelemetry collector cannot be built.
    #[error("spans cannot be sent: look at section traces")]
    Traces(#[from] crate::tracing_context::Unusable),
    /// The client for NRG cannot be built.
    #[error("the NRG client cannot be built: look at section nrg")]
    Nrg(#[from] crate::nrg::Unusable),
    /// The relay of mails cannot be used.
    #[error("mails cannot be sent: look at section mail")]
    Mail(#[from] crate::mail::InvalidRelay),
    /// The client for the targets of postbacks cannot be built.
    #[error("the client for postbacks cannot be built")]
    Postbacks(#[source] reqwest::Error),
}

/// Binds `address`. `setting` is named in the error, as what changes the address.
///
/// # Errors
/// [`StartError::Listen`].
pub fn listen(address: SocketAddr, setting: &'static str) -> Result<TcpListener, StartError> {
    bind(address).map_err(|source| StartError::Listen { address, setting, source })
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A server that is started again finds connections of the one before that are just ending.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
