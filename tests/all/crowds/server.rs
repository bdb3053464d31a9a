//! A server that may have few files open.

use std::{
    net::SocketAddr,
    process::{Child, Command},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use nrg_enroll::clock::Clock;
use tempfile::TempDir;

use crate::support::{process, sandbox};

/// The server, with its sandbox in the test. Dropping it kills it.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub private: SocketAddr,
    _data: TempDir,
}

impl Server {
    /// It begins with 256 files and may have 1024.
    pub async fn start(more: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (nrg, _) = sandbox(Clock::system(), "AFF-CROWD", "crowd", "crowd-password").await;
        let key = |byte| STANDARD.encode((0..32_u8).map(|n| n ^ byte).collect::<Vec<u8>>());
        let env = [
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("SERVER__PRIVATE_LISTEN", "127.0.0.1:0"),
            ("SERVER__PUBLIC_URL", "http://127.0.0.1"),
            ("STORE__URL", &format!("sqlite://{}/crowd.db", data.path().display())),
            ("SESSION__KEYS", &format!("k:{}", key(1))),
            ("LEDGER__KEY", &key(2)),
            ("NRG__BASE_URL", &format!("http://{nrg}")),
            ("NRG__USERNAME", "crowd"),
            ("NRG__PASSWORD", "crowd-password"),
            ("AFFILIATE__ID", "AFF-CROWD"),
            ("AFFILIATE__NAME", "Affiliate"),
            ("AFFILIATE__PRIVACY_URL", "https://www.affiliate.test/privacy"),
            ("AFFILIATE__LINK_HOSTS", "docs.nrg.test"),
            ("BRANDS__RE__PROMO_CODE", "DEMORE"),
            ("LIMITS__MINIMUM_SECONDS", "0"),
        ];
        let log = std::fs::File::create(data.path().join("log")).unwrap();
        let limited = "ulimit -Sn 256; ulimit -Hn 1024; exec \"$0\" serve";
        let mut child = Command::new("sh")
            .args(["-c", limited, env!("CARGO_BIN_EXE_nrg-enroll")])
            .env_clear()
            .envs(env.iter().chain(more).map(|(name, value)| (format!("ENROLL__{name}"), *value)))
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let [address, private] = process::addresses(&mut child, &data.path().join("log")).await;
        Self { child, address, private, _data: data }
    }

    /// The soft and the hard limit of its process that has this name.
    pub fn limits(&self) -> impl Fn(&str) -> [String; 2] {
        let all = std::fs::read_to_string(format!("/proc/{}/limits", self.child.id())).unwrap();
        move |name| {
            let line = all.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            let mut words = line.split_whitespace().map(str::to_owned);
            [words.next().unwrap(), words.next().unwrap()]
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
