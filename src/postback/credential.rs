//! What the server shows a target that asks who calls.

use std::{fs, io, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use zeroize::Zeroizing;

/// The value of the header `Authorization`. No `Debug`.
#[derive(Clone)]
pub enum Credential {
    /// `user:password`.
    Basic(Zeroizing<String>),
    /// A token.
    Bearer(Zeroizing<String>),
    /// The path of a file with a token. It is read for each request: such tokens often live for an hour only.
    BearerFile(PathBuf),
}

impl Credential {
    /// The secret of it, as it is now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn secret(&self) -> io::Result<Zeroizing<String>> {
        Ok(match self {
            Self::Basic(secret) | Self::Bearer(secret) => secret.clone(),
            Self::BearerFile(path) => {
                let text = Zeroizing::new(fs::read_to_string(path)?);
                Zeroizing::new(text.trim().to_owned())
            }
        })
    }

    /// The header's value with that secret, marked as sensitive. None: the secret has what no header may have.
    pub(super) fn header(&self, secret: &str) -> Option<HeaderValue> {
        let text = Zeroizing::new(match self {
            Self::Basic(_) => format!("Basic {}", STANDARD.encode(secret)),
            Self::Bearer(_) | Self::BearerFile(_) => format!("Bearer {secret}"),
        });
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}
