//! Where the settings of a command on the database come from, and how much of them it needs.

use std::path::{Path, PathBuf};

use url::Url;

use super::demo;
use crate::{
    config::{ReaderSettings, Settings, environment},
    entropy::Entropy,
    server::StartError,
    store::Store,
};

/// Where the settings of a command on the database come from.
pub struct Origin {
    /// The data folder of a demo, whose database it is then.
    pub demo: Option<PathBuf>,
    /// The settings file, as [`Settings::load`] takes it.
    pub file: Option<PathBuf>,
}

impl Origin {
    /// All settings, for a command that writes to the database: it does part of the server's work.
    ///
    /// # Errors
    /// The settings are invalid, or there is no such demo.
    pub fn settings(&self, entropy: &Entropy) -> anyhow::Result<Settings> {
        match self.demo()? {
            Some(data) => demo::settings(data, &Url::parse("http://127.0.0.1:8081")?, entropy),
            None => Ok(Settings::load(self.file.as_deref(), environment())?),
        }
    }

    /// What a command needs that only reads: the settings, and the database opened for it.
    ///
    /// # Errors
    /// The settings of the database are invalid, it cannot be opened, or there is no such demo.
    pub async fn open_to_read(&self) -> anyhow::Result<(ReaderSettings, Store)> {
        let settings = match self.demo()? {
            Some(data) => ReaderSettings::demo(data, environment())?,
            None => ReaderSettings::load(self.file.as_deref(), environment())?,
        };
        let store = settings.store()?;
        let store = Store::open_to_read(&store.url, store.pool).await.map_err(StartError::Store)?;
        Ok((settings, store))
    }

    fn demo(&self) -> anyhow::Result<Option<&Path>> {
        let demo = self.demo.as_deref();
        if let Some(data) = demo {
            anyhow::ensure!(data.is_dir(), "there is no demo in {}", data.display());
        }
        Ok(demo)
    }
}
