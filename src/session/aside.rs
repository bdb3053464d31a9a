//! Visits put aside: a session without a browser, to be taken up again with a one-time code, on whichever device.
//!
//! It is a row like any other, sealed anew under another name: the broom and the affiliate's targets treat it so, and it
//! ends where the absolute limit of its session does. The old cookie opens nothing. The code itself is never stored; a
//! copied table gives none.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{
    SaveError, SessionId, Sessions, Version,
    store::{ASIDE, HANDOVER, Row, SESSION},
};
use crate::store::{Error, millis, on_reader, on_writer, span, transaction};

/// How often a code may be tried.
pub const TRIES: i64 = 5;

/// What the link of a visit put aside carries: 16 random bytes, only ever drawn by the server.
#[derive(Clone, PartialEq, Eq, ZeroizeOnDrop)]
pub struct ResumeCode([u8; 16]);

impl ResumeCode {
    /// Reads a code as it stands in a link; spaces around it are what pasting leaves. `None`: not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim()).ok()?);
        Some(Self(bytes.as_slice().try_into().ok()?))
    }

    /// As it stands in a link: 22 characters of base64url.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The key of the row. No cookie leads there: this is the hash of more than its 32 bytes.
    fn row_key(&self) -> [u8; 32] {
        Sha256::new().chain_update(b"resume code of a visit put aside").chain_update(self.0).finalize().into()
    }
}

/// One try to take a visit up.
pub struct Tried {
    /// What was put aside.
    pub data: Vec<u8>,
    /// How many more tries there are.
    pub left: i64,
}

impl Sessions {
    /// Puts the session aside as it was loaded at `version`, holding `data`. Its cookie opens nothing from now on.
    ///
    /// # Errors
    /// [`SaveError::Conflict`], [`SaveError::Ended`], or the database failed.
    pub async fn put_aside(
        &self,
        id: &SessionId,
        version: Version,
        data: &[u8],
    ) -> Result<ResumeCode, SaveError> {
        let code = ResumeCode(self.entropy.bytes());
        let (old_key, key) = (id.row_key(), code.row_key());
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data);
        let left = self.keys.seal(&self.entropy, ASIDE, &old_key, &key);
        let now = millis(self.clock.now());
        let moved = transaction!(&self.store, tx => {
            let moved = sqlx::query(
                "UPDATE sessions SET key_id = $3, data = $4, moved = TRUE, ends = $5
                 WHERE key = $1 AND version = $2 AND NOT moved AND ends > $6")
                .bind(&old_key[..]).bind(version.0).bind(&left.key_id).bind(&left.blob)
                .bind(now + span(HANDOVER)).bind(now)
                .execute(&mut *tx).await?.rows_affected() == 1;
            if moved {
                sqlx::query(
                    "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends, tries)
                     SELECT $2, $3, $4, FALSE, version + 1, started, $5, started + $6, 0
                     FROM sessions WHERE key = $1")
                    .bind(&old_key[..]).bind(&key[..]).bind(&sealed.key_id).bind(&sealed.blob)
                    .bind(now).bind(span(self.limits.absolute))
                    .execute(&mut *tx).await?;
            }
            moved
        });
        if moved {
            return Ok(code);
        }
        let there = self.row(&old_key).await?.is_some_and(|row| !row.moved);
        Err(if there { SaveError::Conflict } else { SaveError::Ended })
    }

    /// A new code for what the session `id` was put aside as less than a minute ago, and what it held: a browser that
    /// cancelled the first answer (a double click) has not seen its code, which is dead then. `None`: there is nothing,
    /// or somebody has tried the code.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put_aside_again(&self, id: &SessionId) -> Result<Option<(ResumeCode, Vec<u8>)>, Error> {
        let old_key = id.row_key();
        let Some(left) = self.row(&old_key).await? else { return Ok(None) };
        let key = self.keys.open(ASIDE, &old_key, &left.key_id, &left.data);
        let Some(key) = key.and_then(|key| <[u8; 32]>::try_from(key).ok()) else { return Ok(None) };
        let Some(row) = self.row(&key).await? else { return Ok(None) };
        let Some(data) = self.keys.open(SESSION, &key, &row.key_id, &row.data) else { return Ok(None) };
        let code = ResumeCode(self.entropy.bytes());
        let new_key = code.row_key();
        let sealed = self.keys.seal(&self.entropy, SESSION, &new_key, &data);
        let left = self.keys.seal(&self.entropy, ASIDE, &old_key, &new_key);
        let again = transaction!(&self.store, tx => {
            let again = sqlx::query(
                "UPDATE sessions SET key = $2, key_id = $3, data = $4 WHERE key = $1 AND tries = 0")
                .bind(&key[..]).bind(&new_key[..]).bind(&sealed.key_id).bind(&sealed.blob)
                .execute(&mut *tx).await?.rows_affected() == 1;
            if again {
                sqlx::query("UPDATE sessions SET key_id = $2, data = $3 WHERE key = $1 AND moved")
                    .bind(&old_key[..]).bind(&left.key_id).bind(&left.blob)
                    .execute(&mut *tx).await?;
            }
            again
        });
        Ok(again.then_some((code, data)))
    }

