//! By way of a proxy: calls to NRG and postbacks go out by the one in the settings, and by none that the environment names.

use std::process::{Command, Output};

use base64::{Engine, engine::general_purpose::STANDARD};
use nrg_enroll::{
    cli::postbacks::{Command as Postbacks, execute},
    clock::Clock,
    entropy::Entropy,
    journey::ClickParams,
    server,
};

use crate::{
    postbacks::Receiver,
    support::{
        World,
        egress_proxy::{EgressProxy, Protocol},
        fault_proxy::FaultProxy,
        settings,
        tls_front::TlsFront,
    },
};

/// With what a URL would spell otherwise.
const LETS_IN: &str = "canary-user:canary:w%41rd @/";

/// `check` in a process of its own, with these settings and an environment that names a proxy where nobody is.
async fn check(front: &TlsFront, env: &[(&str, &str)]) -> Output {
    let data = tempfile::tempdir().unwrap();
    let trusted = data.path().join("nrg.pem");
    std::fs::write(&trusted, &front.certificate).unwrap();
    let credentials = data.path().join("proxy");
    std::fs::write(&credentials, format!("{LETS_IN}\n")).unwrap();
    let key = || STANDARD.encode(Entropy::system().bytes::<32>());
    let mut command = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"));
    command.arg("check").env_clear().env("SSL_CERT_FILE", &trusted);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, "http://127.0.0.1:1");
    }
    let own = [
        ("SERVER__PUBLIC_URL", "https://enroll.affiliate.test"),
        ("STORE__URL", &format!("sqlite://{}/own.db", data.path().display())),
        ("SESSION__KEYS", &format!("one:{}", key())),
        ("LEDGER__KEY", &key()),
        ("NRG__USERNAME", "partner"),
        ("NRG__PASSWORD", "word"),
        ("AFFILIATE__ID", "AFF-OWN"),
        ("AFFILIATE__NAME", "Affiliate"),
        ("AFFILIATE__PRIVACY_URL", "https://www.affiliate.test/privacy"),
        ("AFFILIATE__LINK_HOSTS", "docs.nrg.test"),
        ("BRANDS__RE__PROMO_CODE", "DEMORE"),
    ];
    command.envs(own.iter().chain(env).map(|(name, value)| {
        (format!("ENROLL__{name}"), value.replace("CREDENTIALS", credentials.to_str().unwrap()))
    }));
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn nrg() -> TlsFront {
    let (nrg, _) = crate::support::sandbox(Clock::system(), "AFF-OWN", "partner", "word").await;
    TlsFront::start(FaultProxy::start(nrg).await.address).await
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[tokio::test]
async fn calls_to_nrg_go_by_the_proxy_which_resolves_the_name() {
    let front = nrg().await;
    let nrg = format!("nrg.invalid:{}", front.address.port());
    for protocol in [Protocol::Connect, Protocol::Socks5] {
        for wants in [None, Some(LETS_IN)] {
            let proxy = EgressProxy::start(protocol, wants).await;
            let (base, url) = (format!("https://{nrg}"), proxy.url());
            let mut env = vec![("NRG__BASE_URL", base.as_str()), ("NRG__PROXY", &url)];
            if wants.is_some() {
                env.push(("NRG__PROXY_CREDENTIALS_FILE", "CREDENTIALS"));
            }
            let checked = check(&front, &env).await;
            assert!(checked.status.success(), "{url}: {}", text(&checked));
            let asked = proxy.asked();
            assert!(!asked.is_empty() && asked.iter().all(|asked| *asked == nrg), "{url}: {asked:?}");
            assert_eq!(proxy.refused(), 0, "{url}");
        }
    }
}

#[tokio::test]
async fn proxy_of_the_environment_is_not_used() {
    let front = nrg().await;
    let checked = check(&front, &[("NRG__BASE_URL", &format!("https://{}", front.address))]).await;
    assert!(checked.status.success(), "{}", text(&checked));
}

#[tokio::test]
async fn check_names_the_proxy_that_lets_nobody_in_without_its_password() {
    let front = nrg().await;
    for protocol in [Protocol::Connect, Protocol::Socks5] {
        let proxy = EgressProxy::start(protocol, Some("canary-user:another")).await;
        let (base, url) = (format!("https://nrg.invalid:{}", front.address.port()), proxy.url());
        let env = [
            ("NRG__BASE_URL", base.as_str()),
            ("NRG__PROXY", &url),
            ("NRG__PROXY_CREDENTIALS_FILE", "CREDENTIALS"),
        ];
        let checked = check(&front, &env).await;
        let said = text(&checked);
        assert!(
            !checked.status.success() && proxy.refused() > 0 && proxy.asked().is_empty(),
            "{url}: {said}"
        );
        assert!(said.contains("NRG cannot be reached by way of nrg.proxy: look at nrg.proxy and"), "{said}");
        assert!(!said.contains("canary") && !said.contains(&STANDARD.encode(LETS_IN)), "{said}");
    }
}

#[tokio::test]
async fn postback_goes_by_the_proxy_of_its_target() {
    let receiver = Receiver::open(&[]).await;
    let front = TlsFront::start(FaultProxy::start(receiver.address).await.address).await;
    let files = tempfile::tempdir().unwrap();
    let [authority, credentials] =
        ["ca.pem", "proxy"].map(|name| files.path().join(name).display().to_string());
    std::fs::write(&authority, &front.certificate).unwrap();
    std::fs::write(&credentials, LETS_IN).unwrap();
    let mut received = 0;
    for protocol in [Protocol::Connect, Protocol::Socks5] {
        for (wants, outcome) in
            [(Some(LETS_IN), "HTTP 204"), (Some("user:another"), "its proxy does not connect it: ")]
        {
            let proxy = EgressProxy::start(protocol, wants).await;
            let url = format!("https://nrg.invalid:{}/in", front.address.port());
            let env = [
                ("ENROLL__POSTBACKS__OWN__URL", url.as_str()),
                ("ENROLL__POSTBACKS__OWN__CA_FILE", &authority),
                ("ENROLL__POSTBACKS__OWN__SIGNED", "false"),
                ("ENROLL__POSTBACKS__OWN__PROXY", &proxy.url()),
                ("ENROLL__POSTBACKS__OWN__PROXY_CREDENTIALS_FILE", &credentials),
            ];
            let world = World::with(&env).await;
            let settings = settings(world.data.path(), "http://127.0.0.1:1", &env);
            let store = server::open_store(&settings).await.unwrap();
            let outbox = server::outbox(&settings, &store, &Clock::system(), &Entropy::system());
            let mut out = Vec::new();
            let command = Postbacks::Test {
                target: "own".into(),
                ending: "enrolled".parse().unwrap(),
                link: "cid=c".into(),
            };
            let tried = execute(&outbox, &ClickParams::default(), command, &mut out).await;
            let said = String::from_utf8(out).unwrap();
            assert!(
                said.contains(outcome) && !said.contains("another") && !said.contains("canary"),
                "{said}"
            );
            let is_accepted = wants == Some(LETS_IN);
            assert_eq!(
                (tried.is_ok(), proxy.asked().len()),
                (is_accepted, usize::from(is_accepted)),
                "{said}"
            );
            received += usize::from(is_accepted);
            receiver.receives(received).await;
        }
    }
}
