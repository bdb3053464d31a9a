//! What the previous release stored and posted, as files; and a world that begins with it.

use std::{path::PathBuf, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use nrg_enroll::entropy::Entropy;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, migrate::Migrator};

use crate::{
    postbacks::Receiver,
    support::{Browser, Request, World, database::Database},
};

/// The tables, each after those it refers to.
pub const TABLES: [&str; 9] = [
    "sessions",
    "claims",
    "submissions",
    "attempts",
    "settlements",
    "consents",
    "limits",
    "postbacks",
    "funnel",
];

/// The receiver that takes what it is sent, and the one that never does.
pub const TARGETS: [&str; 2] = ["own", "late"];

/// Under which circumstances the rows were stored.
#[derive(Serialize, Deserialize)]
pub struct Circumstances {
    /// The version of the migrations.
    pub schema: i64,
    /// When they were taken out of the database.
    pub now: Timestamp,
    /// The settings that differ from the demo's, keys included.
    pub env: Vec<(String, String)>,
}

/// A session that stood at a place.
#[derive(Serialize, Deserialize)]
pub struct StoredJourney {
    pub name: String,
    /// The value of its cookie; an older one leads there as well, for a minute.
    pub cookie: String,
    /// The path of the page it leads to.
    pub path: String,
    /// What is sealed in its row.
    pub journey: Value,
}

/// A journey that was saved for later.
#[derive(Serialize, Deserialize)]
pub struct SavedJourney {
    pub name: String,
    pub code: String,
    /// The fields that answer what the page asks.
    pub answer: Vec<(String, String)>,
    /// The path of the page it leads to.
    pub path: String,
    pub journey: Value,
}

/// The forms of one visitor, in order.
#[derive(Serialize, Deserialize)]
pub struct RecordedForms {
    pub name: String,
    pub requests: Vec<Request>,
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/previous_release").join(name)
}

/// Reads the fixture of that name.
pub fn read<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&std::fs::read_to_string(file(name)).unwrap()).unwrap()
}

/// Writes it, a line an entry.
pub fn write<T: Serialize>(name: &str, entries: &[T]) {
    let lines: Vec<_> = entries.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
    write_text(name, &format!("[\n{}\n]\n", lines.join(",\n")));
}

/// Writes it as it is.
pub fn write_text(name: &str, text: &str) {
    assert!(!text.contains("900-45"), "{name} holds a Social Security number");
    std::fs::create_dir_all(file(name).parent().unwrap()).unwrap();
    std::fs::write(file(name), text).unwrap();
}

/// Randomness that comes again: the hash of a counter.
pub fn repeating() -> Entropy {
    let drawn = std::sync::atomic::AtomicU64::default();
    Entropy::new(move |buffer: &mut [u8]| {
        for chunk in buffer.chunks_mut(32) {
            let count = drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let bytes = Sha256::digest(format!("fixtures of the previous release {count}"));
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    })
}

/// The settings the fixtures are made and read with.
pub fn env() -> Vec<(String, String)> {
    let key = |byte: u8| STANDARD.encode([byte; 32]);
    let mut env = vec![
        ("ENROLL__SESSION__KEYS".to_owned(), format!("fixture:{}", key(7))),
        ("ENROLL__LEDGER__KEY".to_owned(), key(8)),
        ("ENROLL__LEDGER__MAX_TRIES".to_owned(), "2".to_owned()),
        ("ENROLL__LIMITS__HONEYPOT".to_owned(), "true".to_owned()),
        ("ENROLL__LIMITS__IDENTITY__ADDRESS".to_owned(), "1000 per 1h".to_owned()),
        ("ENROLL__LIMITS__IDENTITY__PERSON".to_owned(), "1000 per 1h".to_owned()),
        ("ENROLL__LIMITS__LOOK_UP__SESSION".to_owned(), "1000 per 1h".to_owned()),
        ("ENROLL__SERVER__DRAIN".to_owned(), "1s".to_owned()),
    ];
    for target in TARGETS {
        let name = target.to_uppercase();
        env.push((format!("ENROLL__POSTBACKS__{name}__SECRET"), key(9)));
        env.push((format!("ENROLL__POSTBACKS__{name}__LOOPBACK"), "true".to_owned()));
        let endings = "enrolled,accepted,stopped,abandoned,unknown".to_owned();
        env.push((format!("ENROLL__POSTBACKS__{name}__ENDINGS"), endings));
    }
    env
}

/// The same, with where each target listens.
pub fn with_targets(mut env: Vec<(String, String)>, receivers: [&Receiver; 2]) -> Vec<(String, String)> {
    // The fixtures' own is older than the rule that a key is random. Messages are signed when they are sent.
    for (_, secret) in env.iter_mut().filter(|(name, _)| name.ends_with("__SECRET")) {
        *secret = STANDARD.encode(Sha256::digest("postbacks"));
    }
    for (target, receiver) in TARGETS.iter().zip(receivers) {
        let name = format!("ENROLL__POSTBACKS__{}__URL", target.to_uppercase());
        env.push((name, format!("http://{}/in", receiver.address)));
    }
    env
}

/// Pairs as [`World`] takes them.
pub fn pairs(env: &[(String, String)]) -> Vec<(&str, &str)> {
    env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// A world over the database that the previous release left.
pub struct Restored {
    pub world: World,
    pub receiver: Receiver,
    /// The settings it runs with.
    pub env: Vec<(String, String)>,
}

impl Restored {
    /// Runs `statements` on the database, past the checks of its tables.
    pub async fn alter(&self, statements: &str) {
        let postgres = self.env.iter().find(|(name, _)| name == "ENROLL__STORE__URL");
        if let Some((_, url)) = postgres {
            let mut database = PgConnection::connect(url).await.unwrap();
            let checks = "ALTER TABLE submissions DROP CONSTRAINT IF EXISTS submissions_state_check;";
            let all = AssertSqlSafe(format!("{checks} {statements}"));
            sqlx::raw_sql(all).execute(&mut database).await.unwrap();
        } else {
            let path = self.world.data.path().join("demo.db");
            let mut database =
                SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
            let all = AssertSqlSafe(format!("PRAGMA ignore_check_constraints = ON; {statements}"));
            sqlx::raw_sql(all).execute(&mut database).await.unwrap();
            database.close().await.unwrap();
        }
    }

    /// A browser that comes back with the cookie.
    pub fn browser(&self, cookie: &str) -> Browser {
        self.world.browser().with_cookie(&format!("enroll={cookie}; Path=/"))
    }
}

/// Runs `check` on SQLite, and on PostgreSQL where there is a server.
pub async fn on_each_database(check: impl AsyncFn(&Restored)) {
    let data = Arc::new(tempfile::tempdir().unwrap());
    let mut sqlite =
        SqliteConnection::connect(&format!("sqlite://{}/demo.db?mode=rwc", data.path().display()))
            .await
            .unwrap();
    let circumstances: Circumstances = read("circumstances.json");
    Migrator::new(migrations("sqlite"))
        .await
        .unwrap()
        .run_to(circumstances.schema, &mut sqlite)
        .await
        .unwrap();
    sqlx::raw_sql(AssertSqlSafe(inserts("X"))).execute(&mut sqlite).await.unwrap();
    sqlite.close().await.unwrap();
    run(data, Vec::new(), &check).await;

    let Some(database) = Database::new().await else { return };
    let mut postgres = PgConnection::connect(&database.url).await.unwrap();
    let migrator = Migrator::new(migrations("postgres")).await.unwrap();
    migrator.run_to(circumstances.schema, &mut postgres).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(inserts("\\x"))).execute(&mut postgres).await.unwrap();
    postgres.close().await.unwrap();
    let url = ("ENROLL__STORE__URL".to_owned(), database.url.clone());
    run(Arc::new(tempfile::tempdir().unwrap()), vec![url], &check).await;
    database.drop().await;
}

fn migrations(database: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database)
}

