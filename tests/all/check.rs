//! `nrg-enroll check`: what is sold and why the rest is not, before a customer finds out; and how commands end when nobody
//! reads on.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
};

use nrg_enroll::{cli::check, clock::Clock, config::Settings, entropy::Entropy, sandbox::GatewayCookie};
use serde_json::json;

use crate::support::{
    World,
    database::Database,
    fault_proxy::{html, json as answer},
    free_port, sandbox, settings,
};

/// What the command prints, and its error.
pub async fn checked(settings: &Settings, clock: Clock) -> (String, Option<String>) {
    let mut out = Vec::new();
    let checked = check::execute(settings, clock, Entropy::system(), &mut out).await;
    (String::from_utf8(out).unwrap(), checked.err().map(|error| format!("{error:#}")))
}

impl World {
    /// What the command says of this world's NRG, with these settings.
    async fn checked(&self, env: &[(&str, &str)]) -> (String, Option<String>) {
        let data = tempfile::tempdir().unwrap();
        let nrg = self.fault_proxy.as_ref().map_or(self.nrg, |proxy| proxy.address);
        let settings = settings(data.path(), &format!("http://{nrg}"), env);
        checked(&settings, self.server.app.clock.clone()).await
    }

    /// The error, on the world's NRG with these settings.
    async fn check_fails(&self, env: &[(&str, &str)]) -> String {
        let (said, error) = self.checked(env).await;
        error.unwrap_or_else(|| panic!("no error: {said}"))
    }
}

#[tokio::test]
async fn check_counts_plans_of_every_brand_at_every_utility() {
    let (said, error) = World::new().await.checked(&[]).await;
    assert_eq!(error, None);
    for line in [
        "RE: 42 plans at 7 utilities, all sold",
        "GM: 28 plans at 7 utilities, all sold",
        "CE: 28 plans at 7 utilities, all sold",
        "PW: 35 plans at 7 utilities, all sold",
        "DE: 35 plans at 7 utilities, all sold",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}: {said}");
    }
    assert!(!said.contains("spells"), "{said}");
}

#[tokio::test]
async fn check_names_each_of_fifteen_reasons_and_the_host() {
    let world = World::new().await;
    let (said, error) = world.checked(&[("ENROLL__BRANDS__RE__PROMO_CODE", "BADPLANS")]).await;
    assert_eq!(error, None, "one plan of each list is sold");
    let line = said.lines().find(|line| line.starts_with("RE: ")).unwrap();
    assert!(line.starts_with("RE: 119 plans at 7 utilities, 7 sold; not sold: "), "{line}");
    let fields = [
        "offerCode",
        "promoCode",
        "campaignCode",
        "productPriceCode",
        "incentiveCode",
        "marketSegment",
        "sapPlanName",
        "planType",
        "contractTerm",
        "averagePrice500",
        "averagePrice1000",
        "eflURL",
        "tosURL",
        "yraacURL",
        "affiliateOfferList",
        "eflURL (host docs.other.example: add it to affiliate.link_hosts if it is NRG's)",
    ];
    let reasons: Vec<&str> = line.split_once("not sold: ").unwrap().1.split(", ").collect();
    assert_eq!(reasons.len(), fields.len(), "{line}");
    for field in fields {
        assert!(reasons.contains(&format!("7 for {field}").as_str()), "{field}: {line}");
    }
}

#[tokio::test]
async fn check_fails_where_brand_sells_nothing_and_says_why() {
    let world = World::new().await;
    let with = |name: &'static str, value| [(name, value)];
    for (env, why) in [
        (
            with("ENROLL__BRANDS__GM__PROMO_CODE", "NOPLANS"),
            "GM sells nothing; NRG sends no plan: look at the promo code (brands.GM.promo_code)",
        ),
        (
            with("ENROLL__BRANDS__GM__PROMO_CODE", "BADPROMO"),
            "GM sells nothing; the promo code is not valid (brands.GM.promo_code)",
        ),
        (
            with("ENROLL__BRANDS__GM__PROMO_CODE", "NOPRICES"),
            "GM sells nothing; NRG did not answer as it should (at D0001, D0002, D0003, D0004, D0005, D0009, D0011)",
        ),
        (
            with("ENROLL__AFFILIATE__LINK_HOSTS", "docs.else.example"),
            "DE sells nothing; not sold: 35 for eflURL (host docs.example.com: add it to affiliate.link_hosts if it is NRG's)",
        ),
    ] {
        let error = world.check_fails(&env).await;
        assert!(error.contains(why), "{why}: {error}");
        assert_eq!(error.contains("RE sells nothing"), why.starts_with("DE"), "{error}");
    }
}

