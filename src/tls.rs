//! The cryptography of every TLS connection of this program: ring.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Once},
};

use rustls::{
    ServerConfig,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
};

/// Installs it. Must be called before an HTTP client is built; later calls change nothing.
pub fn provide() {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Refused only if another provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Why a server cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file cannot be read, or is not PEM.
    #[error("{} is no file of {what} in PEM", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What it must have.
        what: &'static str,
        /// Why it is not.
        source: pem::Error,
    },
    /// Certificates and key do not serve together.
    #[error("the certificate and the key do not serve together")]
    Pair(#[from] rustls::Error),
}

/// What a server needs to speak TLS: the certificates in the file `certificates`, its own first, and the key of that one.
///
/// # Errors
/// [`Unusable`].
pub fn server(certificates: &Path, key: &Path) -> Result<Arc<ServerConfig>, Unusable> {
    provide();
    let unreadable = |path: &Path, what| {
        let path = path.to_owned();
        move |source| Unusable::File { path, what, source }
    };
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect)
        .map_err(unreadable(certificates, "certificates"))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key, "a private key"))?;
    Ok(Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?))
}
