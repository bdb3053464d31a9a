//! How mails are sent, as the settings say.

use std::{fmt, time::Duration};

use zeroize::Zeroizing;

/// How mails are sent.
pub struct Settings {
    /// What takes them.
    pub relay: Relay,
    /// The time limit of one attempt, from the connection to the relay's answer.
    pub timeout: Duration,
}

/// What takes mails.
pub enum Relay {
    /// A server that speaks SMTP.
    Smtp {
        /// Its name or address.
        host: String,
        /// Its port.
        port: u16,
        /// How the connection is encrypted.
        tls: Tls,
        /// What it lets this server in by.
        credentials: Option<(String, Zeroizing<String>)>,
        /// Certificate authorities that are trusted for it as well, in PEM.
        authorities: Option<Vec<u8>>,
    },
    /// The memory of the demo, of which a page shows them.
    Capture,
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp { host, port, tls, .. } => {
                let tls: &str = tls.into();
                write!(f, "{host}:{port} (tls = {tls})")
            }
            Self::Capture => f.write_str("nobody: they are shown at /mails of the admin listener"),
        }
    }
}

/// How the connection to a relay is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Tls {
    /// From a command on (STARTTLS), without which nothing is sent.
    Required,
    /// From the first byte.
    Implicit,
    /// Not at all.
    None,
}
