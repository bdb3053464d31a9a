//! Why a target did not answer, in a few words for an operator: what has to be repaired, and where.

use std::{error::Error, fmt, io};

use crate::causes::causes;
use rustls::CertificateError;

/// Why a name leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// The name has no address.
    Unknown,
    /// It has none that may be called.
    Forbidden,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "its name has no address",
            Self::Forbidden => "no address that may be called",
        })
    }
}

impl Error for Unresolved {}

/// What kept a request from being answered, directly or by a proxy.
pub(super) fn why(error: &reqwest::Error, by_proxy: bool) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let tls = causes(error).any(|cause| cause.is::<rustls::Error>());
    if by_proxy && error.is_connect() && !tls {
        // The words of the last cause are those of the proxy's protocol: none of the settings.
        let last = causes(error).last().map(ToString::to_string).unwrap_or_default();
        return format!("its proxy does not connect it: {last}");
    }
    let cause = causes(error).find_map(|cause| {
        if let Some(unresolved) = cause.downcast_ref::<Unresolved>() {
            return Some(unresolved.to_string());
        }
        if let Some(fault) = cause.downcast_ref::<rustls::Error>() {
            return Some(of_tls(fault).to_owned());
        }
        cause.downcast_ref::<io::Error>().and_then(|error| of_network(error.kind())).map(str::to_owned)
    });
    match cause {
        Some(cause) => format!("cannot be reached: {cause}"),
        None if error.is_connect() => "cannot be reached".to_owned(),
        None => "broke off".to_owned(),
    }
}

fn of_network(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some("it refuses connections"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some("no route to it"),
        _ => None,
    }
}

fn of_tls(fault: &rustls::Error) -> &'static str {
    let rustls::Error::InvalidCertificate(fault) = fault else { return "TLS fails with it" };
    match fault {
        CertificateError::UnknownIssuer => "its certificate is of an authority that is not trusted",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        CertificateError::Revoked => "its certificate was revoked",
        _ => "its certificate is not trusted",
    }
}
