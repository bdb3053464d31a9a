//! How PostgreSQL is connected to.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::error::Error;

/// What the address says. An IPv6 address stands in brackets in it, which the driver would look up as a name.
///
/// # Errors
/// [`Error::Address`].
pub(super) fn options(url: &str) -> Result<PgConnectOptions, Error> {
    let options = PgConnectOptions::from_str(url).map_err(|_| Error::Address)?;
    // No table has floats, and PgBouncer refuses this parameter unless it is told to ignore it.
    let options = options.extra_float_digits(None);
    let host = options.get_host().strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    Ok(match host.map(str::to_owned) {
        Some(address) => options.host(&address),
        None => options,
    })
}