#[tokio::test]
async fn check_goes_on_where_single_utility_is_not_served() {
    let world = World::with_fault_proxy(&[]).await;
    // The first call is the one that asks whether NRG answers at all.
    world.fault_proxy().once("offers", answer(500, &json!({"statusCode": "01"})));
    let unserved = json!({"statusCode": "01", "messageCode": "AREA_NOT_SERVICED"});
    for _ in 0..6 {
        world.fault_proxy().once("offers", answer(200, &unserved));
    }
    let (said, error) = world.checked(&[]).await;
    assert_eq!(error, None, "{said}");
    assert!(said.contains("1 utility not served") || said.contains("utilities not served"), "{said}");
}

#[tokio::test]
async fn check_names_fields_that_were_read_in_another_spelling() {
    let world = World::new().await;
    let (said, error) = world.checked(&[("ENROLL__BRANDS__CE__PROMO_CODE", "ODDPLANS")]).await;
    assert_eq!(error, None);
    assert!(said.contains("CE: 28 plans at 7 utilities, all sold"), "{said}");
    let odd = said.lines().find(|line| line.starts_with("Read although NRG spells them otherwise")).unwrap();
    for field in ["averagePrice500", "cancelFee", "contractTerm", "eflURL", "offerCode", "tosURL"] {
        assert!(odd.contains(field), "{field}: {odd}");
    }
}

#[tokio::test]
async fn check_tries_the_other_gateway_cookie_and_names_the_one_that_works() {
    let world = World::new().await;
    for (gateway, set, works) in
        [(GatewayCookie::Required, "false", "true"), (GatewayCookie::Refused, "true", "false")]
    {
        world.sandbox.set_gateway_cookie(gateway);
        let env = [("ENROLL__NRG__GATEWAY_COOKIE", set)];
        let error = world.check_fails(&env).await;
        assert!(error.contains(&format!("nrg.gateway_cookie = {works} works: set it")), "{error}");
        assert!(!error.contains("ask NRG"), "{error}");
        let (_, error) = world.checked(&[("ENROLL__NRG__GATEWAY_COOKIE", works)]).await;
        assert_eq!(error, None, "{gateway:?}");
    }
}

#[tokio::test]
async fn check_asks_for_allow_list_only_where_both_gateway_cookies_fail() {
    let world = World::with_fault_proxy(&[]).await;
    for (says, hint) in [
        (html(403), "403: NRG does not allow this address"),
        (html(302), "a redirect or a page, not NRG's API: look at nrg.base_url"),
        (html(200), "a redirect or a page, not NRG's API: look at nrg.base_url"),
    ] {
        world.fault_proxy().always("offers", says);
        let before = world.fault_proxy().count("offers");
        let error = world.check_fails(&[]).await;
        assert!(error.contains(hint) && error.contains("allow-list"), "{error}");
        assert!(error.contains("nrg.gateway_cookie makes no difference"), "{error}");
        assert_eq!(world.fault_proxy().count("offers") - before, 2, "once in each way");
    }
}

#[tokio::test]
async fn check_distinguishes_wrong_password_and_unreachable_nrg() {
    let world = World::new().await;
    let error = world.check_fails(&[("ENROLL__NRG__PASSWORD", "00123")]).await;
    assert!(error.contains("401: nrg.username or nrg.password is wrong"), "{error}");
    assert!(!error.contains("gateway_cookie"), "{error}");
    let error = world.check_fails(&[("ENROLL__AFFILIATE__ID", "AFF-BLOCKED")]).await;
    assert!(error.contains("403: ") && error.contains("affiliate.id"), "{error}");
    let data = tempfile::tempdir().unwrap();
    let settings = settings(data.path(), &format!("http://{}", free_port()), &[]);
    let (_, error) = checked(&settings, Clock::system()).await;
    assert!(error.unwrap().contains("nrg.base_url"));
}

