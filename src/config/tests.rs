//! Each rule of the settings, and the key it names.

use std::{path::PathBuf, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use config::ValueKind;

use super::{
    testing::{Env, key},
    *,
};
use crate::{
    fields::{Brand, Language},
    journey::{ClickParams, DepositPayment, WayOut},
    postback::{Ending, Field},
};

fn env(pairs: &[(&str, &str)]) -> Env {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What an affiliate that sells one brand has to set, changed by `changes`.
fn affiliate(changes: &[(&str, &str)]) -> Env {
    let mut all = testing::required();
    all.extend(env(changes));
    all
}

const GATEWAY: &str = "https://pay.nrg.test/now?a={account_number}&c={customer_number}&d={amount}&l={language}\
    &b={brand}&co={company_code}&t={tracking_id}&r={return_url}";

/// Changes that hand RE's deposits over to a gateway.
fn gateway<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("ENROLL__BRANDS__RE__DEPOSIT__HANDOVER", "gateway"),
        ("ENROLL__BRANDS__RE__DEPOSIT__URL", GATEWAY),
        ("ENROLL__BRANDS__RE__DEPOSIT__ALLOWED_HOSTS", "pay.nrg.test"),
    ];
    all.extend_from_slice(changes);
    all
}

fn load(env: Env) -> Result<Settings, Vec<(String, Why)>> {
    Settings::load(None, env).map_err(|Problems(problems)| {
        problems.into_iter().map(|problem| (problem.key, problem.why)).collect()
    })
}

