//! PgBouncer between the servers and PostgreSQL.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use url::Url;

use super::site::{PROGRAM, Site};
use crate::support::{Person, Walk, database::Database, free_port};

/// It runs. Dropping it ends it.
struct PgBouncer {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

/// The PgBouncer of this machine; none, and said so, where there is none. `ENROLL_TEST_PGBOUNCER` names another.
#[allow(clippy::disallowed_methods, reason = "where PgBouncer is, is not a setting of the program")]
fn installed() -> Option<PathBuf> {
    let named = std::env::var_os("ENROLL_TEST_PGBOUNCER").map(PathBuf::from);
    let found = named.or_else(|| Some(PathBuf::from("/usr/sbin/pgbouncer")).filter(|path| path.is_file()));
    if found.is_none() {
        println!("PgBouncer skipped: it is not installed");
    }
    found
}

/// Whether it carries prepared statements along in transaction mode: 1.21 and newer.
fn prepares(program: &Path) -> bool {
    let said = Command::new(program).arg("--version").output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    let version = said.lines().find_map(|line| line.strip_prefix("PgBouncer ")).unwrap();
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap());
    let [major, minor] = [(); 2].map(|()| numbers.next().unwrap());
    println!("PgBouncer {major}.{minor}");
    (major, minor) >= (1, 21)
}

impl PgBouncer {
    /// In front of the PostgreSQL that has `database`, with the line `more` in its configuration.
    async fn start(program: &Path, database: &Database, more: &str) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        // It refuses to be root, and becomes another user that has to read its configuration.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let address = free_port();
        let url = Url::parse(&database.url).unwrap();
        let config = format!(
            "[databases]\n* = host={host} port={port} user={user}\n\n[pgbouncer]\nlisten_addr = {ip}\nlisten_port = {listen}\n\
             unix_socket_dir =\nauth_type = any\ndefault_pool_size = 60\nmax_client_conn = 200\n{more}\n",
            host = url.host_str().unwrap(),
            port = url.port().unwrap_or(5432),
            user = url.username(),
            ip = address.ip(),
            listen = address.port(),
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(program);
        let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        if root {
            command.args(["-u", "postgres"]);
        }
        let child = command.arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let pooler = Self { child, address, _folder: folder };
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return pooler;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("PgBouncer does not listen");
    }

    /// The address of `database` behind it.
    fn url(&self, database: &Database) -> String {
        let mut url = Url::parse(&database.url).unwrap();
        url.set_ip_host(self.address.ip()).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two servers start at once on an empty database behind it, and eight visitors enroll at once, on both.
async fn works(program: &Path, more: &str) {
    let Some(database) = Database::new().await else { return };
    let pooler = PgBouncer::start(program, &database, more).await;
    let site = Site::new(&pooler.url(&database), &[]).await;
    site.run(PROGRAM.as_ref(), &["migrate"], &[]).succeeds();
    let (one, two) = tokio::join!(site.start(&[]), site.start(&[]));
    let mut visitors = tokio::task::JoinSet::new();
    for unit in ["A", "B", "C", "D", "E", "F", "G", "H"] {
        let walk = Walk::new(one.browser(), Person { unit, ..Person::default() });
        let base = two.base.clone();
        visitors.spawn(async move {
            let identity = walk.to_identity().await;
            let walk = Walk { browser: walk.browser.at(&base), ..walk };
            let dates = walk.identity(&identity).await;
            let review = walk.start_date(&dates).await;
            walk.review(&review).await.is_at("/confirmation");
        });
    }
    visitors.join_all().await;
    assert_eq!(site.sandbox.count("enroll"), 8);
    site.run(PROGRAM.as_ref(), &["check"], &[]).succeeds();
    site.run(PROGRAM.as_ref(), &["ledger", "verify"], &[]).succeeds();
    one.stop().await;
    two.stop().await;
    drop(pooler);
    database.drop().await;
}

/// The program says in every way what is wrong, and leaves nothing behind.
async fn is_refused(program: &Path, more: &str) {
    let Some(database) = Database::new().await else { return };
    let pooler = PgBouncer::start(program, &database, more).await;
    let site = Site::new(&pooler.url(&database), &[]).await;
    for command in ["serve", "check", "migrate"] {
        let said = site.run(PROGRAM.as_ref(), &[command], &[]).fails();
        assert!(said.contains("pool_mode = session") && said.contains("max_prepared_statements"), "{said}");
    }
    // No lock of a session that is gone hinders another start.
    let direct = Site::new(&database.url, &[]).await;
    direct.run(PROGRAM.as_ref(), &["migrate"], &[]).succeeds();
    drop(pooler);
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pgbouncer_that_pools_sessions_serves_two_servers() {
    let Some(program) = installed() else { return };
    works(&program, "pool_mode = session").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pgbouncer_that_pools_transactions_works_with_prepared_statements_only() {
    let Some(program) = installed() else { return };
    if prepares(&program) {
        works(&program, "pool_mode = transaction\nmax_prepared_statements = 200").await;
        is_refused(&program, "pool_mode = transaction\nmax_prepared_statements = 0").await;
    } else {
        is_refused(&program, "pool_mode = transaction").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pgbouncer_that_pools_statements_is_refused() {
    let Some(program) = installed() else { return };
    is_refused(&program, "pool_mode = statement").await;
}