#[tokio::test]
async fn check_says_which_site_is_refused_where_another_is_let_in() {
    let world = World::new().await;
    let error = world.check_fails(&[
        ("ENROLL__SITES__HOMES__PUBLIC_URL", "http://localhost:8080"),
        ("ENROLL__SITES__HOMES__AFFILIATE__ID", "AFF-BLOCKED"),
    ]);
    let told = "NRG lets in site main, so the address is allowed: the affiliate.id of site homes is the one it refuses";
    let error = error.await;
    assert!(error.contains(told) && error.contains("403: "), "{error}");
}

#[tokio::test]
async fn check_names_each_host_that_leads_nowhere() {
    let world = World::new().await;
    let (said, error) = world
        .checked(&[
            ("ENROLL__POSTBACKS__OWN__URL", "https://no-such-target.invalid/in"),
            ("ENROLL__POSTBACKS__OWN__SIGNED", "false"),
            // It is the proxy's name that has to be resolved here.
            ("ENROLL__POSTBACKS__BYPROXY__URL", "https://of-the-proxy.invalid/in"),
            ("ENROLL__POSTBACKS__BYPROXY__SIGNED", "false"),
            ("ENROLL__POSTBACKS__BYPROXY__PROXY", "http://no-such-proxy.invalid:3128"),
            ("ENROLL__BRANDS__RE__DEPOSIT__URL", "https://no-such-gateway.invalid/?a={amount}"),
            ("ENROLL__BRANDS__RE__DEPOSIT__ALLOWED_HOSTS", "no-such-gateway.invalid"),
        ])
        .await;
    let error = error.unwrap();
    for line in [
        "brands.RE.deposit.url: no-such-gateway.invalid cannot be resolved: ",
        "postbacks.byproxy.proxy: no-such-proxy.invalid cannot be resolved: ",
        "postbacks.own.url: no-such-target.invalid cannot be resolved: ",
    ] {
        assert!(said.contains(line) && error.contains(line), "{line}: {said}{error}");
    }
    assert!(!said.contains("of-the-proxy") && !said.contains("127.0.0.1"), "{said}");
    assert!(said.contains("RE: 42 plans"), "it asks NRG all the same: {said}");
}

#[tokio::test]
async fn check_names_limits_that_contradict_each_other() {
    let world = World::new().await;
    let (said, error) = world.checked(&[]).await;
    assert!(
        error.is_none() && !said.contains("is no longer than") && !said.contains("is never reached"),
        "{said}"
    );
    let (said, error) = world
        .checked(&[
            ("ENROLL__SERVER__DRAIN", "120s"),
            ("ENROLL__STORE__CONNECTION_WAIT", "1m"),
            ("ENROLL__SESSION__MOST_PER_ADDRESS", "240"),
            ("ENROLL__SESSION__MOST_PER_NETWORK", "100"),
            ("ENROLL__LIMITS__IDENTITY__ADDRESS", "30 per 1h"),
            ("ENROLL__LIMITS__IDENTITY__SESSION", "40 per 1h"),
            ("ENROLL__LIMITS__BEGIN__ADDRESS", "60 per 1h"),
            ("ENROLL__LIMITS__BEGIN__AFFILIATE", "10 per 2h"),
        ])
        .await;
    assert_eq!(error, None, "a server runs with them");
    for line in [
        "server.drain (120s) is no longer than nrg.timeouts.enroll (120s): ",
        "store.connection_wait (60s) is no shorter than server.request_timeout (60s): ",
        "session.most_per_address = 240 is never reached: session.most_per_network = 100 is fewer.",
        "limits.identity.session is never reached: limits.identity.address is stricter.",
        "limits.begin.address is never reached: limits.begin.affiliate is stricter.",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert_eq!(said.matches("is never reached").count(), 3, "{said}");
}

#[tokio::test]
async fn check_names_a_database_that_cannot_be_written() {
    let world = World::new().await;
    let error = world.check_fails(&[("ENROLL__STORE__URL", "sqlite:///proc/enroll/new.db")]).await;
    assert!(error.contains("store.url: /proc cannot be written by this user"), "{error}");
    let Some(database) = Database::new().await else { return };
    let env = [("ENROLL__STORE__URL", database.url.as_str())];
    let (said, error) = world.checked(&env).await;
    assert_eq!(error, None, "{said}");
    database.set("default_transaction_read_only = on").await;
    let error = world.check_fails(&env).await;
    assert!(error.contains("store.url: transactions are read-only there"), "{error}");
    database.drop().await;
}

#[cfg(unix)]
#[tokio::test]
async fn check_names_operators_file_that_lets_nobody_into_the_desk() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("operators");
    let env = [("ENROLL__DESK__OPERATORS_FILE", file.to_str().unwrap())];
    assert!(world.check_fails(&env).await.contains("operators cannot be read or written: No such file"));
    for (text, problem) in [
        ("# nobody\n", "desk.operators_file has no operator"),
        ("ana settle correct-horse\n", "desk.operators_file: line 1 of"),
    ] {
        std::fs::write(&file, text).unwrap();
        let error = world.check_fails(&env).await;
        assert!(error.contains(problem) && !error.contains("correct-horse"), "{error}");
    }
}