fn loaded(env: Env) -> Settings {
    load(env).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The keys that `env` is refused for.
fn refused(env: Env) -> Vec<String> {
    load(env).err().unwrap_or_default().into_iter().map(|(key, _)| key).collect()
}

#[test]
fn outage_settings_load_as_windows_and_brands_and_errors_name_key() {
    let settings = loaded(affiliate(&[
        ("ENROLL__OUTAGE__WINDOWS", "2030-07-04T22:00/2030-07-05T02:30, 2030-08-01T03:00Z/2030-08-01T04:00Z"),
        ("ENROLL__BRANDS__RE__OUTAGE", "true"),
        // A brand that is not sold is not out either.
        ("ENROLL__BRANDS__GM__OUTAGE", "true"),
    ]));
    let outages = &settings.outages()[Site::MAIN];
    assert_eq!(outages.windows.len(), 2);
    assert_eq!(
        outages.until("2030-07-05T03:00:00Z".parse().unwrap()).unwrap().to_string(),
        "2030-07-05T07:30:00Z"
    );
    assert_eq!(Vec::from_iter(&outages.brands), [&Brand::Reliant]);
    assert_eq!(loaded(affiliate(&[])).outages()[Site::MAIN], Outages::default());
    for (name, value, key) in [
        ("ENROLL__OUTAGE__WINDOWS", "tonight", "outage.windows"),
        ("ENROLL__OUTAGE__WINDOWS", "2030-07-05T02:00/2030-07-04T22:00", "outage.windows"),
        ("ENROLL__BRANDS__RE__OUTAGE", "until noon", "brands.RE.outage"),
        ("ENROLL__BRANDS__RE__LINK_PROMO_CODES", "SPRING,much too long", "brands.RE.link_promo_codes"),
    ] {
        assert_eq!(refused(affiliate(&[(name, value)])), [key], "{value}");
    }
    let problems = Settings::load(None, affiliate(&[("ENROLL__OUTAGE__WINDOWS", "tonight")])).err().unwrap();
    assert!(
        problems.to_string().contains("each from/to with the end after the start: Texas time as in"),
        "{problems}"
    );
}

#[test]
fn settings_with_only_required_keys_load_with_defaults() {
    let settings = loaded(affiliate(&[]));
    assert_eq!(settings.server.listen.to_string(), "0.0.0.0:8080");
    assert_eq!(settings.session.limits.idle, Duration::from_secs(30 * 60));
    assert_eq!(settings.session.limits.absolute, Duration::from_secs(12 * 3600));
    assert!(!settings.api.enabled && !settings.api.open && settings.api.origins.is_empty());
    assert_eq!(settings.store.url.as_str(), "sqlite://data/nrg-enroll.db");
    assert_eq!(settings.main.site.link_hosts, ["docs.nrg.test", ".nrg.test"]);
    assert_eq!((settings.main.site.click_params.iter().count(), settings.follow_ups), (23, None));
    assert_eq!(settings.nrg.client.timeouts.of(Endpoint::Enroll), Duration::from_secs(120));
    let sending = settings.ledger.sending(settings.store.lease);
    assert_eq!((sending.send_limit, sending.lease), (Duration::from_secs(150), Duration::from_secs(30)));
    let site = &settings.main.site;
    assert_eq!(site.brands.keys().copied().collect::<Vec<_>>(), [Brand::Reliant]);
    let reliant = site.brand(Brand::Reliant).unwrap();
    assert_eq!(reliant.promo_code.as_deref(), Some("SAVE10"));
    assert_eq!(reliant.phone.english.digits(), "8662227100");
    assert!(matches!(reliant.deposit, DepositPayment::Phone));
}

#[test]
fn mail_needs_relay_sender_and_encryption() {
    assert!(loaded(affiliate(&[])).mail.is_none());
    let set = [
        ("ENROLL__MAIL__ENABLED", "true"),
        ("ENROLL__MAIL__HOST", "relay.affiliate.test"),
        ("ENROLL__AFFILIATE__MAIL_FROM", "Affiliate <hello@affiliate.test>"),
    ];
    let with = |more: &[(&'static str, &'static str)]| affiliate(&[&set, more].concat());
    let settings = loaded(with(&[]));
    assert_eq!(settings.mail.unwrap().relay.to_string(), "relay.affiliate.test:587 (tls = required)");
    assert_eq!(settings.main.mail_from.unwrap().to_string(), "Affiliate <hello@affiliate.test>");
    // On this machine, and where it is said to be meant.
    let here = [("ENROLL__MAIL__HOST", "127.0.0.1"), ("ENROLL__MAIL__TLS", "none")];
    assert!(loaded(with(&here)).mail.is_some());
    let cleartext = [("ENROLL__MAIL__TLS", "none"), ("ENROLL__MAIL__ALLOW_CLEARTEXT", "true")];
    assert!(loaded(with(&cleartext)).mail.is_some());
    let password = [("ENROLL__MAIL__USERNAME", "affiliate"), ("ENROLL__MAIL__PASSWORD", "word")];
    for (more, key) in [
        (&[("ENROLL__MAIL__HOST", "smtp.example.com")][..], "mail.host"),
        (&[("ENROLL__MAIL__HOST", "a relay")], "mail.host"),
        (&[("ENROLL__MAIL__PORT", "none")], "mail.port"),
        (&[("ENROLL__MAIL__TLS", "maybe")], "mail.tls"),
        (&[("ENROLL__MAIL__TLS", "none")], "mail.tls"),
        (&[cleartext[0], cleartext[1], password[0], password[1]], "mail.tls"),
        (&[password[0]], "mail.password"),
        (&[password[1]], "mail.username"),
        (&[("ENROLL__MAIL__TIMEOUT", "2m")], "mail.timeout"),
        (&[("ENROLL__MAIL__CA_FILE", "/dev/null")], "mail.ca_file"),
        (&[("ENROLL__AFFILIATE__MAIL_FROM", "")], "affiliate.mail_from"),
        (&[("ENROLL__AFFILIATE__MAIL_FROM", "Affiliate")], "affiliate.mail_from"),
        (&[("ENROLL__AFFILIATE__MAIL_REPLY_TO", "nobody")], "affiliate.mail_reply_to"),
        (&[("ENROLL__LIMITS__MAIL__RECIPIENT", "many")], "limits.mail.recipient"),
    ] {
        assert_eq!(refused(with(more)), [key], "{key}");
    }
    // Each site, of its own or the main one's.
    let other = [("ENROLL__SITES__B__PUBLIC_URL", "https://b.affiliate.test")];
    let named = ("ENROLL__SITES__B__AFFILIATE__MAIL_FROM", "B <b@affiliate.test>");
    assert!(loaded(with(&other)).others[0].mail_from.is_some());
    assert_eq!(
        loaded(with(&[other[0], named])).others[0].mail_from.as_ref().unwrap().to_string(),
        "B <b@affiliate.test>"
    );
    assert_eq!(
        refused(with(&[other[0], named, ("ENROLL__AFFILIATE__MAIL_FROM", "")])),
        ["affiliate.mail_from"]
    );
}

#[test]
fn password_of_digits_keeps_leading_zeros() {
    assert_eq!(loaded(affiliate(&[])).nrg.client.password.as_str(), "00123");
}

#[test]
fn empty_settings_report_every_required_key_at_once() {
    let expected = [
        ("server.public_url", Why::Example),
        ("session.keys", Why::Missing),
        ("ledger.key", Why::Missing),
        ("nrg.base_url", Why::Example),
        ("nrg.username", Why::Missing),
        ("nrg.password", Why::Missing),
        ("affiliate.id", Why::Example),
        ("affiliate.name", Why::Example),
        ("affiliate.privacy_url", Why::Example),
        ("affiliate.link_hosts", Why::Example),
        ("brands.RE.promo_code", Why::Example),
    ];
    assert_eq!(load(Vec::new()).err().unwrap(), expected.map(|(key, why)| (key.to_owned(), why)));
}

#[test]
fn invalid_value_is_refused_naming_its_key() {
    let short = STANDARD.encode([1; 31]);
    let one_byte = STANDARD.encode([1; 32]);
    let one_byte_beside = format!("a:{},b:{one_byte}", key(1));
    let twice = format!("a:{},a:{}", key(1), key(2));
    for (name, value, expected) in [
        ("ENROLL__SERVER__LISTEN", "8080", "server.listen"),
        ("ENROLL__SERVER__PRIVATE_LISTEN", "localhost", "server.private_listen"),
        ("ENROLL__SERVER__PRIVATE_HOSTS", "one:9090", "server.private_hosts"),
        ("ENROLL__SERVER__PUBLIC_URL", "http://enroll.affiliate.test", "server.public_url"),
        ("ENROLL__SERVER__PUBLIC_URL", "https://affiliate.test/enroll", "server.public_url"),
        ("ENROLL__SERVER__PUBLIC_URL", "", "server.public_url"),
        ("ENROLL__SERVER__TRUSTED_PROXIES", "-1", "server.trusted_proxies"),
        ("ENROLL__SERVER__REQUEST_TIMEOUT", "30", "server.request_timeout"),
        ("ENROLL__SERVER__REQUEST_TIMEOUT", "0s", "server.request_timeout"),
        ("ENROLL__SERVER__REQUEST_TIMEOUT", "-5s", "server.request_timeout"),
        ("ENROLL__SERVER__MAX_BODY_BYTES", "64k", "server.max_body_bytes"),
        ("ENROLL__STORE__URL", "mysql://db/enroll", "store.url"),
        ("ENROLL__STORE__URL", "", "store.url"),
        ("ENROLL__STORE__LEASE", "999ms", "store.lease"),
        ("ENROLL__STORE__CONNECTIONS", "0", "store.connections"),
        ("ENROLL__STORE__CONNECTION_WAIT", "5", "store.connection_wait"),
        ("ENROLL__SERVER__UNREADY_SECONDS", "5s", "server.unready_seconds"),
        ("ENROLL__SESSION__KEYS", "", "session.keys"),
        ("ENROLL__SESSION__KEYS", &short, "session.keys"),
        ("ENROLL__SESSION__KEYS", &twice, "session.keys"),
        ("ENROLL__SESSION__IDLE", "13h", "session.idle"),
        ("ENROLL__SESSION__IDLE", "299s", "session.idle"),
        ("ENROLL__SESSION__KEYS", &one_byte_beside, "session.keys"),
        ("ENROLL__LEDGER__KEY", &short, "ledger.key"),
        ("ENROLL__LEDGER__KEY", &one_byte, "ledger.key"),
        ("ENROLL__LEDGER__RETENTION_DAYS", "729", "ledger.retention_days"),
        ("ENROLL__LEDGER__MAX_TRIES", "0", "ledger.max_tries"),
        ("ENROLL__LEDGER__SEND_LIMIT", "120s", "ledger.send_limit"),
        ("ENROLL__LEDGER__ATTEMPTS_DAYS", "0", "ledger.attempts_days"),
        ("ENROLL__NRG__BASE_URL", "http://stg-api.nrg.com", "nrg.base_url"),
        ("ENROLL__NRG__BASE_URL", "https://stg-api.nrg.com/NRGREST", "nrg.base_url"),
        ("ENROLL__NRG__BASE_PATH", "rest/sales", "nrg.base_path"),
        ("ENROLL__NRG__USERNAME", "part:ner", "nrg.username"),
        ("ENROLL__NRG__PASSWORD", "sandbox-example", "nrg.password"),
        ("ENROLL__NRG__TIMEOUTS__ESID_RESIDENTIAL", "soon", "nrg.timeouts.esid_residential"),
        ("ENROLL__NRG__CONNECT_TIMEOUT", "20s", "nrg.connect_timeout"),
        ("ENROLL__NRG__PROXY", "proxy.internal:3128", "nrg.proxy"),
        ("ENROLL__NRG__PROXY", "http://user:word@proxy.internal:3128", "nrg.proxy"),
        ("ENROLL__NRG__PROXY_CREDENTIALS", "user:word", "nrg.proxy"),
        ("ENROLL__NRG__PROXY_CREDENTIALS", "user", "nrg.proxy_credentials"),
        ("ENROLL__NRG__PROXY_CREDENTIALS_FILE", "/no/such/file", "nrg.proxy_credentials_file"),
        ("ENROLL__NRG__OFFERS_STALE", "1m", "nrg.offers_stale"),
        ("ENROLL__NRG__UTILITIES_CACHE", "hours", "nrg.utilities_cache"),
        ("ENROLL__NRG__GATEWAY_COOKIE", "yes", "nrg.gateway_cookie"),
        ("ENROLL__AFFILIATE__ID", "AFF-EXAMPLE", "affiliate.id"),
        ("ENROLL__AFFILIATE__ID", "12345678901234567890123456789012345678901", "affiliate.id"),
        ("ENROLL__AFFILIATE__NAME", " ", "affiliate.name"),
        ("ENROLL__AFFILIATE__PRIVACY_URL", "", "affiliate.privacy_url"),
        ("ENROLL__AFFILIATE__PRIVACY_URL", "http://www.affiliate.test/privacy", "affiliate.privacy_url"),
        ("ENROLL__AFFILIATE__DEFAULT_BRAND", "XX", "affiliate.default_brand"),
        ("ENROLL__AFFILIATE__DEFAULT_BRAND", "GM", "affiliate.default_brand"),
        ("ENROLL__AFFILIATE__CLICK_PARAMS", "clickref,zip", "affiliate.click_params"),
        ("ENROLL__AFFILIATE__CLICK_PARAMS", "sub3", "affiliate.click_params"),
        ("ENROLL__AFFILIATE__CLICK_PARAMS", "ClickRef", "affiliate.click_params"),
        // A postback has these.
        ("ENROLL__AFFILIATE__CLICK_PARAMS", "click_id", "affiliate.click_params"),
        ("ENROLL__AFFILIATE__CLICK_PARAMS", "amount", "affiliate.click_params"),
        ("ENROLL__FOLLOW_UP__ENABLED", "maybe", "follow_up.enabled"),
        ("ENROLL__FOLLOW_UP__EVERY", "59s", "follow_up.every"),
        ("ENROLL__FOLLOW_UP__DAYS", "0", "follow_up.days"),
        ("ENROLL__AFFILIATE__LINK_HOSTS", "", "affiliate.link_hosts"),
        ("ENROLL__AFFILIATE__LINK_HOSTS", "https://docs.nrg.test", "affiliate.link_hosts"),
        ("ENROLL__AFFILIATE__LINK_HOSTS", "docs.nrg.test,docs.example.com", "affiliate.link_hosts"),
        ("ENROLL__BRANDS__RE__ENABLED", "maybe", "brands.RE.enabled"),
        ("ENROLL__BRANDS__RE__PROMO_CODE", "EXAMPLE", "brands.RE.promo_code"),
        ("ENROLL__BRANDS__RE__PROMO_CODE", "A,B,C", "brands.RE.promo_code"),
        ("ENROLL__BRANDS__RE__PROMO_CODE", "ELEVENCHARS", "brands.RE.promo_code"),
        ("ENROLL__BRANDS__RE__CERTIFICATE", "", "brands.RE.certificate"),
        ("ENROLL__BRANDS__RE__PHONE__ES", "555-0142", "brands.RE.phone.es"),
        ("ENROLL__BRANDS__RE__PHONE", "1-866-222-7100", "brands.RE.phone"),
        ("ENROLL__BRANDS__RE__HOURS", "8 to 6", "brands.RE.hours"),
        ("ENROLL__AFFILIATE__ALLOW_PREPAID", "some", "affiliate.allow_prepaid"),
        ("ENROLL__BRANDS__RE__EMAIL", "care at reliant", "brands.RE.email"),
        ("ENROLL__BRANDS__RE__EMAIL", "care@reliant.example", "brands.RE.email"),
        ("ENROLL__BRANDS__RE__CONFIRMATION_EMAIL", "mostly", "brands.RE.confirmation_email"),
        ("ENROLL__BRANDS__RE__DEPOSIT__WAYS_OUT", "age,rich_uncle", "brands.RE.deposit.ways_out"),
        ("ENROLL__BRANDS__RE__DEPOSIT__DEADLINE__EN", "Pay within 30 days.", "brands.RE.deposit.deadline.es"),
        ("ENROLL__BRANDS__RE__DEPOSIT__PAPERS__ES", "Por fax.", "brands.RE.deposit.papers.en"),
        ("ENROLL__BRANDS__RE__DEPOSIT__HANDOVER", "card", "brands.RE.deposit.handover"),
        ("ENROLL__LIMITS__MINIMUM_SECONDS", "2s", "limits.minimum_seconds"),
        ("ENROLL__LIMITS__HONEYPOT", "1", "limits.honeypot"),
        ("ENROLL__LIMITS__FEED__PARTNER", "many", "limits.feed.partner"),
        ("ENROLL__API__ENABLED", "on", "api.enabled"),
        ("ENROLL__API__OPEN", "1", "api.open"),
        ("ENROLL__API__ORIGINS", "*", "api.origins"),
        ("ENROLL__API__ORIGINS", "https://a.test,http://b.test", "api.origins"),
        ("ENROLL__API__ORIGINS", "https://a.test/page", "api.origins"),
        ("ENROLL__LOG__FORMAT", "xml", "log.format"),
        ("ENROLL__LOG__LEVEL", "loud", "log.level"),
        ("ENROLL__SERVER", "x", "server"),
        ("ENROLL__SERVER__LISTEN__HOST", "x", "server.listen"),
    ] {
        let found = refused(affiliate(&[(name, value)]));
        // A default brand that cannot be read as enabled is reported as well.
        assert_eq!(found.first().map(String::as_str), Some(expected), "{name}={value}: {found:?}");
        assert!(found.len() == 1 || name == "ENROLL__BRANDS__RE__ENABLED", "{name}={value}: {found:?}");
    }
}

#[test]
fn variable_with_one_underscore_is_refused_with_the_name_that_is_meant() {
    for (name, meant) in [
        ("ENROLL_SERVER_LISTEN", "ENROLL__SERVER__LISTEN"),
        ("ENROLL_SERVER__LISTEN", "ENROLL__SERVER__LISTEN"),
        ("ENROLL_NRG_TIMEOUTS_ENROLL", "ENROLL__NRG__TIMEOUTS__ENROLL"),
        ("ENROLL_BRANDS_RE_PROMO_CODE", "ENROLL__BRANDS__RE__PROMO_CODE"),
        ("ENROLL_SESSION_KEY", "ENROLL__SESSION__KEY"),
        ("ENROLL_POSTBACKS_CRM_URL", "ENROLL__POSTBACKS__CRM_URL"),
    ] {
        let problems = Settings::load(None, affiliate(&[(name, "canary")])).err().unwrap();
        let said = format!("{name}: is not read: two underscores are needed, as in {meant}\n");
        assert_eq!(problems.to_string(), said);
    }
    // Together with every other problem.
    assert_eq!(
        refused(vec![("ENROLL_LOG_LEVEL".into(), "debug".into())]).last().unwrap(),
        "ENROLL_LOG_LEVEL"
    );
    let others =
        [("ENROLL_SERVICE_HOST", "10.0.0.1"), ("ENROLL_PORT", "1"), ("ENROLL_TEST_POSTGRES_URL", "x")];
    assert!(Settings::load(None, affiliate(&others)).is_ok());
}

#[test]
fn admin_listener_needs_an_address_of_its_own() {
    for (public, private, clash) in [
        ("127.0.0.1:8080", "127.0.0.1:8080", true),
        ("0.0.0.0:8080", "127.0.0.1:8080", true),
        ("[::]:8080", "127.0.0.1:8080", true),
        ("10.0.0.1:8080", "[::]:8080", true),
        ("127.0.0.1:8080", "127.0.0.1:9090", false),
        ("10.0.0.1:8080", "127.0.0.1:8080", false),
        ("0.0.0.0:8080", "[::1]:8080", false),
        ("127.0.0.1:0", "127.0.0.1:0", false),
    ] {
        let env = [("ENROLL__SERVER__LISTEN", public), ("ENROLL__SERVER__PRIVATE_LISTEN", private)];
        let found = Settings::load(None, affiliate(&env)).err().map(|problems| problems.to_string());
        assert_eq!(found.is_some(), clash, "{public} {private} {found:?}");
        assert!(
            found.is_none_or(|found| found.starts_with("server.private_listen: must be another address"))
        );
    }
}

#[test]
fn database_password_that_is_not_encoded_is_refused_and_not_shown() {
    let encoded = "postgres://enroll:ca%40na%23ry%2F@database:5432/enroll";
    for good in [encoded, "postgresql:///enroll?host=/run/postgresql", "postgres://u:p@[::1]/enroll"] {
        assert!(Settings::load(None, affiliate(&[("ENROLL__STORE__URL", good)])).is_ok(), "{good}");
    }
    for bad in ["canary#1", "12#canary", "canary/1", "12/canary", "canary?"] {
        let url = format!("postgres://enroll:{bad}@database:5432/enroll");
        let problems = Settings::load(None, affiliate(&[("ENROLL__STORE__URL", &url)])).err().unwrap();
        let said = problems.explained();
        assert!(
            said.starts_with("store.url: must be a database address") && said.contains("# %23"),
            "{said}"
        );
        assert!(!said.contains("canary"), "{said}");
    }
}

#[test]
fn proxy_is_for_what_is_encrypted_and_elsewhere() {
    let proxy = ("ENROLL__NRG__PROXY", "socks5://[::1]:1080");
    let credentials = ("ENROLL__NRG__PROXY_CREDENTIALS", "canary:word");
    assert!(loaded(affiliate(&[proxy, credentials])).nrg.client.proxy.is_some());
    let shown = Settings::show(None, affiliate(&[proxy, credentials])).unwrap();
    assert!(shown.contains("nrg.proxy_credentials = (secret, set)") && !shown.contains("canary"), "{shown}");
    let open = ("ENROLL__NRG__BASE_URL", "http://127.0.0.1:8081");
    assert_eq!(refused(affiliate(&[proxy, open])), ["nrg.proxy"]);
    let own = [
        ("ENROLL__POSTBACKS__OWN__URL", "http://[::1]:1/in"),
        ("ENROLL__POSTBACKS__OWN__LOOPBACK", "true"),
        ("ENROLL__POSTBACKS__OWN__SIGNED", "false"),
        ("ENROLL__POSTBACKS__OWN__PROXY", "http://proxy.internal:3128"),
    ];
    assert_eq!(refused(affiliate(&own)), ["postbacks.own.proxy"]);
}

#[test]
fn host_may_be_an_address_that_of_ipv6_in_brackets() {
    let hosts = [("ENROLL__AFFILIATE__LINK_HOSTS", "[2001:0db8::9],10.0.0.1,docs.nrg.com")];
    let site = loaded(affiliate(&hosts)).main.site;
    assert_eq!(site.link_hosts, ["[2001:db8::9]", "10.0.0.1", "docs.nrg.com"]);
    for bad in ["[::1", "::1", "[host]"] {
        assert_eq!(refused(affiliate(&[("ENROLL__AFFILIATE__LINK_HOSTS", bad)])), ["affiliate.link_hosts"]);
    }
}

#[test]
fn shortest_idle_limit_is_five_minutes() {
    let limits = loaded(affiliate(&[("ENROLL__SESSION__IDLE", "5m")])).session.limits;
    assert_eq!(limits.idle, Duration::from_secs(300));
}

#[test]
fn invalid_gateway_setting_is_refused_naming_its_key() {
    for (name, value, expected) in [
        ("URL", "", "url"),
        ("URL", "http://pay.nrg.test/?a={amount}", "url"),
        ("URL", "https://pay.elsewhere.test/?a={amount}", "url"),
        ("URL", "https://{brand}.nrg.test/", "url"),
        ("URL", "https://pay.nrg.test/{amount}", "url"),
        ("URL", "https://pay.nrg.test/?a={ssn}", "url"),
        ("URL", "https://pay.nrg.test/?a={amount", "url"),
        ("URL", "https://pay.nrg.test/?a={amount}#end", "url"),
        ("METHOD", "get", "method"),
        ("ALLOWED_HOSTS", "", "allowed_hosts"),
        ("ALLOWED_HOSTS", "https://pay.nrg.test", "allowed_hosts"),
        ("ALLOWED_HOSTS", ".nrg.test", "url"),
        ("HMAC_KEY_FILE", "/no/such/file", "hmac_key_file"),
    ] {
        let name = format!("ENROLL__BRANDS__RE__DEPOSIT__{name}");
        let found = refused(affiliate(&gateway(&[(&name, value)])));
        assert_eq!(found, [format!("brands.RE.deposit.{expected}")], "{name}={value}");
    }
    let settings = loaded(affiliate(&gateway(&[("ENROLL__BRANDS__RE__DEPOSIT__HMAC_KEY", "sign")])));
    let DepositPayment::Gateway(gateway) = &settings.main.site.brands[&Brand::Reliant].deposit else {
        panic!("by phone")
    };
    assert_eq!(gateway.url, GATEWAY);
    assert_eq!(gateway.hmac_key.as_ref().unwrap().as_str(), "sign");
}

/// What `docs/postbacks.md` shows for each network is a target, but for the files of secrets, which are made here.
#[test]
fn every_example_of_docs_postbacks_is_read() {
    let page = include_str!("../../docs/postbacks.md");
    let examples: Vec<&str> =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let mut targets = 0;
    for example in examples {
        let folder = tempfile::tempdir().unwrap();
        let mut text = example.to_owned();
        for name in example.split("\"/run/secrets/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let secret = if name.starts_with("postback-") { key(7) } else { "a-user:to-ken".to_owned() };
            std::fs::write(folder.path().join(name), secret).unwrap();
        }
        text = text.replace("/run/secrets", folder.path().to_str().unwrap());
        let file = folder.path().join("enroll.toml");
        std::fs::write(&file, &text).unwrap();
        let settings = Settings::load(Some(&file), affiliate(&[]));
        let settings = settings.unwrap_or_else(|problems| panic!("{example}\n{}", problems.explained()));
        targets += settings.postbacks.iter().count();
    }
    assert_eq!(targets, 9);
}

#[test]
fn invalid_postback_target_setting_is_refused_naming_its_key() {
    let secret = key(4);
    let network = |changes: &[(&'static str, &'static str)]| {
        let mut all = vec![
            ("ENROLL__POSTBACKS__NETWORK__URL", "https://net.affiliate.test/in?c={click_id}&p={deposit}"),
            ("ENROLL__POSTBACKS__NETWORK__METHOD", "GET"),
            ("ENROLL__POSTBACKS__NETWORK__SECRET", secret.as_str()),
        ];
        all.extend_from_slice(changes);
        affiliate(&all)
    };
    let settings = loaded(network(&[]));
    let target = settings.postbacks.of("network").unwrap();
    assert_eq!(target.wants.endings, [Ending::Enrolled, Ending::Accepted]);
    assert_eq!(target.wants.click, Field::parse("click_id", &ClickParams::default()));
    assert!(!target.loopback && settings.postbacks.of("NAME").is_none());
    assert!(loaded(affiliate(&[])).postbacks.is_empty());
    for (name, value, expected) in [
        ("NETWORK__URL", "", "postbacks.network.url"),
        ("NETWORK__URL", "http://net.affiliate.test/in?c={click_id}", "postbacks.network.url"),
        ("NETWORK__URL", "https://10.0.0.1/in?c={click_id}", "postbacks.network.url"),
        ("NETWORK__URL", "https://net.affiliate.test/in?c={first_name}", "postbacks.network.url"),
        ("NETWORK__URL", "https://net.example.com/in?c={click_id}", "postbacks.network.url"),
        ("NETWORK__METHOD", "PUT", "postbacks.network.method"),
        ("NETWORK__FIELDS", "click_id,tracking_id", "postbacks.network.fields"),
        ("NETWORK__ENDINGS", "won", "postbacks.network.endings"),
        ("NETWORK__ENDINGS", "", "postbacks.network.endings"),
        ("NETWORK__SECRET", "", "postbacks.network.secret"),
        ("NETWORK__SECRET", "c2hvcnQ=", "postbacks.network.secret"),
        ("NETWORK__LOOPBACK", "true", "postbacks.network.url"),
        ("NETWORK__SECRET", &format!("whsec_{}", STANDARD.encode([9; 24])), "postbacks.network.secret"),
        ("NETWORK__URL", "https://localhost/in", "postbacks.network.url"),
        ("NETWORK__SECRETS", "x", "postbacks.network.secrets"),
        ("NETWORK__OTHER_SECRET", "c2hvcnQ=", "postbacks.network.other_secret"),
        ("NETWORK__FORM", "c={click_id}", "postbacks.network.method"),
        ("NETWORK__HEADERS", "Cookie: x", "postbacks.network.headers"),
        ("NETWORK__BASIC", "nobody", "postbacks.network.basic"),
        ("NETWORK__BEARER_FILE", "/no/such/file", "postbacks.network.bearer_file"),
        ("NETWORK__BRANDS", "XX", "postbacks.network.brands"),
        ("NETWORK__TYPES", "MVO", "postbacks.network.types"),
        ("NETWORK__STOPS", "lost", "postbacks.network.stops"),
        ("NETWORK__CLICK", "cid", "postbacks.network.click"),
        ("NETWORK__CA_FILE", "/no/such/file", "postbacks.network.ca_file"),
        ("NETWORK__PROXY", "socks4://proxy.internal", "postbacks.network.proxy"),
        ("NETWORK__PROXY_CREDENTIALS", "user:word", "postbacks.network.proxy"),
        ("NETWORK__SIGNED", "no", "postbacks.network.signed"),
        ("2ND__URL", "", "postbacks.2nd"),
    ] {
        let name = format!("ENROLL__POSTBACKS__{name}");
        let mut changed = network(&[]);
        changed.push((name.clone(), value.to_owned()));
        assert_eq!(refused(changed).first().map(String::as_str), Some(expected), "{name}={value}");
    }
    let problems =
        Settings::load(None, network(&[("ENROLL__POSTBACKS__NETWORK__URL", "https://a.test/{x}")]));
    let explained = problems.err().unwrap().explained();
    assert!(
        explained.contains("postbacks.network.url") && explained.contains("section Fields of"),
        "{explained}"
    );
    // What is left of the manual's example is no target that is never called.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enroll.toml");
    std::fs::write(&file, "[postbacks.NAME]\nmethod = \"GET\"\n").unwrap();
    assert!(Settings::load(Some(&file), affiliate(&[])).is_err());
    let shown = Settings::show(None, network(&[])).unwrap();
    assert!(shown.contains("postbacks.network.secret = (secret, set)"), "{shown}");
    assert!(shown.contains("postbacks.network.url = (secret, set)"), "{shown}");
}

#[test]
fn optional_values_and_settings_not_in_use_are_accepted() {
    for changes in [
        vec![("ENROLL__SERVER__PUBLIC_URL", "http://localhost:8080")],
        vec![("ENROLL__SERVER__PUBLIC_URL", ""), ("ENROLL__SERVER__LISTEN", "127.0.0.1:1234")],
        vec![("ENROLL__STORE__URL", "postgres://enroll:secret@db/enroll")],
        vec![("ENROLL__SESSION__IDLE", "12h")],
        vec![("ENROLL__LEDGER__RETENTION_DAYS", "30"), ("ENROLL__LEDGER__ALLOW_SHORT_RETENTION", "true")],
        vec![("ENROLL__BRANDS__RE__PROMO_CODE", "")],
        vec![("ENROLL__BRANDS__RE__PROMO_CODE", "ONE, TWO")],
        // Values of a brand that is not sold need not be right.
        vec![("ENROLL__BRANDS__GM__PHONE__EN", "none")],
        // Nor those of a gateway that is not used.
        vec![("ENROLL__BRANDS__RE__DEPOSIT__URL", "http://later")],
        vec![("ENROLL_SERVICE_HOST", "10.0.0.1")],
    ] {
        loaded(affiliate(&changes));
    }
    let settings = loaded(affiliate(&[("ENROLL__BRANDS__RE__PROMO_CODE", "")]));
    assert_eq!(settings.main.site.brands[&Brand::Reliant].promo_code, None);
}

#[test]
fn deposit_terms_are_read_for_any_handover_in_both_languages() {
    for handover in [vec![], gateway(&[])] {
        let mut changes = handover;
        changes.extend([
            ("ENROLL__BRANDS__RE__DEPOSIT__WAYS_OUT", "letter_of_credit, active_military"),
            ("ENROLL__BRANDS__RE__DEPOSIT__DEADLINE__EN", "Pay within 30 days."),
            ("ENROLL__BRANDS__RE__DEPOSIT__DEADLINE__ES", "Pague en 30 días."),
        ]);
        let settings = loaded(affiliate(&changes));
        let terms = &settings.main.site.brands[&Brand::Reliant].deposit_terms;
        assert_eq!(terms.ways_out, [WayOut::LetterOfCredit, WayOut::ActiveMilitary]);
        let words = [Language::English, Language::Spanish].map(|language| terms.words(language));
        assert_eq!(
            words.map(|words| words.deadline),
            [Some("Pay within 30 days."), Some("Pague en 30 días.")]
        );
        assert_eq!(words.map(|words| words.ways_to_pay.or(words.papers)), [None, None]);
    }
}

#[test]
fn guarantor_is_a_way_out_by_default_at_green_mountain_and_cirro_only() {
    let all = ["RE", "GM", "CE", "PW", "DE"].map(|id| {
        [
            (format!("ENROLL__BRANDS__{id}__ENABLED"), "true"),
            (format!("ENROLL__BRANDS__{id}__PROMO_CODE"), "A"),
        ]
    });
    let changes: Vec<(&str, &str)> =
        all.iter().flatten().map(|(name, value)| (name.as_str(), *value)).collect();
    let settings = loaded(affiliate(&changes));
    for (brand, site) in &settings.main.site.brands {
        let ways = &site.deposit_terms.ways_out;
        let with_guarantor = [Brand::GreenMountain, Brand::Cirro].contains(brand);
        assert_eq!(ways.contains(&WayOut::Guarantee), with_guarantor, "{brand:?}");
        assert!(ways.contains(&WayOut::ActiveMilitary) && !ways.contains(&WayOut::LetterOfCredit));
    }
}

#[test]
fn unknown_key_is_reported_with_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, "[server]\nlissten = \"0.0.0.0:1\"\n[brands.XX]\nenabled = true\n").unwrap();
    let changes = [("ENROLL__NRG__TIMEOUT__OFFERS", "1s"), ("ENROLL__BRANDS__GM__COLOR", "green")];
    let Err(problems) = Settings::load(Some(&path), affiliate(&changes)) else { panic!("not refused") };
    let file = path.display().to_string();
    let reported: Vec<_> = problems.0.iter().map(|p| (p.key.as_str(), p.origin.as_deref())).collect();
    assert_eq!(
        reported,
        [
            ("server.lissten", Some(file.as_str())),
            ("nrg.timeout", Some("ENROLL__NRG__TIMEOUT__OFFERS")),
            ("brands.GM.color", Some("ENROLL__BRANDS__GM__COLOR")),
            ("brands.XX", Some(file.as_str())),
        ]
    );
    assert!(problems.0.iter().all(|problem| problem.why == Why::Unknown));
}

