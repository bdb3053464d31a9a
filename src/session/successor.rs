//! The id that replaces another: how it is made, and where the replaced one leads.

use super::{
    RowKey, SessionId, Sessions,
    store::{Row, SAVED, SESSION, SUCCESSOR},
};
use crate::store::{Durability, Error, millis, span, sql};

/// What became of an id that opens no session.
pub(super) enum Successor {
    /// Nothing is known of it, or its session has ended.
    None,
    /// It was replaced by an id that no browser has returned yet.
    Unused(SessionId),
    /// It was replaced, and its successor has been used.
    Used,
    /// Its journey was saved for later, under a code that nobody has tried.
    Saved,
    /// Its session timed out, and was put aside for who gives the birth date again.
    TimedOut,
    /// It is encrypted with a key that this server does not have, and another may.
    UnknownKey,
}

impl Sessions {
    /// Replaces the id of the session, which holds `data` at `row` and counts as begun when that says. The old id leads to
    /// the new one for as long as the session may last. The version stays as it was. `None`: somebody has saved or replaced it since.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn replace_id(&self, row: &Row, data: &str) -> Result<Option<(SessionId, Row)>, Error> {
        let new = SessionId::random(&self.entropy);
        let next = Row {
            key: new.row_key(),
            confirmed: true,
            used: false,
            rotate: false,
            saved: false,
            ..row.clone()
        };
        let sealed = self.keys.seal(&self.entropy, SESSION, &next.key, data.as_bytes());
        let pointer = self.keys.seal(&self.entropy, SUCCESSOR, &row.key, new.bytes());
        let now = millis(self.clock.now());
        let replaced = self.store.transaction(Durability::ProcessCrash, async |tx| -> Result<bool, Error> {
            let moved = sql!(tx,
                "UPDATE sessions SET key_id = $3, data = $4, moved = TRUE, ends = $5
                 WHERE key = $1 AND version = $2 AND NOT moved",
                &row.key[..], row.version, &pointer.key_id, &pointer.blob,
                row.started + span(self.limits.absolute) => execute)?;
            if moved == 1 {
                sql!(tx,
                    "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends, journey, answered,
                         network, wide_network)
                     SELECT $2, $3, $4, FALSE, version, $7, $5, $6, journey, answered, network, wide_network
                     FROM sessions WHERE key = $1",
                    &row.key[..], &next.key[..], &sealed.key_id, &sealed.blob, now, self.end(&next, now), next.started
                    => execute)?;
            }
            Ok(moved == 1)
        });
        Ok(replaced.await?.then_some((new, next)))
    }

    /// What became of `id`, which opens no session. An id of the version before that is still live is replaced now.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn successor(&self, id: &SessionId) -> Result<Successor, Error> {
        let key = id.row_key();
        let Some(stored) = self.stored(&key).await? else { return Ok(Successor::None) };
        if !self.keys.knows(&stored.key_id) {
            tracing::warn!(key_id = stored.key_id, "session: session.keys lacks the key of a stored session");
            return Ok(Successor::UnknownKey);
        }
        if self.open_timed_out(&stored).is_some() {
            return Ok(Successor::TimedOut);
        }
        if !stored.moved {
            let Some(found) = self.open(&stored).filter(|_| id.library().is_none()) else {
                return Ok(Successor::None);
            };
            let replaced = self.replace_id(&found.row, &found.journey).await?;
            // Where another request was first, that one has a session for the browser.
            return Ok(replaced.map_or(Successor::Used, |(new, _)| Successor::Unused(new)));
        }
        if let Some(new) = self.keys.open(SUCCESSOR, &key, &stored.key_id, &stored.data) {
            let Ok(new) = new.try_into().map(SessionId::from_bytes) else { return Ok(Successor::None) };
            if new.library().is_none() {
                return Box::pin(self.successor(&new)).await;
            }
            return Ok(match self.stored(&new.row_key()).await? {
                None => Successor::None,
                Some(next) if next.used || next.moved => Successor::Used,
                Some(_) => Successor::Unused(new),
            });
        }
        let saved = self.keys.open(SAVED, &key, &stored.key_id, &stored.data);
        let Some(Ok(saved)) = saved.map(RowKey::try_from) else {
            tracing::warn!(key_id = stored.key_id, "session: stored session cannot be decrypted");
            return Ok(Successor::None);
        };
        let untried = self.stored(&saved).await?.is_some_and(|row| !row.moved && row.tries == Some(0));
        Ok(if untried { Successor::Saved } else { Successor::None })
    }
}
