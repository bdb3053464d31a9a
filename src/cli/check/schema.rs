//! The tables: whether they are of this release.

use crate::store::{Error, Schema, Store};

/// What is to be known of the tables in `store`; none if they are as this release makes them.
///
/// # Errors
/// [`Error::TooNew`]; the database does not answer.
pub(super) async fn note(store: &Store) -> Result<Option<String>, Error> {
    let Schema { known, applied, oldest } = store.schema().await?;
    Ok(match applied {
        _ if known < oldest => return Err(Error::TooNew { known, oldest }),
        0 => Some("The database is empty: the server makes its tables when it starts.".to_owned()),
        applied if applied > known => {
            Some(format!("A newer release has migrated the database ({applied}). This one works with it."))
        }
        applied if applied < known => Some(format!(
            "The server migrates the database from {applied} to {known} when it starts. Servers of the release before go on."
        )),
        _ => None,
    })
}
