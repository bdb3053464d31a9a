//! A PostgreSQL of our own, in a folder of its own: it can be stopped and started, and what else runs on
//! the machine stays as it is.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;

/// Obeys one word a line, and answers each with a line. When our end is closed (the tests are over, or were
/// killed) it stops the server and clears up. The server listens on a socket in its folder alone.
const KEEPER: &str = r#"
bin=$1; dir=$2
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --wal-segsize=1 >/dev/null || exit 1
up() {
    "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" \
        -o "-k $dir -c listen_addresses= -c fsync=off -c max_wal_size=8MB -c min_wal_size=2MB" start >/dev/null 2>&1
}
all() {
    first=$(head -n 1 "$dir/data/postmaster.pid")
    echo "$first" $(pgrep -P "$first")
}
up || exit 1
echo ready
while read -r word; do
    case $word in
        freeze) kill -STOP $(all); echo frozen ;;
        thaw) kill -CONT $(all); echo thawed ;;
        stop) "$bin/pg_ctl" -D "$dir/data" -w -m fast stop >/dev/null 2>&1; echo stopped ;;
        start) up; echo started ;;
    esac
done
"$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
rm -rf "$dir/data" "$dir/log"
"#;

pub struct Cluster {
    keeper: Child,
    line: Mutex<(Option<ChildStdin>, BufReader<ChildStdout>)>,
    databases: AtomicU32,
    folder: TempDir,
}

impl Cluster {
    /// None, and said so, where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        Self::start_in(tempfile::tempdir().unwrap())
    }

    /// The same, with all its files in this folder.
    pub fn start_in(folder: TempDir) -> Option<Self> {
        let Some(bin) = bin() else {
            println!("PostgreSQL skipped: no initdb on this machine");
            return None;
        };
        // PostgreSQL refuses to be run by root.
        let root = run("id", &["-u"]).trim() == "0";
        let mut command = if root {
            run("chown", &["postgres", &folder.path().display().to_string()]);
            let mut runuser = Command::new("runuser");
            runuser.args(["-u", "postgres", "--"]);
            runuser.arg("sh");
            runuser
        } else {
            Command::new("sh")
        };
        command.args(["-c", KEEPER, "keeper"]).arg(&bin).arg(folder.path());
        let mut keeper =
            command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (words, answers) = (keeper.stdin.take(), BufReader::new(keeper.stdout.take().unwrap()));
        let line = Mutex::new((words, answers));
        let cluster = Self { keeper, line, databases: AtomicU32::new(0), folder };
        cluster.hear("ready");
        Some(cluster)
    }

    /// An empty database's address.
    pub async fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::SeqCst);
        let address = |name: &str| {
            format!("postgres://postgres@localhost/{name}?host={}", self.folder.path().display())
        };
        let server = sqlx::PgPool::connect(&address("postgres")).await.unwrap();
        let make = sqlx::AssertSqlSafe(format!("CREATE DATABASE proof_{number}"));
        sqlx::raw_sql(make).execute(&server).await.unwrap();
        server.close().await;
        address(&format!("proof_{number}"))
    }

    /// Every connection is cut.
    pub fn stop(&self) {
        self.say("stop", "stopped");
    }

    pub fn start_again(&self) {
        self.say("start", "started");
    }

    /// It takes connections, and answers nothing, as on a machine that hangs.
    pub fn freeze(&self) {
        self.say("freeze", "frozen");
    }

    /// It answers again.
    pub fn thaw(&self) {
        self.say("thaw", "thawed");
    }

    fn say(&self, word: &str, answer: &str) {
        writeln!(self.line.lock().unwrap().0.as_mut().unwrap(), "{word}").unwrap();
        self.hear(answer);
    }

    fn hear(&self, expected: &str) {
        let mut received = String::new();
        self.line.lock().unwrap().1.read_line(&mut received).unwrap();
        assert_eq!(received.trim(), expected, "PostgreSQL's keeper");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.line.lock().unwrap().0.take());
        self.keeper.wait().unwrap();
    }
}

/// Where PostgreSQL's programs are: the newest of Debian's, or on the path.
fn bin() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten();
    let debian = debian.filter_map(|version| Some(version.ok()?.path().join("bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all: Vec<PathBuf> = std::env::split_paths(&path).chain(debian).collect();
    all.retain(|folder: &PathBuf| Path::new(folder).join("initdb").exists());
    all.pop()
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}
