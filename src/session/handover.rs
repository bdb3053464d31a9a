//! Handed over: a journey that a partner's system has begun for a person waits under a one-time code, as one that was saved
//! for later does, and begins when the person opens it.

use super::{
    JourneySession, ResumeCode, SessionError, Sessions,
    caps::{Networks, Room},
    journey_session::{serialized, stored_journey},
    store::{FunnelContext, SESSION},
};
use crate::{
    journey::{EvalContext, Journey},
    partners::handovers::{self, Handover, Left, Noted},
    store::{Durability, Error, Tx, millis, sql},
};

/// What became of a request to hand somebody over.
pub enum HandOver {
    /// The journey waits.
    New,
    /// The same request came before: its journey is this one.
    Before(Box<Handover>),
    /// Another request came with the same key before.
    OtherRequest,
}

impl Sessions {
    /// Saves `journey` under `code` until `handover` ends, and notes the handover.
    ///
    /// # Errors
    /// [`SessionError::Full`], or the database failed.
    pub async fn hand_over(
        &self,
        journey: &Journey,
        code: &ResumeCode,
        handover: &Handover,
    ) -> Result<HandOver, SessionError> {
        let (key, data) = (code.row_key(&self.keys), serialized(&journey.to_store())?);
        let sealed = self.keys.seal(&self.entropy, SESSION, &key, data.as_bytes());
        let now = millis(handover.made_at);
        let saved = self.store.transaction(Durability::PowerLoss, async |tx| -> Result<_, SessionError> {
            match handovers::note(tx, handover).await? {
                Noted::New => {}
                Noted::Before(before) => return Ok((HandOver::Before(before), Vec::new())),
                Noted::OtherRequest => return Ok((HandOver::OtherRequest, Vec::new())),
            }
            let Room::Made(ended) = self.make_room(tx, &Networks::default(), now).await? else {
                return Err(SessionError::Full);
            };
            sql!(tx,
                "INSERT INTO sessions (key, key_id, data, moved, version, started, seen, ends, tries, journey)
                 VALUES ($1, $2, $3, FALSE, 1, $4, $4, $5, 0, $6)",
                &key[..], &sealed.key_id, &sealed.blob, now, millis(handover.ends_at), &journey.id => execute)?;
            Ok((HandOver::New, ended))
        });
        let (saved, ended) = saved.await?;
        self.count_ended(&ended);
        Ok(saved)
    }

    /// The journey as it stands, for a reader that is not its browser: of a live session, or of one that was saved for later.
    /// `None`: it has ended, or its session was put aside.
    ///
    /// # Errors
    /// The database failed.
    pub async fn under_way(&self, journey: &str) -> Result<Option<Box<Journey>>, Error> {
        let row: Option<(Vec<u8>, String, Vec<u8>)> = sql!(self.store.reader().await?,
            "SELECT key, key_id, data FROM sessions WHERE journey = $1 AND NOT moved AND ends > $2",
            journey, millis(self.clock.now()) => fetch_optional)?;
        let data = row.and_then(|(key, key_id, data)| self.keys.open(SESSION, &key, &key_id, &data));
        let text = data.and_then(|data| String::from_utf8(data).ok());
        Ok(text.and_then(|text| stored_journey(&text)))
    }

    /// Notes of a journey that was handed over, where it stands as its session ends.
    pub(super) async fn note_left(&self, tx: &mut Tx<'_>, journey: &Journey) -> Result<(), Error> {
        let opened = journey.handed_over.is_some() && !journey.waits_to_be_opened();
        let site = self.funnel.as_ref().and_then(|FunnelContext { sites, .. }| sites.get(&journey.site));
        let Some(site) = site.filter(|_| opened) else { return Ok(()) };
        let now = self.clock.now();
        let context = EvalContext { site, now };
        let stop = journey.stop(context).map(|stop| stop.kind);
        let left = Left { at: now, step: journey.stopped_step(context), stop };
        handovers::left(tx, &journey.id, &left).await
    }
}

impl JourneySession {
    /// Opens the journey that waits under `code`, in place of the session this browser had: its time begins now. Once more,
    /// when the response was lost, it leads to the same session. False: another browser has opened it, or there is none.
    ///
    /// # Errors
    /// [`SessionError::Ended`], or the database failed.
    pub async fn open_handed_over(&mut self, code: &ResumeCode) -> Result<bool, SessionError> {
        let now = self.sessions.clock.now();
        if !self.resume_as_begun(code, Some(millis(now))).await? {
            return Ok(false);
        }
        self.change(|journey| journey.open_handed_over(now)).await?;
        handovers::opened(&self.sessions.store, &self.journey.id, now).await?;
        Ok(true)
    }
}
