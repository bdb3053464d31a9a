//! `[brands.RE]` and the other brands: promotion, names, phone numbers, and how a deposit is paid.

use std::collections::BTreeMap;

use super::{
    section::{Section, safe_url},
    theme,
    words::read_words,
};
use crate::{
    fields::{Brand, Email, Phone},
    journey::{
        BrandSite, DepositPayment, DepositTerms, Gateway, GatewayMethod, Holiday, OpeningHours, PerLanguage,
        WayOut,
    },
    theme::Accent,
};

/// The placeholders of the gateway's URL.
const PLACEHOLDERS: [&str; 8] = [
    "account_number",
    "customer_number",
    "amount",
    "language",
    "brand",
    "company_code",
    "tracking_id",
    "return_url",
];

/// The settings of a brand.
pub(super) struct Set {
    /// What a journey depends on.
    pub(super) site: BrandSite,
    /// Its accent color, if it has one of its own.
    pub(super) accent: Option<Accent>,
    /// Whether it takes no enrollments for now.
    pub(super) outage: bool,
}

/// The enabled brands; a brand with problems is `None`.
pub(super) fn read(section: &mut Section<'_>) -> BTreeMap<Brand, Option<Set>> {
    let mut brands = BTreeMap::new();
    for brand in Brand::ALL {
        section.section(brand.id(), |section| {
            let enabled = section.switch("enabled") == Some(true);
            section.unused_if(!enabled);
            let site = read_brand(section);
            if enabled {
                brands.insert(brand, site);
            }
            Some(())
        });
    }
    brands
}

fn read_brand(section: &mut Section<'_>) -> Option<Set> {
    let outage = section.switch("outage");
    let link_promos =
        section.list("link_promo_codes", "a list of codes, each of at most 10 letters and digits", |code| {
            promo_code(code).filter(|code| !code.contains(','))
        });
    let promo_code = section.optional(
        "promo_code",
        "one code of at most 10 letters and digits, or two with a comma (blank: NRG's default offers)",
        promo_code,
    );
    let name = section.words("name");
    let legal_name = section.words("legal_name");
    let certificate = section.words("certificate");
    let phone = section.section("phone", |section| {
        let mut phone =
            |key| section.parse(key, "a US phone number of ten digits", |text| Phone::parse(text).ok());
        let (english, spanish) = (phone("en"), phone("es"));
        Some(PerLanguage { english: english?, spanish: spanish? })
    });
    let hours = section.parse("hours", HOURS, OpeningHours::parse);
    let holidays = section.list(
        "holidays",
        "a list of days on which nobody answers, like \"12-25\" for every year or \"2026-11-26\" for one",
        Holiday::parse,
    );
    let email = section.optional("email", "an e-mail address, or blank", |text| {
        Email::parse(text).ok().map(|email| email.as_str().to_owned())
    });
    let confirmation_email = section.switch("confirmation_email");
    let accent = section.section("accent", theme::accent);
    let deposit = section.section("deposit", |section| {
        let terms = read_deposit_terms(section);
        Some((read_deposit(section)?, terms?))
    });
    let (deposit, deposit_terms) = deposit?;
    let site = BrandSite {
        promo_code: promo_code?,
        link_promos: link_promos?,
        name: name?,
        legal_name: legal_name?,
        certificate: certificate?,
        phone: phone?,
        hours: hours?.closed_on(holidays?),
        email: email?,
        confirmation_email: confirmation_email?,
        deposit,
        deposit_terms,
    };
    Some(Set { site, accent: accent?, outage: outage? })
}

/// What [`OpeningHours::parse`] accepts.
const HOURS: &str = "hours of the days in Central Time, like \"mon-fri 8:00-18:00, sat 9:00-17:00\"";

/// What [`WayOut::parse`] accepts.
const WAYS_OUT: &str = "a list of age, active_military, family_violence, medical, payment_history, guarantee and \
    letter_of_credit";

fn read_deposit_terms(section: &mut Section<'_>) -> Option<DepositTerms> {
    let ways_out = section.list("ways_out", WAYS_OUT, WayOut::parse);
    let deadline = read_words(section, "deadline");
    let ways_to_pay = read_words(section, "ways_to_pay");
    let papers = read_words(section, "papers");
    Some(DepositTerms {
        ways_out: ways_out?,
        deadline: deadline?,
        ways_to_pay: ways_to_pay?,
        papers: papers?,
    })
}

fn read_deposit(section: &mut Section<'_>) -> Option<DepositPayment> {
    let by_gateway = section.parse("handover", "gateway or phone", |text| match text {
        "gateway" => Some(true),
        "phone" => Some(false),
        _ => None,
    });
    section.unused_if(by_gateway != Some(true));
    let url = section.parse("url", GATEWAY, gateway_url);
    let method = section.parse("method", "GET or POST", |text| match text {
        "GET" => Some(GatewayMethod::Get),
        "POST" => Some(GatewayMethod::Post),
        _ => None,
    });
    let hmac_key = section.optional_secret("hmac_key", "a text", Some);
    let allowed_hosts = section.hosts("allowed_hosts");
    match by_gateway? {
        false => Some(DepositPayment::Phone),
        true => {
            let ((url, host), allowed_hosts) = (url?, allowed_hosts?);
            if !allowed_hosts.contains(&host) {
                return section.must_be("url", "an address on one of the allowed_hosts", None);
            }
            Some(DepositPayment::Gateway(Gateway {
                url,
                method: method?,
                hmac_key: hmac_key?,
                allowed_hosts,
            }))
        }
    }
}

/// What [`gateway_url`] accepts.
const GATEWAY: &str = "an https address (http only on this machine), with placeholders only in its query and \
    only these: {account_number} {customer_number} {amount} {language} {brand} {company_code} {tracking_id} \
    {return_url}";

/// The URL as written, and its host.
fn gateway_url(text: &str) -> Option<(String, String)> {
    let (place, query) = text.split_once('?').unwrap_or((text, ""));
    let filled =
        PLACEHOLDERS.iter().fold(query.to_owned(), |query, name| query.replace(&format!("{{{name}}}"), "x"));
    let braces = |text: &str| text.contains(['{', '}']);
    let url = safe_url(place).filter(|_| !braces(place) && !braces(&filled) && !filled.contains('#'))?;
    Some((text.to_owned(), url.host_str()?.to_owned()))
}

/// One or two codes (contract 5.8).
fn promo_code(text: &str) -> Option<String> {
    let codes: Vec<&str> = text.split(',').map(str::trim).collect();
    let code =
        |code: &&str| (1..=10).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    (codes.len() <= 2 && codes.iter().all(code)).then(|| codes.join(","))
}