    /// What was put aside under `code`; counts no try. `None`: there is nothing, or not any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn aside(&self, code: &ResumeCode) -> Result<Option<Vec<u8>>, Error> {
        let key = code.row_key();
        let row: Option<Row> = on_reader!(&self.store, db => sqlx::query_as(
            "SELECT key_id, data, moved, version, started, seen FROM sessions
             WHERE key = $1 AND ends > $2 AND tries < $3")
            .bind(&key[..]).bind(millis(self.clock.now())).bind(TRIES)
            .fetch_optional(db).await)?;
        Ok(row.and_then(|row| self.keys.open(SESSION, &key, &row.key_id, &row.data)))
    }

    /// Counts a try of `code`, before it is known to be right. `None`: there is nothing, or no try left.
    ///
    /// # Errors
    /// The database failed.
    pub async fn try_code(&self, code: &ResumeCode) -> Result<Option<Tried>, Error> {
        let key = code.row_key();
        let row: Option<(String, Vec<u8>, i64)> = on_writer!(&self.store, db => sqlx::query_as(
            "UPDATE sessions SET tries = tries + 1 WHERE key = $1 AND ends > $2 AND tries < $3
             RETURNING key_id, data, tries")
            .bind(&key[..]).bind(millis(self.clock.now())).bind(TRIES)
            .fetch_optional(db).await)?;
        Ok(row.and_then(|(key_id, data, tries)| {
            let data = self.keys.open(SESSION, &key, &key_id, &data)?;
            Some(Tried { data, left: TRIES - tries })
        }))
    }

    /// Makes what was put aside under `code` a session again, with a new id; its absolute limit stays. `None`: somebody
    /// else was quicker.
    ///
    /// # Errors
    /// The database failed.
    pub async fn take_up(&self, code: &ResumeCode, data: &[u8]) -> Result<Option<SessionId>, Error> {
        let id = SessionId::new(self.entropy.bytes());
        let (old_key, key) = (code.row_key(), id.row_key());
        let now = millis(self.clock.now());
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data);
        let taken = on_writer!(&self.store, db => sqlx::query(
            "UPDATE sessions SET key = $2, key_id = $3, data = $4, tries = NULL, seen = $5,
                 ends = CASE WHEN started + $6 < $5 + $7 THEN started + $6 ELSE $5 + $7 END
             WHERE key = $1 AND ends > $5 AND tries IS NOT NULL")
            .bind(&old_key[..]).bind(&key[..]).bind(&sealed.key_id).bind(&sealed.blob)
            .bind(now).bind(span(self.limits.absolute)).bind(span(self.limits.idle))
            .execute(db).await.map(|done| done.rows_affected()))?;
        Ok((taken == 1).then_some(id))
    }

    /// Deletes what was put aside under `code`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn give_up(&self, code: &ResumeCode) -> Result<(), Error> {
        self.delete_row(&code.row_key()).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::{
        ambient::{Clock, Entropy},
        session::Limits,
        store::{
            Keys, Store,
            testing::{Hands, each},
        },
    };

    const HOUR: Duration = Duration::from_secs(3600);
    const LIMITS: Limits =
        Limits { idle: Duration::from_secs(30 * 60), absolute: Duration::from_secs(12 * 3600) };

    fn sessions(store: &Store, clock: &Clock) -> Sessions {
        let keys = Keys::parse([format!("k:{}", STANDARD.encode([1; 32]))]).unwrap();
        Sessions::new(store.clone(), keys, clock.clone(), Entropy::system(), LIMITS)
    }

    #[test]
    fn a_code_is_read_as_it_was_written_and_nothing_else_is() {
        let code = ResumeCode([7; 16]);
        assert!(ResumeCode::parse(&format!(" {}\n", code.text())).unwrap() == code);
        let (long, short) = ("A".repeat(23), "A".repeat(21));
        for text in ["", "A", "not a code!", &long, &short] {
            assert!(ResumeCode::parse(text).is_none(), "{text}");
        }
    }

    #[tokio::test]
    async fn what_is_put_aside_leaves_its_cookie_and_is_taken_up_once_under_a_new_id() {
        each(async |store| {
            let (hands, clock) = Hands::new();
            let sessions = sessions(&store, &clock);
            let (old, version) = sessions.create(b"canary").await.unwrap();
            let begun = clock.now();
            let code = sessions.put_aside(&old, version, b"canary two").await.unwrap();
            assert!(sessions.load(&old).await.unwrap().is_none());
            assert!(matches!(sessions.put_aside(&old, version, b"x").await, Err(SaveError::Ended)));
            assert!(matches!(sessions.save(&old, version, b"x").await, Err(SaveError::Conflict)));
            // Nothing of the code is in its row, and what is there opens nowhere else.
            let (key, data): (Vec<u8>, Vec<u8>) =
                on_reader!(&store, db => sqlx::query_as("SELECT key, data FROM sessions WHERE NOT moved")
                    .fetch_one(db).await)
                .unwrap();
            assert!(!key.windows(16).any(|part| part == code.0));
            assert!(!data.windows(6).any(|part| part == b"canary"));
            assert!(sessions.load(&SessionId::new(key.try_into().unwrap())).await.unwrap().is_none());

            hands.forward(11 * HOUR);
            assert_eq!(sessions.sweep(9).await.unwrap(), 1, "what the cookie led to; it is not idle itself");
            assert_eq!(sessions.sweep(9).await.unwrap(), 0);
            assert_eq!(sessions.aside(&code).await.unwrap().unwrap(), b"canary two");
            let tried = sessions.try_code(&code).await.unwrap().unwrap();
            assert_eq!((tried.data.as_slice(), tried.left), (&b"canary two"[..], 4));
            let race = (0..10).map(|_| {
                let (sessions, code) = (sessions.clone(), code.clone());
                tokio::spawn(async move { sessions.take_up(&code, b"canary two").await.unwrap() })
            });
            let taken: Vec<SessionId> =
                futures_util::future::join_all(race).await.into_iter().filter_map(Result::unwrap).collect();
            let [new] = taken.as_slice() else { panic!("taken up {} times", taken.len()) };
            assert!(*new != old);
            let loaded = sessions.load(new).await.unwrap().unwrap();
            assert_eq!((loaded.data.as_slice(), loaded.started), (&b"canary two"[..], begun));
            assert!(sessions.aside(&code).await.unwrap().is_none());
            assert!(sessions.try_code(&code).await.unwrap().is_none());
            assert!(matches!(sessions.save(new, version, b"x").await, Err(SaveError::Conflict)));
            sessions.save(new, loaded.version, b"canary three").await.unwrap();
            // The twelve hours count from the first request.
            hands.forward(20 * Duration::from_secs(60));
            assert!(sessions.load(new).await.unwrap().is_some());
            hands.forward(HOUR);
            assert!(sessions.load(new).await.unwrap().is_none());
        })
        .await;
    }

    #[tokio::test]
    async fn a_code_has_five_tries_and_ends_with_its_session() {
        each(async |store| {
            let (hands, clock) = Hands::new();
            let sessions = sessions(&store, &clock);
            let (id, version) = sessions.create(b"x").await.unwrap();
            let newer = sessions.save(&id, version, b"y").await.unwrap();
            assert!(matches!(sessions.put_aside(&id, version, b"x").await, Err(SaveError::Conflict)));
            let code = sessions.put_aside(&id, newer, b"y").await.unwrap();
            let race = (0..20).map(|_| {
                let (sessions, code) = (sessions.clone(), code.clone());
                tokio::spawn(async move { sessions.try_code(&code).await.unwrap().map(|tried| tried.left) })
            });
            let tried = futures_util::future::join_all(race).await;
            let mut left: Vec<i64> = tried.into_iter().filter_map(Result::unwrap).collect();
            left.sort_unstable();
            assert_eq!(left, [0, 1, 2, 3, 4], "never a sixth");
            assert!(sessions.aside(&code).await.unwrap().is_none());
            sessions.give_up(&code).await.unwrap();
            assert_eq!(sessions.count().await.unwrap(), 0);

            let (id, version) = sessions.create(b"x").await.unwrap();
            let code = sessions.put_aside(&id, version, b"x").await.unwrap();
            hands.forward(12 * HOUR);
            assert!(sessions.aside(&code).await.unwrap().is_none());
            assert!(sessions.try_code(&code).await.unwrap().is_none());
            assert!(sessions.take_up(&code, b"x").await.unwrap().is_none());
            // The row, and what each of the two cookies led to.
            assert_eq!(sessions.sweep(9).await.unwrap(), 3);
        })
        .await;
    }

    #[tokio::test]
    async fn a_second_press_within_a_minute_gets_a_code_of_its_own_and_the_first_is_dead() {
        each(async |store| {
            let (hands, clock) = Hands::new();
            let sessions = sessions(&store, &clock);
            let (id, version) = sessions.create(b"x").await.unwrap();
            assert!(sessions.put_aside_again(&id).await.unwrap().is_none());
            let first = sessions.put_aside(&id, version, b"x").await.unwrap();
            let (second, data) = sessions.put_aside_again(&id).await.unwrap().unwrap();
            let (third, _) = sessions.put_aside_again(&id).await.unwrap().unwrap();
            assert_eq!(data, b"x");
            for dead in [&first, &second] {
                assert!(sessions.aside(dead).await.unwrap().is_none());
            }
            assert!(sessions.load(&id).await.unwrap().is_none(), "the cookie opens nothing meanwhile");
            assert!(matches!(sessions.save(&id, version, b"y").await, Err(SaveError::Conflict)));
            sessions.try_code(&third).await.unwrap().unwrap();
            assert!(sessions.put_aside_again(&id).await.unwrap().is_none(), "somebody has the code");

            let (id, version) = sessions.create(b"x").await.unwrap();
            let code = sessions.put_aside(&id, version, b"x").await.unwrap();
            hands.forward(Duration::from_secs(60));
            assert!(sessions.put_aside_again(&id).await.unwrap().is_none());
            assert!(sessions.aside(&code).await.unwrap().is_some());
        })
        .await;
    }
}
