//! Commands that only read need the database and no more of the settings than they use, and may not be able to write it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::support::{Person, Walk, World, database::Database};

/// The commands that only read, without keys; `ID` stands for a tracking id.
const READING: [&str; 6] = [
    "report --format csv",
    "ledger list",
    "ledger show ID",
    "ledger export",
    "postbacks list",
    "ledger list --state unknown --json",
];

/// A database in which one person has enrolled, whose server has ended.
struct Enrolled {
    /// The folder of the database, and of the demo's keys.
    data: std::sync::Arc<TempDir>,
    tracking_id: String,
    account: String,
}

impl Enrolled {
    async fn new(env: &[(&str, &str)]) -> Self {
        let world = World::with(env).await;
        let walk = Walk::new(world.browser(), Person::default());
        let review = walk.through_start_date().await;
        walk.review(&review).await.is_at("/confirmation");
        let row = world.server.app.ledger.list(&Default::default(), 1).await.unwrap().remove(0);
        let World { server, data, .. } = world;
        server.stop().await;
        let account = row.result.unwrap().account_number.unwrap();
        Self { data, tracking_id: row.tracking_id, account }
    }

    fn database(&self) -> PathBuf {
        self.data.path().join("demo.db")
    }

    /// A key of the demo.
    fn key(&self, name: &str) -> String {
        let file = fs::read_to_string(self.data.path().join("demo-keys.toml")).unwrap();
        let line = file.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).unwrap();
        line.trim_matches('"').to_owned()
    }

    /// What `command` prints with nothing but these settings, and whether it succeeded.
    fn run(&self, program: &mut Command, command: &str, env: &[(&str, &str)]) -> (bool, String, String) {
        let command = command.replace("ID", &self.tracking_id);
        let Output { status, stdout, stderr } =
            program.env_clear().envs(env.iter().copied()).args(command.split(' ')).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (status.success(), text(stdout), text(stderr))
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_nrg-enroll"))
}