async fn run(data: Arc<tempfile::TempDir>, more: Vec<(String, String)>, check: &impl AsyncFn(&Restored)) {
    let circumstances: Circumstances = read("circumstances.json");
    let receiver = Receiver::open(&[]).await;
    let mut env = with_targets(circumstances.env, [&receiver, &receiver]);
    env.extend(more);
    let world = World::at(circumstances.now, Entropy::system(), data, &pairs(&env)).await;
    let restored = Restored { world, receiver, env };
    check(&restored).await;
    restored.world.server.stop().await;
}

/// Every row as a statement; `hex` begins a literal of bytes.
fn inserts(hex: &str) -> String {
    let literal = |value: &Value| match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(yes) => yes.to_string().to_uppercase(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Object(bytes) if hex == "X" => format!("X'{}'", bytes["hex"].as_str().unwrap()),
        Value::Object(bytes) => format!("'{hex}{}'", bytes["hex"].as_str().unwrap()),
        Value::Array(_) => panic!("no column holds a list"),
    };
    let mut statements = String::new();
    for table in TABLES {
        for row in rows(table) {
            let columns: Vec<_> = row.keys().map(String::as_str).collect();
            let values: Vec<_> = row.values().map(literal).collect();
            let (columns, values) = (columns.join(", "), values.join(", "));
            statements.push_str(&format!("INSERT INTO {table} ({columns}) VALUES ({values});\n"));
        }
    }
    statements
}

/// The rows of a table.
pub fn rows(table: &str) -> Vec<serde_json::Map<String, Value>> {
    read(&format!("rows/{table}.json"))
}

/// Takes the rows of every table out of the SQLite database at `path`, and says the version of its migrations.
pub async fn take_rows(path: &std::path::Path) -> i64 {
    let mut database = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    for table in TABLES {
        let columns: Vec<(String, String)> = sqlx::query_as("SELECT name, type FROM pragma_table_info($1)")
            .bind(table)
            .fetch_all(&mut database)
            .await
            .unwrap();
        let members = columns.iter().map(|(name, kind)| match kind.as_str() {
            "BLOB" => format!(
                "'{name}', json(CASE WHEN {name} IS NULL THEN 'null' ELSE json_object('hex', hex({name})) END)"
            ),
            "BOOLEAN" => format!("'{name}', json(CASE {name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)"),
            _ => format!("'{name}', {name}"),
        });
        let members = members.collect::<Vec<_>>().join(", ");
        let order =
            (1..=columns.len().min(6)).map(|column| column.to_string()).collect::<Vec<_>>().join(", ");
        let statement =
            format!("SELECT json_object({members}) FROM (SELECT * FROM {table} ORDER BY {order})");
        let rows: Vec<(String,)> =
            sqlx::query_as(AssertSqlSafe(statement)).fetch_all(&mut database).await.unwrap();
        let rows: Vec<Value> = rows.iter().map(|(row,)| serde_json::from_str(row).unwrap()).collect();
        assert!(!rows.is_empty(), "{table} has no row");
        write(&format!("rows/{table}.json"), &rows);
    }
    sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut database).await.unwrap()
}