#[test]
fn environment_overrides_file_and_file_overrides_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    let text = "[server]\ntrusted_proxies = 2\nmax_body_bytes = 1000\n[affiliate]\nquiz = false\n\
        link_hosts = [\"one.nrg.test\"]\nname = \"From the file\"\n";
    std::fs::write(&path, text).unwrap();
    let mut env = affiliate(&[("ENROLL__SERVER__MAX_BODY_BYTES", "2000")]);
    env.push(("ENROLL_CONFIG".to_owned(), path.display().to_string()));
    let settings = loaded(env);
    assert_eq!(settings.server.trusted_proxies, 2);
    assert_eq!(settings.server.max_body_bytes, 2000);
    assert!(!settings.main.site.quiz);
    assert_eq!(settings.main.site.affiliate_name, "Affiliate");
    assert_eq!(settings.main.site.link_hosts, ["docs.nrg.test", ".nrg.test"]);
}

#[test]
fn unusable_settings_file_is_reported_without_quoting_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    let problem = |path: &PathBuf| {
        let Err(Problems(mut problems)) = Settings::load(Some(path), affiliate(&[])) else { panic!("used") };
        problems.remove(0)
    };
    assert_eq!(problem(&path).why, Why::File(std::io::ErrorKind::NotFound));
    std::fs::write(&path, "[nrg]\npassword = \"hunter2\n").unwrap();
    let reported = problem(&path);
    assert_eq!(reported.why, Why::Toml { line: Some(2) });
    assert_eq!(reported.to_string(), format!("{}: is not TOML, see line 2", path.display()));
    // Without quotes it would be a number, and lose its zeros.
    std::fs::write(&path, "[brands.RE]\ncertificate = 10007\n").unwrap();
    assert_eq!(problem(&path).key, "brands.RE.certificate");
}

