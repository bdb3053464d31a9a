//! The reminder: a session that times out is saved for later, and its link is mailed, where the person has agreed to that on
//! the contact page. Once for each journey.
//!
//! The row gets the key of the code and is one like any other that was saved (`saved`). The old cookie opens nothing and
//! leads nowhere. The journey counts as abandoned from then on, and the end of its row says nothing again.

use std::time::Duration;

use super::{
    ResumeCode, RowKey, Sessions,
    journey_session::{serialized, stored_journey},
    reminders::Reminders,
    store::SESSION,
};
use crate::{
    mail::{self, Mails},
    rate_limit::RateLimiter,
    store::{Durability, Error, span, sql},
};

/// A link that ends sooner is not worth a mail.
const SHORTEST: Duration = Duration::from_secs(3600);

impl Sessions {
    /// The same sessions, which mail reminders by `mails`, as often as `limits` let them.
    pub fn with_reminders(self, mails: Mails, limits: RateLimiter) -> Self {
        Self { reminders: Some(Reminders::new(mails, limits)), ..self }
    }

    /// Saves the session of that key and mails its link, if it has timed out by `now` and its person is to be reminded.
    /// Returns whether it was.
    pub(super) async fn remind(&self, key: &RowKey, now: i64) -> Result<bool, Error> {
        let Some(reminders) = &self.reminders else { return Ok(false) };
        let row: Option<(String, Vec<u8>, i64, i64)> = sql!(self.store.reader().await?,
            "SELECT key_id, data, version, started FROM sessions
             WHERE key = $1 AND ends <= $2 AND started + $3 > $2 AND NOT moved AND confirmed AND tries IS NULL",
            &key[..], now, span(self.limits.absolute) - span(SHORTEST) => fetch_optional)?;
        let Some((key_id, data, version, started)) = row else { return Ok(false) };
        let text = self.keys.open(SESSION, key, &key_id, &data).and_then(|data| String::from_utf8(data).ok());
        let Some(mut journey) = text.and_then(|text| stored_journey(&text)) else { return Ok(false) };
        let code = ResumeCode::new(&self.entropy);
        let ends = started + span(self.limits.absolute);
        let Some(mail) = reminders.mail(&journey, &code, ends).await? else { return Ok(false) };
        journey.mark_abandoned();
        let Ok(text) = serialized(&journey.to_store()) else { return Ok(false) };
        let new_key = code.row_key(&self.keys);
        let sealed = self.keys.seal(&self.entropy, SESSION, &new_key, text.as_bytes());
        let saved = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<_, Error> {
            let saved = sql!(tx,
                "UPDATE sessions SET key = $3, key_id = $4, data = $5, version = version + 1, tries = 0, ends = $6,
                     network = NULL, wide_network = NULL
                 WHERE key = $1 AND version = $2 AND ends <= $7 AND NOT moved AND tries IS NULL",
                &key[..], version, &new_key[..], &sealed.key_id, &sealed.blob, ends, now => execute)?;
            if saved == 0 {
                return Ok((false, false));
            }
            sql!(tx, "DELETE FROM sessions WHERE journey = $1 AND moved", &journey.id => execute)?;
            mail::enqueue(tx, &mail).await?;
            Ok((true, self.end_journey(tx, &journey).await?))
        });
        let (saved, abandoned) = saved.await?;
        if abandoned {
            self.count_ended(&[*journey]);
        }
        Ok(saved)
    }
}
