//! The server in a process of its own, which logs at trace.

use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use nrg_enroll::{clock::Clock, entropy::Entropy, sandbox::Sandbox};
use tempfile::TempDir;

use super::people::Canary;
use crate::{
    postbacks::Receiver,
    support::{Browser, Person, Walk, fault_proxy::FaultProxy, process, tls_front::TlsFront},
};

/// The server in a process of its own.
pub struct Served {
    pub child: Child,
    pub address: SocketAddr,
    pub private: SocketAddr,
    pub data: TempDir,
    pub sandbox: Sandbox,
    /// Between the sandbox and TLS.
    pub fault_proxy: FaultProxy,
    /// Where postbacks of endings go.
    pub receiver: Receiver,
    pub keys: [String; 4],
    /// Of a partner, as the command printed it.
    pub partner_key: String,
    /// Its settings, for commands beside it.
    pub env: Vec<(String, String)>,
}

pub const PASSWORD: &str = "canary:pass word-%41";

impl Served {
    pub async fn start(store: Option<&str>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (nrg, sandbox) =
            crate::support::sandbox(Clock::system(), "AFF-CANARY", "canary-user", PASSWORD).await;
        let key = || STANDARD.encode(Entropy::system().bytes::<32>());
        let keys = [key(), key(), key(), key()];
        let receiver = Receiver::open(&[]).await;
        let own = format!("sqlite://{}/canary.db", data.path().display());
        let fault_proxy = FaultProxy::start(nrg).await;
        let front = TlsFront::start(fault_proxy.address).await;
        let trusted = data.path().join("nrg.pem");
        std::fs::write(&trusted, &front.certificate).unwrap();
        let gateway = format!(
            "http://{nrg}/gateway/pay?account={{account_number}}&customer={{customer_number}}&amount={{amount}}\
            &lang={{language}}&brand={{brand}}&company={{company_code}}&reference={{tracking_id}}&return_url={{return_url}}"
        );
        let log = std::fs::File::create(data.path().join("log")).unwrap();
        let env = [
            ("SERVER__LISTEN", "127.0.0.1:0"),
            ("SERVER__PRIVATE_LISTEN", "127.0.0.1:0"),
            ("SERVER__PUBLIC_URL", ""),
            ("SERVER__PATIENCE", "2s"),
            ("STORE__URL", store.unwrap_or(&own)),
            ("SESSION__KEYS", &format!("canary:{}", keys[0])),
            ("LEDGER__KEY", &keys[1]),
            ("NRG__BASE_URL", &format!("https://{}", front.address)),
            ("NRG__USERNAME", "canary-user"),
            ("NRG__PASSWORD", PASSWORD),
            ("AFFILIATE__ID", "AFF-CANARY"),
            ("AFFILIATE__NAME", "Affiliate"),
            ("AFFILIATE__PRIVACY_URL", "https://www.affiliate.test/privacy"),
            ("AFFILIATE__LINK_HOSTS", "docs.nrg.test"),
            ("BRANDS__RE__PROMO_CODE", "DEMORE"),
            ("BRANDS__RE__DEPOSIT__HANDOVER", "gateway"),
            ("BRANDS__RE__DEPOSIT__URL", &gateway),
            ("BRANDS__RE__DEPOSIT__ALLOWED_HOSTS", "127.0.0.1"),
            ("BRANDS__RE__DEPOSIT__HMAC_KEY", &keys[2]),
            ("POSTBACKS__CRM__URL", &format!("http://{}/in", receiver.address)),
            ("POSTBACKS__CRM__LOOPBACK", "true"),
            ("POSTBACKS__CRM__SECRET", &keys[3]),
            ("POSTBACKS__CRM__WITHOUT_CLICK", "true"),
            ("POSTBACKS__CRM__ENDINGS", "enrolled,accepted,stopped,abandoned,unknown"),
            ("LIMITS__MINIMUM_SECONDS", "0"),
            ("LIMITS__IDENTITY__METER", "2 per 1h"),
            ("LOG__LEVEL", "trace"),
            ("API__ENABLED", "true"),
        ]
        .map(|(name, value): (&str, &str)| (format!("ENROLL__{name}"), value.to_owned()));
        let mut child = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"))
            .arg("serve")
            .env_clear()
            .env("RUST_BACKTRACE", "full")
            .env("SSL_CERT_FILE", trusted)
            .envs(env.clone())
            .stdout(log.try_clone().unwrap())
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap();
        let [address, private] = process::addresses(&mut child, &data.path().join("log")).await;
        let mut add = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"));
        let added = add.args(["partners", "add", "canary"]).env_clear().envs(env.clone()).output().unwrap();
        let partner_key = String::from_utf8(added.stdout).unwrap().trim().to_owned();
        Self {
            child,
            address,
            private,
            data,
            sandbox,
            fault_proxy,
            receiver,
            keys,
            partner_key,
            env: env.into(),
        }
    }

    pub fn log(&self) -> Vec<u8> {
        std::fs::read(self.data.path().join("log")).unwrap()
    }

    pub fn walk(&self, person: &Canary) -> Walk {
        let person = Person { street: person.street, ..Person::default() };
        Walk::new(Browser::new(&format!("http://{}", self.address)), person)
    }

    /// Ends it as an orchestrator does, and waits until it has ended.
    pub async fn end(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        for _ in 0..300 {
            if self.child.try_wait().unwrap().is_some() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it does not end");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