#[test]
fn theme_below_contrast_minimum_is_refused_naming_the_pair() {
    for (name, value, reported) in [
        (
            "ENROLL__THEME__LIGHT__SOFT",
            "#a0a0a0",
            "theme.light: soft on ground has a contrast of 2.3:1 and needs 4.5:1",
        ),
        (
            "ENROLL__THEME__DARK__ACCENT",
            "#0f5c56",
            "theme.dark: accent on ground has a contrast of 2.3:1 and needs 4.5:1",
        ),
        (
            "ENROLL__BRANDS__RE__ACCENT__LIGHT",
            "#ffd166",
            "brands.RE.accent.light: accent on ground has a contrast of 1.2:1 and needs 4.5:1",
        ),
        (
            "ENROLL__THEME__LIGHT__EDGE",
            "#d0d0d0",
            "theme.light: edge on ground has a contrast of 1.3:1 and needs 3.0:1",
        ),
    ] {
        let Err(problems) = Settings::load(None, affiliate(&[(name, value)])) else {
            panic!("{name} was taken")
        };
        assert_eq!(problems.0[0].to_string(), reported, "{name}={value}");
    }
    // Those of a brand that is not sold are not looked at.
    loaded(affiliate(&[("ENROLL__BRANDS__GM__ACCENT__LIGHT", "#ffffff")]));
}