#[tokio::test]
async fn check_names_data_folder_that_other_users_may_enter() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    let data = tempfile::tempdir().unwrap();
    let settings = settings(data.path(), &format!("http://{}", world.nrg), &[]);
    for (mode, named) in [(0o700, false), (0o755, true)] {
        std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        let (said, _) = checked(&settings, Clock::system()).await;
        let says = format!("Other users of this machine may enter {}", data.path().display());
        assert_eq!(said.contains(&says), named, "{said}");
    }
}

/// The program with settings of its own for the sandbox at `nrg`.
fn program(nrg: SocketAddr, data: &Path) -> Command {
    let env = [
        ("SERVER__PUBLIC_URL", "http://127.0.0.1:8080/".to_owned()),
        ("STORE__URL", format!("sqlite://{}", data.join("enroll.db").display())),
        ("SESSION__KEYS", "one:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".to_owned()),
        ("LEDGER__KEY", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=".to_owned()),
        ("NRG__BASE_URL", format!("http://{nrg}")),
        ("NRG__USERNAME", "check-user".to_owned()),
        ("NRG__PASSWORD", "check-password".to_owned()),
        ("AFFILIATE__ID", "AFF-CHECK".to_owned()),
        ("AFFILIATE__NAME", "Affiliate".to_owned()),
        ("AFFILIATE__PRIVACY_URL", "https://www.affiliate.test/privacy".to_owned()),
        ("AFFILIATE__LINK_HOSTS", "docs.nrg.test".to_owned()),
        ("BRANDS__RE__PROMO_CODE", "DEMORE".to_owned()),
    ];
    let mut program = Command::new(env!("CARGO_BIN_EXE_nrg-enroll"));
    program.env_clear().envs(env.map(|(name, value)| (format!("ENROLL__{name}"), value)));
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_where_files_are_too_few_for_the_connections() {
    let (nrg, _sandbox) = sandbox(Clock::system(), "AFF-CHECK", "check-user", "check-password").await;
    let data = tempfile::tempdir().unwrap();
    for (files, says) in [(1024, true), (4608, false)] {
        let known = program(nrg, data.path());
        let limited = format!("ulimit -n {files}; exec \"$0\" check");
        let mut program = Command::new("sh");
        let program = program.args(["-c", &limited, env!("CARGO_BIN_EXE_nrg-enroll")]).env_clear();
        let program = program.envs(known.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let said = String::from_utf8(program.output().unwrap().stdout).unwrap();
        let few =
            "there is room for 512 connections, not for server.max_connections = 4096: allow the server 4608";
        assert_eq!(said.contains(few), says, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_end_quietly_when_nobody_reads_their_output() {
    let (nrg, _sandbox) = sandbox(Clock::system(), "AFF-CHECK", "check-user", "check-password").await;
    let data = tempfile::tempdir().unwrap();
    for command in [
        &["migrate"][..],
        &["config"],
        &["config", "--reference"],
        &["check"],
        &["ledger", "list"],
        &["postbacks", "list"],
        &["report"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut program = program(nrg, data.path());
        let program = program.args(command).stdout(writer).stderr(Stdio::piped());
        let ended = program.output().unwrap();
        let errors = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success() && errors.is_empty(), "{command:?}: {:?} {errors}", ended.status);
    }
}
