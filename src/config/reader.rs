//! The settings of commands that only read the database: its address, and the keys that a command asks for.

use std::path::Path;

use config::{Map, Value, ValueKind};

use super::{
    demo, ledger, merged,
    problem::Problems,
    section::{Section, read_all},
    session, store, with_defaults,
};
use crate::{ledger::LedgerKey, session::KeyRing};

/// The settings of a command that reads the database and writes nothing, from the sources of
/// [`Settings::load`](super::Settings::load). Each part is read and checked when it is asked for, and the rest not at all:
/// such a command needs none of the settings of a server, and no secret that it does not use.
pub struct ReaderSettings {
    keys: Map<String, Value>,
    /// Whether example values are accepted, as in the demo.
    examples: bool,
}

impl ReaderSettings {
    /// The settings of `file`, or else of the file that `ENROLL_CONFIG` names, overridden by those of `env`.
    ///
    /// # Errors
    /// The file cannot be read, or is not TOML.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        Ok(Self { keys: merged(file, env)?, examples: false })
    }

    /// The settings of the demo in the folder `data`, in which nothing is written. `env` still wins.
    ///
    /// # Errors
    /// The file with the demo's keys cannot be read, or is not TOML.
    pub fn demo(data: &Path, env: impl IntoIterator<Item = (String, String)>) -> Result<Self, Problems> {
        Ok(Self { keys: with_defaults(demo::to_read(data)?, env)?, examples: true })
    }

    /// The database.
    ///
    /// # Errors
    /// All problems of section `store`.
    pub fn store(&self) -> Result<super::Store, Problems> {
        self.section("store", |_| true, store::read)
    }

    /// The keys that encrypt stored data.
    ///
    /// # Errors
    /// `session.keys` is not set, or has a problem.
    pub fn session_keys(&self) -> Result<KeyRing, Problems> {
        self.section("session", |key| ["keys", "keys_file"].contains(&key), session::read_keys)
    }

    /// The key of the ledger's keyed hashes.
    ///
    /// # Errors
    /// `ledger.key` is not set, or has a problem.
    pub fn ledger_key(&self) -> Result<LedgerKey, Problems> {
        self.section("ledger", |key| ["key", "key_file"].contains(&key), ledger::read_key)
    }

    /// What `read` makes of those keys of the section `name` that are `wanted`.
    fn section<T>(
        &self,
        name: &str,
        wanted: impl Fn(&str) -> bool,
        read: impl FnOnce(&mut Section<'_>) -> Option<T>,
    ) -> Result<T, Problems> {
        let mut section = self.keys.get(name).cloned();
        if let Some(Value { kind: ValueKind::Table(keys), .. }) = &mut section {
            keys.retain(|key, _| wanted(key));
        }
        let keys = section.map(|section| (name.to_owned(), section)).into_iter().collect();
        read_all(keys, self.examples, |root| root.section(name, read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{
        Why,
        testing::{Env, key},
    };

    fn reader(pairs: &[(&str, &str)]) -> ReaderSettings {
        let env: Env = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ReaderSettings::load(None, env).unwrap()
    }

    fn problems<T>(read: Result<T, Problems>) -> Vec<(String, Why)> {
        let Err(Problems(problems)) = read else { return Vec::new() };
        problems.into_iter().map(|problem| (problem.key, problem.why)).collect()
    }

    #[test]
    fn reader_asks_for_no_setting_that_it_does_not_read() {
        let settings = reader(&[("ENROLL__STORE__URL", "sqlite://copy.db"), ("ENROLL__NRG__PASWORD", "x")]);
        assert_eq!(settings.store().unwrap().url.as_str(), "sqlite://copy.db");
        assert_eq!(problems(settings.session_keys()), [("session.keys".to_owned(), Why::Missing)]);
        assert_eq!(problems(settings.ledger_key()), [("ledger.key".to_owned(), Why::Missing)]);
    }

    #[test]
    fn reader_checks_each_part_when_it_is_asked_for() {
        let settings = reader(&[
            ("ENROLL__STORE__URL", "mysql://db"),
            ("ENROLL__STORE__ULR", "sqlite://copy.db"),
            ("ENROLL__SESSION__KEYS_FILE", "/nowhere/keys"),
            ("ENROLL__SESSION__IDLE", "1s"),
            ("ENROLL__LEDGER__KEY", &key(3)),
            ("ENROLL__LEDGER__RETENTION_DAYS", "1"),
        ]);
        let keys: Vec<_> = problems(settings.store()).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["store.url", "store.ulr"]);
        assert_eq!(
            problems(settings.session_keys()),
            [("session.keys_file".to_owned(), Why::File(std::io::ErrorKind::NotFound))]
        );
        assert!(settings.ledger_key().is_ok());
    }

    #[test]
    fn reader_of_demo_writes_nothing_and_finds_its_keys() {
        let data = tempfile::tempdir().unwrap();
        let without = ReaderSettings::demo(data.path(), []).unwrap();
        assert!(without.store().unwrap().url.ends_with("/demo.db"));
        assert_eq!(problems(without.ledger_key()), [("ledger.key".to_owned(), Why::Missing)]);
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
        let keys = format!("session.keys = \"demo:{}\"\nledger.key = \"{}\"\n", key(1), key(2));
        std::fs::write(data.path().join("demo-keys.toml"), keys).unwrap();
        let with = ReaderSettings::demo(data.path(), []).unwrap();
        assert!(with.session_keys().is_ok() && with.ledger_key().is_ok());
    }
}
