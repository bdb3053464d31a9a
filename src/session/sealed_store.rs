//! tower-sessions' store, for one request: the row it has loaded, behind the library's `SessionStore`.
//!
//! The library's store knows no versions and its errors are texts. So this one keeps the row that was loaded, saves
//! by compare-and-swap from it, and keeps the typed error of a failure beside the library's. It finds the row by the
//! id of the cookie once; from then on by its journey, so that a call which outlives its request saves its answer to
//! whatever id the session has by then.

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::Mutex;
use tower_sessions::{
    Session, SessionStore,
    cookie::time::OffsetDateTime,
    session::{Id, Record},
    session_store,
};

use super::{
    RowKey, SessionError, SessionId, Sessions,
    store::{Loaded, Row},
};

/// The member of a record's data that holds the journey, as one JSON text: the library's own tree of values is not built.
pub(super) const JOURNEY: &str = "journey";
/// The member that holds the journey's id.
pub(super) const JOURNEY_ID: &str = "id";

/// The store of one request.
pub(super) struct SealedStore {
    sessions: Arc<Sessions>,
    /// Where a session is begun from.
    client: Option<IpAddr>,
    row: Mutex<Option<Row>>,
    /// What was read before the library asks for it.
    read: Mutex<Option<Loaded>>,
    /// Whether the next save notes that the session is to get a new id, whatever is loaded until then.
    rotate: AtomicBool,
    failure: Mutex<Option<SessionError>>,
}

impl SealedStore {
    /// A store that finds a session by its id, or creates one for `client`.
    pub(super) fn begun_by(sessions: &Arc<Sessions>, client: Option<IpAddr>) -> Self {
        Self {
            sessions: Arc::clone(sessions),
            client,
            row: Mutex::new(None),
            read: Mutex::new(None),
            rotate: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    /// A store that holds the session as it stands in `row`.
    pub(super) fn at(sessions: &Arc<Sessions>, row: Row) -> Self {
        Self { row: Mutex::new(Some(row)), ..Self::begun_by(sessions, None) }
    }

    /// Reads the session of that key, if it is live, for the library's next `load`: the library boxes what it waits for,
    /// and a box as large as a statement of the database would be filled and wiped for each page. False: it is not.
    pub(super) async fn read_ahead(&self, key: &RowKey) -> Result<bool, SessionError> {
        let found = self.sessions.find(key).await?;
        let live = found.is_some();
        *self.read.lock().await = found;
        Ok(live)
    }

    /// What `of` says of the row as it was loaded or saved last. `None`: there is none.
    pub(super) async fn see<T>(&self, of: impl FnOnce(&Row) -> T) -> Option<T> {
        self.row.lock().await.as_ref().map(of)
    }

    /// The row as it was loaded or saved last. `None`: there is none.
    pub(super) async fn row(&self) -> Option<Row> {
        self.row.lock().await.clone()
    }

    /// Has the next save note that the browser has returned the cookie.
    pub(super) async fn set_used(&self) {
        if let Some(row) = &mut *self.row.lock().await {
            (row.confirmed, row.used) = (true, true);
        }
    }

    /// Has the next save note that somebody has posted a form.
    pub(super) async fn set_answered(&self) {
        if let Some(row) = &mut *self.row.lock().await {
            row.answered = true;
        }
    }

    /// Has the next save note that the session is to get a new id.
    pub(super) fn set_rotate(&self) {
        self.rotate.store(true, Ordering::Relaxed);
    }

    /// The typed error behind an error of the library, which is a text.
    pub(super) async fn failure(&self, error: &tower_sessions::session::Error) -> SessionError {
        let failure = self.failure.lock().await.take();
        failure.unwrap_or_else(|| SessionError::Library(error.to_string()))
    }

    async fn fail<T>(&self, error: impl Into<SessionError>) -> session_store::Result<T> {
        *self.failure.lock().await = Some(error.into());
        Err(session_store::Error::Backend("the typed error is kept beside".to_owned()))
    }

    fn record(&self, id: Id, found: Loaded) -> Record {
        let mut data = HashMap::with_capacity(2);
        data.insert(JOURNEY.to_owned(), Value::String(found.journey));
        // The session ends by the injected clock, which the row is compared with; the library's own is never asked.
        Record { id, data, expiry_date: OffsetDateTime::UNIX_EPOCH }
    }
}

impl Sessions {
    /// The session of `id` as the library has it, for who does not come with a request: its data has the journey's id
    /// (`id`) and the journey as a JSON text (`journey`). `None`: the id is one of the version before.
    pub fn session(self: &Arc<Self>, id: &SessionId) -> Option<Session> {
        Some(Session::new(Some(id.library()?), Arc::new(SealedStore::begun_by(self, None)), None))
    }
}

/// The member `name` of a record's data.
fn member<'r>(record: &'r Record, name: &str) -> session_store::Result<&'r str> {
    let value = record.data.get(name).and_then(Value::as_str);
    value.ok_or_else(|| session_store::Error::Encode(format!("a session without {name}")))
}

#[async_trait]
impl SessionStore for SealedStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        let id = SessionId::random(&self.sessions.entropy);
        let inserted = self
            .sessions
            .insert(&id, self.client, member(record, JOURNEY_ID)?, member(record, JOURNEY)?)
            .await;
        match (inserted, id.library()) {
            (Ok(row), Some(library)) => {
                record.id = library;
                *self.row.lock().await = Some(row);
                Ok(())
            }
            (Err(error), _) => self.fail(error).await,
            (Ok(_), None) => Err(session_store::Error::Encode("an id the library cannot hold".to_owned())),
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let mut row = self.row.lock().await;
        let Some(from) = &*row else { return self.fail(SessionError::Ended).await };
        let from = Row { rotate: from.rotate || self.rotate.load(Ordering::Relaxed), ..from.clone() };
        match self.sessions.update(&from, member(record, JOURNEY_ID)?, member(record, JOURNEY)?).await {
            Ok(saved) => {
                *row = Some(saved);
                // Noted, once: a later save would have an id replaced that is new already.
                self.rotate.store(false, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => self.fail(error).await,
        }
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let mut row = self.row.lock().await;
        let read = self.read.lock().await.take();
        let found = match (read, row.as_ref().and_then(|row| row.journey.as_deref())) {
            (Some(read), _) => Ok(Some(read)),
            (None, Some(journey)) => Box::pin(self.sessions.find_journey(journey)).await,
            (None, None) => Box::pin(self.sessions.find(&SessionId::from(*id).row_key())).await,
        };
        match found {
            Ok(found) => {
                *row = found.as_ref().map(|found| found.row.clone());
                Ok(found.map(|found| self.record(*id, found)))
            }
            Err(error) => self.fail(error).await,
        }
    }

    async fn delete(&self, _id: &Id) -> session_store::Result<()> {
        let Some(row) = self.row.lock().await.take() else { return Ok(()) };
        match self.sessions.delete_row(&row.key, None).await {
            Ok(()) => Ok(()),
            Err(error) => self.fail(error).await,
        }
    }
}

impl fmt::Debug for SealedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedStore").finish_non_exhaustive()
    }
}
