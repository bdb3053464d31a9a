//! A site of the program: its settings, its NRG, and servers that are processes.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Output},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use nrg_enroll::{clock::Clock, sandbox::Sandbox};
use tempfile::TempDir;

use crate::support::{Browser, process, sandbox};

/// The program of this release.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_nrg-enroll");

/// The setting here that the release before does not know.
const NEW_SETTING: &str = "ENROLL__SESSION__MOST_PER_ADDRESS";

pub struct Site {
    pub sandbox: Sandbox,
    env: Vec<(String, String)>,
    logs: TempDir,
}

impl Site {
    /// With this database.
    pub async fn new(store: &str, more: &[(&str, &str)]) -> Self {
        let (nrg, sandbox) = sandbox(Clock::system(), "AFF-DRILL", "drill", "drill-password").await;
        let key = |byte| STANDARD.encode((0..32_u8).map(|n| n ^ byte).collect::<Vec<u8>>());
        let own = [
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("SERVER__PRIVATE_LISTEN", "127.0.0.1:0"),
            ("SERVER__PUBLIC_URL", "http://127.0.0.1"),
            ("SERVER__UNREADY_SECONDS", "1"),
            ("STORE__URL", store),
            ("SESSION__KEYS", &format!("k:{}", key(1))),
            ("LEDGER__KEY", &key(2)),
            ("NRG__BASE_URL", &format!("http://{nrg}")),
            ("NRG__USERNAME", "drill"),
            ("NRG__PASSWORD", "drill-password"),
            ("AFFILIATE__ID", "AFF-DRILL"),
            ("AFFILIATE__NAME", "Affiliate"),
            ("AFFILIATE__PRIVACY_URL", "https://www.affiliate.test/privacy"),
            ("AFFILIATE__LINK_HOSTS", "docs.nrg.test"),
            ("BRANDS__RE__PROMO_CODE", "DEMORE"),
            ("LIMITS__MINIMUM_SECONDS", "0"),
            // One address stands for many people.
            ("SESSION__MOST_PER_ADDRESS", "0"),
            ("LIMITS__BEGIN__ADDRESS", "0"),
            ("LIMITS__LOOK_UP__ADDRESS", "0"),
            ("LIMITS__IDENTITY__ADDRESS", "0"),
            ("LIMITS__IDENTITY__PERSON", "0"),
            ("LIMITS__CREDIT__ADDRESS", "0"),
            ("LIMITS__CREDIT__PERSON", "0"),
        ];
        let env =
            own.iter().chain(more).map(|(name, value)| (format!("ENROLL__{name}"), (*value).to_owned()));
        Self { sandbox, env: env.collect(), logs: tempfile::tempdir().unwrap() }
    }

    /// Starts a server with these settings as well.
    pub async fn start(&self, more: &[(&str, &str)]) -> Server {
        self.start_of(Path::new(PROGRAM), more).await
    }

    /// Starts a server of another release.
    pub async fn start_of(&self, program: &Path, more: &[(&str, &str)]) -> Server {
        let is_this = program == Path::new(PROGRAM);
        let log = tempfile::NamedTempFile::new_in(self.logs.path()).unwrap().keep().unwrap();
        let mut child = Command::new(program)
            .arg("serve")
            .env_clear()
            .envs(self.env(more).into_iter().filter(|(name, _)| is_this || name != NEW_SETTING))
            .stdout(log.0.try_clone().unwrap())
            .stderr(log.0)
            .spawn()
            .unwrap();
        let [address, private] = process::addresses(&mut child, &log.1).await;
        Server { child, base: format!("http://{address}"), private }
    }

    /// Runs a command to its end, which comes soon.
    pub fn run(&self, program: &Path, arguments: &[&str], more: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(program);
        Ran(command.args(arguments).env_clear().envs(self.env(more)).output().unwrap())
    }

    fn env(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let more = more.iter().map(|(name, value)| (format!("ENROLL__{name}"), (*value).to_owned()));
        self.env.iter().cloned().chain(more).collect()
    }
}

/// How a command ended.
pub struct Ran(Output);

impl Ran {
    /// All it printed, if it succeeded.
    #[track_caller]
    pub fn succeeds(&self) -> String {
        assert!(self.0.status.success(), "{}", self.text());
        self.text()
    }

    /// All it printed, if it failed.
    #[track_caller]
    pub fn fails(&self) -> String {
        assert!(!self.0.status.success(), "{}", self.text());
        self.text()
    }

    fn text(&self) -> String {
        let Output { stdout, stderr, .. } = &self.0;
        String::from_utf8_lossy(stdout).into_owned() + &String::from_utf8_lossy(stderr)
    }
}

/// A server that runs. Dropping it kills it.
pub struct Server {
    child: Child,
    pub base: String,
    private: SocketAddr,
}

impl Server {
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// Whether it says that it is ready, and what it says.
    pub async fn readiness(&self) -> Result<String, String> {
        let asked = nrg_enroll::cli::health::ask(self.private, true).await;
        asked.map_err(|error| format!("{error:#}"))
    }

    /// Waits until it is ready.
    pub async fn is_ready(&self) {
        let began = Instant::now();
        while let Err(said) = self.readiness().await {
            assert!(began.elapsed() < Duration::from_secs(60), "{said}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until it is not ready, and returns what it says then.
    pub async fn is_unready(&self) -> String {
        let began = Instant::now();
        loop {
            match self.readiness().await {
                Err(said) => return said,
                Ok(said) => assert!(began.elapsed() < Duration::from_secs(60), "{said}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Asks it to stop, and waits for its end. Returns how long that took.
    pub async fn stop(mut self) -> Duration {
        let began = Instant::now();
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        while self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < Duration::from_secs(170), "it does not stop");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        began.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