#[test]
fn brand_accent_falls_back_to_theme_and_needs_both_schemes() {
    let none = [("ENROLL__BRANDS__RE__ACCENT__LIGHT", ""), ("ENROLL__BRANDS__RE__ACCENT__DARK", "")];
    assert!(loaded(affiliate(&none)).main.theme.accents.is_empty());
    let theme = loaded(affiliate(&[])).main.theme;
    assert_eq!(theme.accents.keys().copied().collect::<Vec<_>>(), [Brand::Reliant]);
    assert_eq!(refused(affiliate(&none[..1])), ["brands.RE.accent.light"]);
    assert_eq!(
        refused(affiliate(&[("ENROLL__BRANDS__RE__ACCENT__DARK", "pink")])),
        ["brands.RE.accent.dark"]
    );
}

#[test]
fn logo_type_is_detected_from_content_and_others_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, extension) in [
        ("logo.svg", &b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>"[..], Some("svg")),
        ("logo.png", b"\x89PNG\r\n\x1a\n", Some("png")),
        ("logo.txt", b"RIFF\0\0\0\0WEBPVP8L", Some("webp")),
        ("logo.jpg", b"\xff\xd8\xff\xe0", None),
        ("page.svg", b"<html>", None),
        ("large.svg", &[b"<svg>".to_vec(), vec![b' '; 70_000]].concat(), None),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let changes = affiliate(&[("ENROLL__THEME__LOGO", &path.display().to_string())]);
        match extension {
            Some(extension) => {
                let logo = loaded(changes).main.theme.logo.unwrap();
                assert_eq!((logo.extension, logo.bytes.as_slice()), (extension, bytes), "{name}");
            }
            None => assert_eq!(refused(changes), ["theme.logo"], "{name}"),
        }
    }
    let gone = load(affiliate(&[("ENROLL__THEME__LOGO", "/no/such/logo.svg")])).err().unwrap();
    assert_eq!(gone, [("theme.logo".to_owned(), Why::File(std::io::ErrorKind::NotFound))]);
}

