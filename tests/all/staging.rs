//! A staging environment as an affiliate sets it up: the program's sandbox on another host stands in for NRG.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::support::{Browser, DOCUMENTS_URL, Person, Walk, process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_nrg-enroll");

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The sandbox with these options, and the address that it says it listens on.
fn sandbox(options: &[&str]) -> (Running, String) {
    let mut child = Command::new(PROGRAM)
        .args(["sandbox", "--username", "staging", "--password", "staging-password"])
        .args(["--affiliate-id", "AFF-STAGING", "--documents-url", DOCUMENTS_URL])
        .args(options)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let address = first.trim().strip_prefix("Sandbox NRG API on ").unwrap_or_else(|| panic!("{first}"));
    (Running(child), address.to_owned())
}

/// A server for the NRG at `nrg` that trusts the certificates in the file `trusted` alone.
fn server(data: &Path, nrg: &str, trusted: &Path) -> Running {
    let key = |byte| STANDARD.encode((0..32_u8).map(|n| n ^ byte).collect::<Vec<u8>>());
    let env = [
        ("SERVER__LISTEN", "127.0.0.1:0"),
        ("SERVER__PRIVATE_LISTEN", "127.0.0.1:0"),
        ("SERVER__PUBLIC_URL", "http://127.0.0.1"),
        ("STORE__URL", &format!("sqlite://{}/staging.db", data.display())),
        ("SESSION__KEYS", &format!("k:{}", key(1))),
        ("LEDGER__KEY", &key(2)),
        ("NRG__BASE_URL", nrg),
        ("NRG__USERNAME", "staging"),
        ("NRG__PASSWORD", "staging-password"),
        ("AFFILIATE__ID", "AFF-STAGING"),
        ("AFFILIATE__NAME", "Affiliate"),
        ("AFFILIATE__PRIVACY_URL", "https://www.affiliate.test/privacy"),
        ("AFFILIATE__LINK_HOSTS", "docs.nrg.test"),
        ("BRANDS__RE__PROMO_CODE", "DEMORE"),
    ];
    let log = std::fs::File::create(data.join("log")).unwrap();
    let child = Command::new(PROGRAM)
        .arg("serve")
        .env_clear()
        .env("SSL_CERT_FILE", trusted)
        .envs(env.map(|(name, value)| (format!("ENROLL__{name}"), value)))
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    Running(child)
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env_remove("ENROLL_CONFIG").output().unwrap()
}

#[tokio::test]
async fn sandbox_with_certificate_serves_a_server_that_trusts_it() {
    let data = tempfile::tempdir().unwrap();
    let path = |name: &str| data.path().join(name);
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = |kind: &str, der: &[u8]| {
        format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der))
    };
    std::fs::write(path("cert.pem"), pem("CERTIFICATE", own.cert.der())).unwrap();
    std::fs::write(path("key.pem"), pem("PRIVATE KEY", &own.signing_key.serialize_der())).unwrap();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let options =
        ["--listen", "0.0.0.0:0", "--tls-cert", cert.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let (_sandbox, address) = sandbox(&options);
    let (_, port) = address.strip_prefix("https://").unwrap().rsplit_once(':').unwrap();

    let mut server = server(data.path(), &format!("https://localhost:{port}"), &cert);
    let [address, _] = process::addresses(&mut server.0, &path("log")).await;
    let walk = Walk::new(Browser::new(&format!("http://{address}")), Person::default());
    let plans = walk.zip().await;
    plans.is_at("/plans");
    plans.says("Choose your plan");
    assert!(plans.body.contains("href=\"https://docs.nrg.test/efl/"), "documents lie elsewhere");
    assert!(!plans.body.contains("docs.example.com"));
}

#[test]
fn sandbox_without_tls_is_refused_where_other_hosts_reach_it() {
    let refused = run(&["sandbox", "--listen", "0.0.0.0:0"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("--plain-http"), "{said}");
    let (_running, address) = sandbox(&["--listen", "0.0.0.0:0", "--plain-http"]);
    assert!(address.starts_with("http://0.0.0.0:"), "{address}");
}

#[test]
fn sandbox_refuses_an_address_of_documents_that_no_plan_can_have() {
    for address in
        ["http://docs.nrg.test/", "https://docs.nrg.test/efl", "https://docs.nrg.test/?a=/", "docs"]
    {
        let refused = run(&["sandbox", "--listen", "127.0.0.1:0", "--documents-url", address]);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains("--documents-url"), "{address}: {said}");
    }
}

#[test]
fn demo_and_sandbox_refuse_a_settings_file_and_say_why() {
    for (arguments, why) in [
        (["--config", "enroll.toml", "demo"].as_slice(), "the demo does not read enroll.toml"),
        (&["--config", "enroll.toml", "sandbox"], "the sandbox reads no settings file"),
    ] {
        let refused = run(arguments);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains(why), "{said}");
    }
    let named = Command::new(PROGRAM).arg("demo").env("ENROLL_CONFIG", "other.toml").output().unwrap();
    assert!(String::from_utf8(named.stderr).unwrap().contains("the demo does not read other.toml"));
}

#[test]
fn demo_prints_its_settings_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let printed = run(&["demo", "--print-config", "--data", data.to_str().unwrap()]);
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.status.success() && text.contains("base_url = \"http://127.0.0.1:8081/\""), "{text}");
    assert!(!data.exists());
}
