//! The database's files are for the server's own user alone: mode 0600, and 0700 for a folder that is made for them.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::{Error, ErrorKind},
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::causes::Causes;
use sqlx::sqlite::SqliteConnectOptions;

/// What SQLite writes: the database, and the files it keeps beside it, which take the mode of the database.
const FILES: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Creates `folder`, and the folders above it that are missing, for their owner alone. One that exists stays as it is,
/// because others may have their files in it.
///
/// # Errors
/// It cannot be created.
pub fn create_folder(folder: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// The folder of the SQLite database at `url`, if users other than its owner may enter it. `None` as well where there
/// is no such folder yet, and for every other kind of database.
pub fn exposed_folder(url: &str) -> Option<PathBuf> {
    let options = SqliteConnectOptions::from_str(url).ok()?;
    let folder = options.get_filename().parent()?;
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let exposed = is_exposed(folder).unwrap_or(false);
    exposed.then(|| folder.to_owned())
}

/// Creates the database `file` and its folder where they are missing.
///
/// # Errors
/// They cannot be created.
pub(super) fn create(file: &Path) -> Result<(), Error> {
    if let Some(folder) = file.parent() {
        create_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Takes from every other user what an earlier version, a copy or a volume let them do with the database `file` and those
/// beside it. Files of another owner stay as they are, and the log says so.
pub(super) fn restrict(file: &Path) {
    for path in FILES.map(|suffix| beside(file, suffix)) {
        if is_exposed(&path).unwrap_or(false)
            && let Err(error) = set_private(&path)
        {
            tracing::warn!(
                error = %Causes(&error),
                path = %path.display(),
                "store: other users can read the file"
            );
        }
    }
}

/// Whether there is a log or a journal beside the database `file`: changes that SQLite has not brought into it, or back out
/// of it, yet.
pub(super) fn has_log(file: &Path) -> bool {
    ["-wal", "-journal"].iter().any(|suffix| beside(file, suffix).exists())
}

/// The path of `file` with `suffix` behind it.
fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}

#[cfg(unix)]
fn is_exposed(path: &Path) -> Result<bool, Error> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(unix)]
fn set_private(file: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
}

/// Other systems have no such modes.
#[cfg(not(unix))]
fn is_exposed(_: &Path) -> Result<bool, Error> {
    Ok(false)
}

#[cfg(not(unix))]
fn set_private(_: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::store::{Store, sql};

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    async fn written(file: &Path) -> Store {
        let store = Store::open(&format!("sqlite://{}", file.display())).await.unwrap();
        store.migrate().await.unwrap();
        sql!(store.writer().await.unwrap(), "DELETE FROM claims" => execute).unwrap();
        store
    }

    fn modes(file: &Path) -> Vec<(String, u32)> {
        let files = std::fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap());
        files.map(|entry| (entry.file_name().into_string().unwrap(), mode(&entry.path()))).collect()
    }

    #[tokio::test]
    async fn new_database_and_its_folders_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b/new.db");
        let store = written(&file).await;
        assert_eq!([mode(&folder.path().join("a")), mode(&folder.path().join("a/b"))], [0o700, 0o700]);
        let modes = modes(&file);
        assert!(modes.len() == 3 && modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
        store.close().await;
    }

    #[tokio::test]
    async fn files_of_existing_database_are_restricted_and_its_folder_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (shared, file) = (folder.path().join("shared"), folder.path().join("shared/old.db"));
        let store = written(&file).await;
        let open_to_all = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        for suffix in ["", "-wal", "-shm"] {
            open_to_all(&shared.join(format!("old.db{suffix}")), 0o644);
        }
        open_to_all(&shared, 0o755);
        let again = written(&file).await;
        let modes = modes(&file);
        assert!(modes.len() == 3 && modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
        assert_eq!(mode(&shared), 0o755);
        store.close().await;
        again.close().await;
    }

    #[test]
    fn folder_that_others_may_enter_is_exposed_and_private_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let url = |name: &str| format!("sqlite://{}/{name}/a.db", folder.path().display());
        let shared = folder.path().join("shared");
        std::fs::create_dir(&shared).unwrap();
        std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o750)).unwrap();
        create_folder(&folder.path().join("private")).unwrap();
        assert_eq!(exposed_folder(&url("shared")), Some(shared));
        for url in [&url("private"), &url("missing"), "postgres://nobody@127.0.0.1/none"] {
            assert_eq!(exposed_folder(url), None, "{url}");
        }
    }
}
