//! Hot reload: NRG's credentials and the outages take effect without a restart, when a settings file changes and on
//! SIGHUP. Every other setting takes effect at the next start.
//!
//! Contents are compared and not modification times, so that a secret which an orchestrator replaces by switching a
//! symbolic link is seen as well.

use std::sync::{Mutex, PoisonError};

use crate::{
    config::{Problems, Settings},
    nrg::{Nrg, Unusable},
    web::outage::OutageState,
};

/// Reads the settings again and applies what can change while the server runs.
pub struct Reloader<R> {
    nrg: Nrg,
    outages: OutageState,
    read: R,
    /// The failure logged last, so that one that persists is logged once.
    logged: Mutex<Option<String>>,
}

/// Why the settings could not be reloaded.
#[derive(Debug, thiserror::Error)]
enum ReloadError {
    /// The settings are invalid.
    #[error(transparent)]
    Settings(#[from] Problems),
    /// The credentials cannot be used.
    #[error(transparent)]
    Credentials(#[from] Unusable),
}

impl<R: Fn() -> Result<Settings, Problems>> Reloader<R> {
    /// Applies what `read` returns to `nrg` (user name and password) and `outages`.
    pub fn new(nrg: Nrg, outages: OutageState, read: R) -> Self {
        Self { nrg, outages, read, logged: Mutex::default() }
    }

    /// Reloads once. Settings that cannot be read change nothing and are logged. A `requested` reload (SIGHUP) logs its
    /// result even if nothing has changed.
    pub fn reload(&self, requested: bool) {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        match self.apply() {
            Ok(applied) => {
                for (what, changed) in applied.into_iter().filter(|(_, changed)| *changed || requested) {
                    tracing::info!(what, changed, "config: reloaded");
                }
                *logged = None;
            }
            Err(error) => {
                let problem = error.to_string();
                if requested || logged.as_ref() != Some(&problem) {
                    tracing::error!(problem, "config: reload failed, the settings in force stay");
                }
                *logged = Some(problem);
            }
        }
    }

    /// What can change, and whether it did.
    fn apply(&self) -> Result<[(&'static str, bool); 2], ReloadError> {
        let settings = (self.read)()?;
        let client = &settings.nrg.client;
        let credentials = self.nrg.use_credentials(&client.username, &client.password)?;
        let outages = self.outages.replace(settings.outages());
        Ok([("NRG's credentials", credentials), ("outages", outages)])
    }
}