/// The beginning of a PNG file of this size.
fn png(width: u32, height: u32) -> Vec<u8> {
    [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &width.to_be_bytes(), &height.to_be_bytes()].concat()
}

/// The beginning of a JPEG file of this size, with a segment and `marker` of a frame header.
fn jpeg(marker: u8, width: u16, height: u16) -> Vec<u8> {
    let before = &b"\xff\xd8\xff\xe0\0\x04AB\xff\xff"[..];
    [before, &[marker, 0, 17, 8], &height.to_be_bytes(), &width.to_be_bytes()].concat()
}

#[test]
fn preview_picture_of_another_type_or_size_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture");
    let changes = affiliate(&[("ENROLL__PREVIEW__PICTURE", &path.display().to_string())]);
    for (what, bytes, extension) in [
        ("png", png(1200, 630), Some("png")),
        ("jpeg", jpeg(0xc0, 1200, 630), Some("jpg")),
        ("progressive jpeg", jpeg(0xc2, 1200, 630), Some("jpg")),
        ("small png", png(630, 1200), None),
        ("small jpeg", jpeg(0xc0, 1200, 600), None),
        ("jpeg without a frame", jpeg(0xc4, 1200, 630), None),
        ("jpeg that ends", jpeg(0xc0, 1200, 630)[..14].to_vec(), None),
        ("png that ends", png(1200, 630)[..20].to_vec(), None),
        ("image data first", b"\xff\xd8\xff\xda\0\x04AB".to_vec(), None),
        ("endless segment", b"\xff\xd8\xff\xe0\xff\xff".to_vec(), None),
        ("empty", Vec::new(), None),
        ("svg", b"<svg width=\"1200\" height=\"630\"/>".to_vec(), None),
        ("large", [png(1200, 630), vec![0; 300 * 1024]].concat(), None),
    ] {
        std::fs::write(&path, &bytes).unwrap();
        match extension {
            Some(extension) => {
                let picture = loaded(changes.clone()).main.preview.picture.unwrap();
                assert_eq!((picture.extension, picture.bytes), (extension, bytes), "{what}");
            }
            None => assert_eq!(refused(changes.clone()), ["preview.picture"], "{what}"),
        }
    }
}

