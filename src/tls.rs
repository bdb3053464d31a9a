//! The cryptography of every TLS connection this program opens: ring.

use std::sync::Once;

/// Installs it. Must be called before an HTTP client is built; later calls change nothing.
pub fn provide() {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Refused only if another provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
