//! The cryptography of every TLS connection this program opens: ring, whoever asks first.

use std::sync::Once;

/// Must have been called before the first HTTP client is built.
pub fn provide() {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Refused only where another provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