fn sqlite(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

#[tokio::test]
async fn reading_commands_need_neither_nrg_nor_keys_they_do_not_use() {
    let enrolled = Enrolled::new(&[]).await;
    let url = sqlite(&enrolled.database());
    // A file that the reader may not read, and a mistake in what does not concern it.
    let only = [
        ("ENROLL__STORE__URL", url.as_str()),
        ("ENROLL__SESSION__KEYS_FILE", "/nowhere/session-keys"),
        ("ENROLL__NRG__TIMEOUTS__TOKEN", "soon"),
    ];
    for command in READING {
        let (succeeded, said, errors) = enrolled.run(&mut program(), command, &only);
        assert!(succeeded && errors.is_empty(), "{command}: {errors}");
        assert!(!said.is_empty() || command.contains("unknown"), "{command}");
    }
    // The days of the tests are yet to come.
    let (succeeded, _, errors) =
        enrolled.run(&mut program(), "report --format csv --from 2030-06-01 --to 2030-06-30", &only);
    assert!(!succeeded && errors.contains("has not begun yet"), "{errors}");

    let (_, sheet, _) = enrolled.run(&mut program(), "ledger show ID", &only);
    assert!(
        sheet.contains("session.keys_file: cannot be used") && !sheet.contains(&enrolled.account),
        "{sheet}"
    );
    let keys = enrolled.key("session.keys");
    let with = [("ENROLL__STORE__URL", url.as_str()), ("ENROLL__SESSION__KEYS", keys.as_str())];
    let (_, sheet, _) = enrolled.run(&mut program(), "ledger show ID", &with);
    assert!(sheet.contains(&enrolled.account) && !sheet.contains("not opened"), "{sheet}");

    let (succeeded, _, errors) = enrolled.run(&mut program(), "ledger verify", &only);
    assert!(!succeeded && errors.contains("ledger.key: must be set; environment name ENROLL__LEDGER__KEY"));
    assert!(!errors.contains("nrg.") && !errors.contains("session."), "{errors}");
    let key = enrolled.key("ledger.key");
    let with = [("ENROLL__STORE__URL", url.as_str()), ("ENROLL__LEDGER__KEY", key.as_str())];
    let (succeeded, said, errors) = enrolled.run(&mut program(), "ledger verify", &with);
    assert!(succeeded && said.contains("All is as it was written."), "{said}{errors}");

    // What writes does part of a server's work, and asks for its settings.
    for command in ["ledger settle ID --as accepted --reason r --operator o", "postbacks retry --all"] {
        let (succeeded, _, errors) = enrolled.run(&mut program(), command, &only);
        assert!(!succeeded && errors.contains("nrg.password") && errors.contains("ledger.key"), "{errors}");
    }
}

#[tokio::test]
async fn reading_commands_ask_for_the_database_by_name() {
    let enrolled = Enrolled::new(&[]).await;
    for (env, named) in [
        (("ENROLL__STORE__URL", "mysql://db"), "store.url: must be a database address"),
        (("ENROLL__STORE__URL_FILE", "/nowhere/url"), "store.url_file: cannot be used"),
        (("ENROLL__STORE__URL", "sqlite:///nowhere/enroll.db"), "look at store.url (ENROLL__STORE__URL)"),
    ] {
        let (succeeded, _, errors) = enrolled.run(&mut program(), "report", &[env]);
        assert!(!succeeded && errors.contains(named), "{errors}");
    }
}

/// The program as a user who may not write what root may: root has to become another one first.
#[cfg(unix)]
fn unprivileged(folder: &Path) -> Command {
    use std::os::unix::{fs::MetadataExt as _, process::CommandExt as _};
    const NOBODY: u32 = 65_534;
    if fs::metadata(folder).unwrap().uid() != 0 {
        return program();
    }
    let copy = folder.join("program");
    if !copy.exists() {
        fs::copy(env!("CARGO_BIN_EXE_nrg-enroll"), &copy).unwrap();
    }
    let mut program = Command::new(copy);
    program.uid(NOBODY).gid(NOBODY);
    program
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn reading_commands_read_a_copy_that_nobody_can_write() {
    let enrolled = Enrolled::new(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    mode(folder.path(), 0o755);
    let data = folder.path().join("copy");
    fs::create_dir(&data).unwrap();
    let copy = data.join("demo.db");
    fs::copy(enrolled.database(), &copy).unwrap();
    fs::copy(enrolled.data.path().join("demo-keys.toml"), data.join("demo-keys.toml")).unwrap();
    for file in ["demo.db", "demo-keys.toml"] {
        mode(&data.join(file), 0o444);
    }
    mode(&data, 0o555);
    let url = sqlite(&copy);
    let key = enrolled.key("ledger.key");
    let env = [("ENROLL__STORE__URL", url.as_str()), ("ENROLL__LEDGER__KEY", key.as_str())];
    for command in READING.into_iter().chain(["ledger verify"]) {
        let (succeeded, _, errors) = enrolled.run(&mut unprivileged(folder.path()), command, &env);
        assert!(succeeded && errors.is_empty(), "{command}: {errors}");
    }
    let demo = format!("ledger --demo {} show ID", data.display());
    let (_, sheet, errors) = enrolled.run(&mut unprivileged(folder.path()), &demo, &[]);
    assert!(sheet.contains(&enrolled.account), "{sheet}{errors}");
    let mut left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["demo-keys.toml", "demo.db"]);

    // With changes beside it that cannot be read, the file alone would be an old state that looks like the present one.
    mode(&data, 0o755);
    fs::write(data.join("demo.db-wal"), [0; 64]).unwrap();
    mode(&data, 0o555);
    let (succeeded, said, errors) = enrolled.run(&mut unprivileged(folder.path()), "ledger list", &env);
    assert!(
        !succeeded && said.is_empty() && errors.contains("sqlite3 FILE \".backup COPY\""),
        "{said}{errors}"
    );
    mode(&data, 0o755);
}

#[tokio::test]
async fn reading_commands_on_postgresql_need_a_role_that_may_select() {
    let Some(database) = Database::new().await else { return };
    let enrolled = Enrolled::new(&[("ENROLL__STORE__URL", &database.url)]).await;
    let owner = sqlx::PgPool::connect(&database.url).await.unwrap();
    let role = format!("reader_{}", database.url.rsplit('_').next().unwrap());
    let run = async |sql: String| sqlx::raw_sql(AssertSqlSafe(sql)).execute(&owner).await.unwrap();
    run(format!("CREATE ROLE {role} LOGIN PASSWORD 'reads'")).await;
    run(format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")).await;
    let mut url = url::Url::parse(&database.url).unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("reads")).unwrap();
    let key = enrolled.key("ledger.key");
    let env = [("ENROLL__STORE__URL", url.as_str()), ("ENROLL__LEDGER__KEY", key.as_str())];
    for command in READING.into_iter().chain(["ledger verify"]) {
        let (succeeded, _, errors) = enrolled.run(&mut program(), command, &env);
        assert!(succeeded && errors.is_empty(), "{command}: {errors}");
    }
    run(format!("DROP OWNED BY {role}")).await;
    run(format!("DROP ROLE {role}")).await;
    owner.close().await;
    database.drop().await;
}