#[test]
fn preview_words_are_per_site_and_in_both_languages_or_none() {
    let settings = loaded(affiliate(&[
        ("ENROLL__PREVIEW__TITLE__EN", "Power for Texas"),
        ("ENROLL__PREVIEW__TITLE__ES", "Luz para Texas"),
        ("ENROLL__SITES__BETA__PUBLIC_URL", "https://beta.affiliate.test"),
        ("ENROLL__SITES__BETA__PREVIEW__TITLE__ES", "Luz de Beta"),
        ("ENROLL__SITES__BETA__PREVIEW__SEARCH_ENGINES", "false"),
    ]));
    let titles: Vec<_> = settings
        .sites()
        .map(|site| site.preview.words.title.as_ref().unwrap().of(Language::Spanish).as_str())
        .collect();
    assert_eq!(titles, ["Luz para Texas", "Luz de Beta"]);
    assert!(settings.sites().all(|site| site.preview.words.description.is_none()));
    assert!(settings.main.preview.search_engines && !settings.others[0].preview.search_engines);
    let one = affiliate(&[("ENROLL__PREVIEW__DESCRIPTION__EN", "Plans")]);
    assert_eq!(refused(one), ["preview.description.es"]);
}

#[test]
fn secret_is_read_from_value_or_file_but_not_both() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let password = file("password", " 00123 \n");
    let keys = file("keys", &format!("b:{}\na:{}\n", key(2), key(1)));
    let url = file("url", "postgres://enroll:secret@db/enroll\n");
    let settings = loaded(affiliate(&[
        ("ENROLL__NRG__PASSWORD", ""),
        ("ENROLL__NRG__PASSWORD_FILE", &password),
        ("ENROLL__SESSION__KEYS", ""),
        ("ENROLL__SESSION__KEYS_FILE", &keys),
        // What nobody set does not stand against the file.
        ("ENROLL__STORE__URL_FILE", &url),
    ]));
    assert_eq!(settings.nrg.client.password.as_str(), " 00123 ");
    assert_eq!(settings.store.url.as_str(), "postgres://enroll:secret@db/enroll");

    let (empty, example) = (file("empty", "\n"), file("example", "sandbox-example\n"));
    for (value, path, expected) in [
        ("00123", password.as_str(), ("nrg.password", Why::Twice)),
        ("", "/no/such/file", ("nrg.password_file", Why::File(std::io::ErrorKind::NotFound))),
        ("", &empty, ("nrg.password_file", Why::MustBe("the path of a file that is not empty"))),
        ("", &example, ("nrg.password_file", Why::Example)),
        ("", "", ("nrg.password", Why::Missing)),
    ] {
        let changes = [("ENROLL__NRG__PASSWORD", value), ("ENROLL__NRG__PASSWORD_FILE", path)];
        let found = load(affiliate(&changes)).err().unwrap();
        assert_eq!(found, [(expected.0.to_owned(), expected.1)], "{value} {path}");
    }
}

#[test]
fn site_overrides_main_settings_and_needs_its_own_host() {
    let site = |changes: &[(&str, &str)]| {
        let mut all = vec![("ENROLL__SITES__BETA__PUBLIC_URL", "https://beta.affiliate.test")];
        all.extend_from_slice(changes);
        affiliate(&all)
    };
    let settings = loaded(site(&[
        ("ENROLL__SITES__BETA__AFFILIATE__ID", "AFF2"),
        ("ENROLL__SITES__BETA__BRANDS__RE__PROMO_CODE", "BETA10"),
        ("ENROLL__SITES__BETA__THEME__LIGHT__ACCENT", "#8a1c4a"),
    ]));
    assert_eq!(settings.sites().map(|site| site.site.name.as_str()).collect::<Vec<_>>(), ["main", "beta"]);
    let (main, beta) = (&settings.main.site, &settings.others[0].site);
    assert_eq!((main.affiliate_id.as_str(), beta.affiliate_id.as_str()), ("AFF1", "AFF2"));
    assert_eq!(beta.affiliate_name, main.affiliate_name);
    let promo = |site: &Site| site.brand(Brand::Reliant).unwrap().promo_code.clone().unwrap();
    assert_eq!((promo(main), promo(beta)), ("SAVE10".to_owned(), "BETA10".to_owned()));
    assert_ne!(settings.main.theme.light, settings.others[0].theme.light);

    for (changes, key) in [
        (
            &[("ENROLL__SITES__BETA__PUBLIC_URL", "https://enroll.affiliate.test")][..],
            "sites.beta.public_url",
        ),
        (&[("ENROLL__SITES__BETA__PUBLIC_URL", "http://localhost")], "sites.beta.public_url"),
        (&[("ENROLL__SITES__BETA__PUBLIC_URL", "")], "sites.beta.public_url"),
        (&[("ENROLL__SITES__BETA__AFFILIATE__DEFAULT_BRAND", "GM")], "sites.beta.affiliate.default_brand"),
        (&[("ENROLL__SITES__BETA__BRANDS__RE__PHONE__EN", "1")], "sites.beta.brands.RE.phone.en"),
        (&[("ENROLL__SITES__BETA__THEME__LIGHT__INK", "#ffffff")], "sites.beta."),
        (&[("ENROLL__SITES__BETA__NRG__PASSWORD", "x")], "sites.beta.nrg"),
        (&[("ENROLL__SITES__MAIN__PUBLIC_URL", "https://other.affiliate.test")], "sites.main"),
        (&[("ENROLL__SITES__GAMMA__AFFILIATE__ID", "AFF3")], "sites.gamma.public_url"),
    ] {
        let keys = refused(site(changes));
        assert!(!keys.is_empty() && keys.iter().all(|found| found.starts_with(key)), "{changes:?}: {keys:?}");
    }
}

