//! What to look at when a call to NRG fails.

use crate::nrg::{Error, Kind, Refusal};

/// The error of the brand `name`, with what to look at.
pub(super) fn explained(name: &str, error: Error, more: &str) -> anyhow::Error {
    let hint = hint(&error);
    anyhow::Error::from(error).context(format!("{name}: {hint}{more}"))
}

/// What to look at when a call fails so.
pub(super) fn hint(error: &Error) -> &'static str {
    match error.kind {
        Kind::Refused(Refusal::Unauthorized) => {
            "401: nrg.username or nrg.password is wrong (ENROLL__NRG__USERNAME, ENROLL__NRG__PASSWORD)"
        }
        Kind::Refused(Refusal::NotAllowListed) if error.by_proxy => {
            "403: NRG does not allow the address nrg.proxy goes out by, or this affiliate.id, and answers both alike: compare affiliate.id with what NRG issued, then ask NRG to allow-list that address"
        }
        Kind::Refused(Refusal::NotAllowListed) => {
            "403: NRG does not allow this address, or this affiliate.id, and answers both alike: compare affiliate.id with what NRG issued, then ask NRG to allow-list the address this machine goes out by"
        }
        Kind::InvalidResponse if error.is_from_gateway() => {
            "a redirect or a page, not NRG's API: look at nrg.base_url and nrg.base_path, then ask NRG to allow-list the address this machine goes out by"
        }
        Kind::Unreachable if error.by_proxy => {
            "NRG cannot be reached by way of nrg.proxy: look at nrg.proxy and nrg.proxy_credentials (ENROLL__NRG__PROXY, ENROLL__NRG__PROXY_CREDENTIALS), and whether it passes on to nrg.base_url"
        }
        Kind::Unreachable | Kind::ConnectionLost | Kind::TimedOut => {
            "NRG cannot be reached: look at nrg.base_url (ENROLL__NRG__BASE_URL)"
        }
        Kind::Rejected => "400: look at affiliate.id and the promo code",
        Kind::ServerError | Kind::InvalidResponse | Kind::TooLarge => "NRG did not answer as it should",
    }
}
