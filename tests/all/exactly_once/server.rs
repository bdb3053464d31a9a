//! The real server, as a process; and everything it stands on.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{sync::oneshot, time::sleep};

use super::fake::{AFFILIATE, Fake, PASSWORD, USERNAME};
use crate::support::cluster::Cluster;

/// Which database.
#[derive(Clone, Copy)]
pub enum On<'a> {
    Sqlite,
    Postgres(&'a Cluster),
}

impl On<'_> {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

/// How long a server may be silent before it counts as dead. Short, so that the proof need not wait.
pub const LEASE: Duration = Duration::from_secs(2);

/// A fake NRG, a database, and the settings of the servers on it.
pub struct Site {
    pub fake: Fake,
    env: Vec<(String, String)>,
    _data: TempDir,
}

impl Site {
    pub async fn new(on: On<'_>, more: &[(&str, &str)]) -> Self {
        let fake = Fake::start();
        let data = tempfile::tempdir().unwrap();
        let url = match on {
            On::Sqlite => format!("sqlite://{}/proof.db", data.path().display()),
            On::Postgres(cluster) => cluster.database().await,
        };
        let key = |byte| STANDARD.encode((0..32_u8).map(|n| n ^ byte).collect::<Vec<u8>>());
        let nrg = format!("http://{}", fake.address);
        let keys = format!("k:{}", key(1));
        let lease = format!("{}s", LEASE.as_secs());
        let own: Vec<(&str, &str)> = vec![
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("SERVER__PRIVATE_LISTEN", "127.0.0.1:0"),
            ("SERVER__PUBLIC_URL", "http://127.0.0.1"),
            ("STORE__URL", &url),
            ("STORE__LEASE", &lease),
            ("SESSION__KEYS", &keys),
            ("NRG__BASE_URL", &nrg),
            ("NRG__USERNAME", USERNAME),
            ("NRG__PASSWORD", PASSWORD),
            ("AFFILIATE__ID", AFFILIATE),
            ("AFFILIATE__NAME", "Affiliate"),
            ("AFFILIATE__PRIVACY_URL", "https://www.affiliate.test/privacy"),
            ("AFFILIATE__LINK_HOSTS", "docs.nrg.test"),
            ("BRANDS__RE__PROMO_CODE", "DEMORE"),
            ("LIMITS__MINIMUM_SECONDS", "0"),
            ("LIMITS__HONEYPOT", "false"),
            // One address and one number stand for many people here.
            ("SESSION__MOST_PER_ADDRESS", "0"),
            ("LIMITS__BEGIN__ADDRESS", "0"),
            ("LIMITS__LOOK_UP__ADDRESS", "0"),
            ("LIMITS__IDENTITY__ADDRESS", "0"),
            ("LIMITS__IDENTITY__PERSON", "0"),
            ("LIMITS__CREDIT__ADDRESS", "0"),
            ("LIMITS__CREDIT__PERSON", "0"),
        ];
        let mut env: Vec<(String, String)> = vec![("ENROLL__LEDGER__KEY".to_owned(), key(2))];
        for (name, value) in own.into_iter().chain(more.iter().copied()) {
            env.push((format!("ENROLL__{name}"), value.to_owned()));
        }
        Self { fake, env, _data: data }
    }

    /// Starts a server on the site's database.
    pub async fn server(&self) -> Server {
        Server::start(&self.env).await
    }

    /// What `nrg-enroll ledger` says, line by line of JSON.
    pub fn ledger(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.command().arg("ledger").args(arguments).output().unwrap();
        assert!(output.status.success(), "ledger {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Tells `nrg-enroll ledger` something; it must agree.
    pub fn tell(&self, arguments: &[&str]) {
        let output = self.command().arg("ledger").args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Every submission.
    pub fn submissions(&self) -> Vec<Value> {
        self.ledger(&["list", "--json", "--limit", "100000"])
    }

    /// How many submissions stand in each state.
    pub fn states(&self) -> BTreeMap<String, usize> {
        let mut states = BTreeMap::new();
        for row in self.submissions() {
            *states.entry(row["state"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        states
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"));
        command.env_clear().envs(self.env.iter().cloned());
        command
    }
}

/// A server that runs. Dropping it kills it.
pub struct Server {
    child: Child,
    pub base: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(env: &[(String, String)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"));
        command.arg("serve").env_clear().envs(env.iter().cloned()).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let log = Arc::new(Mutex::new(Vec::new()));
        let (sender, address) = oneshot::channel();
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            let mut sender = Some(sender);
            for line in lines.lines().map_while(Result::ok) {
                let read: Value = serde_json::from_str(&line).unwrap_or_default();
                if read["message"] == "server: listening"
                    && let Some(sender) = sender.take()
                {
                    sender.send(read["address"].as_str().unwrap().to_owned()).ok();
                }
                kept.lock().unwrap().push(line);
            }
        });
        let Ok(address) = address.await else {
            panic!("the server did not start: {:?}", log.lock().unwrap())
        };
        Self { child, base: format!("http://{address}"), log }
    }

    /// SIGKILL.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log()
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits for the end; how it ended, and how long that took.
    pub async fn ended(&mut self, limit: Duration) -> (ExitStatus, Duration) {
        let began = Instant::now();
        while began.elapsed() < limit {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, began.elapsed());
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("the server still runs after {limit:?}: {:?}", self.log());
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
