//! Settings for tests: the defaults of `default.toml`, with what an affiliate must set.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::Settings;

/// Names and values of environment variables.
pub type Env = Vec<(String, String)>;

/// A key of 32 bytes, in base64.
pub fn key(byte: u8) -> String {
    STANDARD.encode((0..32).map(|n| n ^ byte).collect::<Vec<u8>>())
}

/// What an affiliate that sells one brand has to set.
pub fn required() -> Env {
    [
        ("PATH", "/bin"),
        ("ENROLL__SERVER__PUBLIC_URL", "https://enroll.affiliate.test"),
        ("ENROLL__SESSION__KEYS", &format!("b:{},a:{}", key(2), key(1))),
        ("ENROLL__LEDGER__KEY", &key(3)),
        ("ENROLL__NRG__BASE_URL", "https://stg-api.nrg.com"),
        ("ENROLL__NRG__USERNAME", "partner"),
        ("ENROLL__NRG__PASSWORD", "00123"),
        ("ENROLL__AFFILIATE__ID", "AFF1"),
        ("ENROLL__AFFILIATE__NAME", "Affiliate"),
        ("ENROLL__AFFILIATE__PRIVACY_URL", "https://www.affiliate.test/privacy"),
        ("ENROLL__AFFILIATE__LINK_HOSTS", "docs.nrg.test, .nrg.test"),
        ("ENROLL__BRANDS__RE__PROMO_CODE", "SAVE10"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// The defaults of every setting that has one.
pub fn defaults() -> Settings {
    Settings::load(None, required()).unwrap_or_else(|problems| panic!("{problems}"))
}