#[test]
fn traces_settings_need_otel_feature_and_valid_values() {
    let settings = load(affiliate(&[("ENROLL__TRACES__ENDPOINT", "http://127.0.0.1:4318/v1/traces")]));
    let why = Why::MustBe("blank: this program was built without the feature otel");
    let wrong = (!crate::tracing_context::AVAILABLE).then(|| vec![("traces.endpoint".to_owned(), why)]);
    assert_eq!(settings.err(), wrong);
    for (key, value, what) in [
        ("endpoint", "collector:4318", "an http or https address"),
        ("percent", "101", "a whole number up to 100"),
    ] {
        let name = format!("ENROLL__TRACES__{}", key.to_uppercase());
        let found = load(affiliate(&[(&name, value)])).err().unwrap();
        assert_eq!(found, [(format!("traces.{key}"), Why::MustBe(what))]);
    }
}

#[test]
fn settings_problems_print_one_line_each_without_the_value() {
    assert_eq!(
        Problem { key: "log.level".to_owned(), why: Why::Missing, origin: None }.to_string(),
        "log.level: must be set; environment name ENROLL__LOG__LEVEL"
    );
    let changes = [("ENROLL__LEDGER__KEY", "hunter2"), ("ENROLL__AFFILIATE__ID", "AFF-EXAMPLE")];
    let Err(problems) = Settings::load(None, affiliate(&changes)) else { panic!("not refused") };
    assert_eq!(
        problems.to_string(),
        "ledger.key: must be 32 random bytes in base64 (from ENROLL__LEDGER__KEY)\n\
         affiliate.id: still has its example value, set your own (from ENROLL__AFFILIATE__ID)\n"
    );
}

/// The path of each key below `value`.
fn keys_of(path: &str, value: &Value) -> Vec<String> {
    match &value.kind {
        ValueKind::Table(keys) => keys
            .iter()
            .flat_map(|(key, value)| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                keys_of(&path, value)
            })
            .collect(),
        _ => vec![path.to_owned()],
    }
}

#[test]
fn default_toml_names_environment_variable_of_every_key() {
    // A key that is read and not in default.toml would be missing in the demo, where every brand and gateway is read; one
    // that is in default.toml and never read would be unknown.
    let manual = include_str!("default.toml");
    let keys = keys_of("", &with_defaults(None, None).unwrap().into());
    assert!(keys.len() > 100);
    for key in keys {
        let name = format!("# {}\n", environment::variable(&key));
        assert!(manual.contains(&name), "{key} without {name}");
    }
}

#[test]
fn demo_file_is_refused_at_marked_lines_and_loads_once_they_are_changed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enroll.toml");
    let nrg = Url::parse("http://127.0.0.1:9999").unwrap();
    let text = Settings::demo_text(Path::new("a \"quoted\" folder"), &nrg);
    std::fs::write(&file, &text).unwrap();
    let Err(problems) = Settings::load(Some(&file), []) else { panic!("examples are accepted") };
    let mut refused: Vec<_> = problems.0.into_iter().map(|problem| problem.key).collect();
    refused.sort();

    let mut section = "";
    let (mut marked, mut changed) = (Vec::new(), Vec::new());
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        }
        let Some((name, _)) = line.split_once(" = ").filter(|_| line.contains("# CHANGE")) else {
            changed.push(line.to_owned());
            continue;
        };
        let value = match name {
            "keys" => format!("\"1:{}\"", key(1)),
            "key" => format!("\"{}\"", key(2)),
            "link_hosts" => "[\"docs.staging.test\"]".to_owned(),
            "mail_from" => "\"Mine <hello@affiliate.test>\"".to_owned(),
            "privacy_url" => "\"https://www.affiliate.test/privacy\"".to_owned(),
            _ => "\"mine\"".to_owned(),
        };
        marked.push(format!("{section}.{name}"));
        changed.push(format!("{name} = {value}"));
    }
    marked.sort();
    assert_eq!(refused, marked);
    std::fs::write(&file, changed.join("\n")).unwrap();
    let settings = Settings::load(Some(&file), []).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.nrg.client.base_url, nrg);
    assert!(settings.store.url.ends_with("a \"quoted\" folder/demo.db"));
}

#[test]
fn demo_settings_enable_every_brand_and_keep_generated_keys() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data 100%");
    let nrg = Url::parse("http://127.0.0.1:9999").unwrap();
    let demo = |changes: &[(&str, &str)]| {
        Settings::demo(&data, &nrg, &Entropy::system(), env(changes)).unwrap_or_else(|p| panic!("{p}"))
    };
    let settings = demo(&[]);
    let keys = std::fs::read_to_string(data.join("demo-keys.toml")).unwrap();
    assert_eq!(settings.server.public_url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(settings.nrg.client.base_url, nrg);
    assert!(settings.store.url.ends_with("data 100%25/demo.db"));
    assert_eq!(settings.main.site.link_hosts, ["docs.example.com"]);
    assert!(settings.limits.minimum.is_zero() && !settings.limits.honeypot);
    let site = &settings.main.site;
    assert!(Brand::ALL.into_iter().all(|brand| match &site.brand(brand).unwrap().deposit {
        DepositPayment::Gateway(gateway) => gateway.url.starts_with("http://127.0.0.1:9999/gateway/pay?"),
        DepositPayment::Phone => false,
    }));

    let again = demo(&[("ENROLL__SERVER__LISTEN", "127.0.0.1:1234")]);
    assert_eq!(std::fs::read_to_string(data.join("demo-keys.toml")).unwrap(), keys);
    assert_eq!(again.server.public_url.as_str(), "http://127.0.0.1:1234/");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(data.join("demo-keys.toml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let Err(problems) = Settings::demo(&data, &nrg, &Entropy::system(), env(&[("ENROLL__LOG__LEVEL", "x")]))
    else {
        panic!("not refused")
    };
    assert_eq!(problems.0[0].key, "log.level");
}
