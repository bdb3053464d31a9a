//! The link to the hosted payment gateway (contract 8.6): the configured address and the account go in, the address with
//! its signed fields comes out.

use std::net::IpAddr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::{Host, Url, form_urlencoded};

use crate::{
    fields::{Brand, Dollars, Language, TrackingId},
    journey::{Account, Gateway},
    messages::interpolate,
};

/// What may be sent to the gateway.
pub struct Payment<'a> {
    /// Its account number and customer number are sent.
    pub account: &'a Account,
    /// Whole dollars.
    pub amount: Dollars,
    /// As NRG writes it, `E` or `S`.
    pub language: Language,
    /// Its id and its company code are sent.
    pub brand: Brand,
    /// NRG's id of the enrollment.
    pub tracking_id: &'a TrackingId,
    /// The address the gateway returns the customer to.
    pub return_url: &'a str,
}

/// The gateway's address and the fields for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Destination {
    /// The address without a query.
    pub url: Url,
    /// Names and values in the order of the settings, the signature last.
    pub fields: Vec<(String, String)>,
}

impl Destination {
    /// The address with the fields as its query.
    pub fn link(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(Some(&encode(&self.fields)));
        url.into()
    }

    /// The origin that `form-action` has to allow.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

/// The gateway's address for `payment`; `None` if the configured address is not allowed: its scheme is not https (http is
/// allowed on this machine), or its host is not in the list of allowed hosts.
pub fn destination(gateway: &Gateway, payment: &Payment<'_>) -> Option<Destination> {
    let (place, query) = gateway.url.split_once('?').unwrap_or((&gateway.url, ""));
    let url = Url::parse(place).ok()?;
    let allowed =
        url.host_str().is_some_and(|host| gateway.allowed_hosts.iter().any(|allowed| allowed == host));
    if !(allowed && (url.scheme() == "https" || (url.scheme() == "http" && on_this_machine(&url)))) {
        return None;
    }
    let amount = payment.amount.to_string();
    let values = [
        ("account_number", payment.account.number.as_str()),
        ("customer_number", payment.account.customer_number.as_str()),
        ("amount", &amount),
        ("language", payment.language.wire()),
        ("brand", payment.brand.id()),
        ("company_code", payment.brand.company_code()),
        ("tracking_id", payment.tracking_id.as_str()),
        ("return_url", payment.return_url),
    ];
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), interpolate(&value, &values)))
        .collect();
    if let Some(key) = &gateway.hmac_key {
        // HMAC accepts a key of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
        mac.update(encode(&fields).as_bytes());
        let signature = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        fields.push(("signature".to_owned(), signature));
    }
    Some(Destination { url, fields })
}

fn encode(fields: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::journey::GatewayMethod;

    fn at(url: &str, allowed: &str, key: Option<&str>) -> Option<Destination> {
        let gateway = Gateway {
            url: url.to_owned(),
            method: GatewayMethod::Get,
            hmac_key: key.map(|key| Zeroizing::new(key.to_owned())),
            allowed_hosts: vec![allowed.to_owned()],
        };
        let account = Account {
            number: "000099990001".into(),
            check_digit: "7".into(),
            customer_number: "0099 90&1".into(),
        };
        let payment = Payment {
            account: &account,
            amount: Dollars::whole(200),
            language: Language::Spanish,
            brand: Brand::GreenMountain,
            tracking_id: &TrackingId::parse("4900001").unwrap(),
            return_url: "https://enroll.example/pay/return",
        };
        destination(&gateway, &payment)
    }

    #[test]
    fn gateway_url_placeholders_are_filled_encoded_in_order() {
        for (query, link) in [
            ("", "https://pay.example/start?"),
            ("a={account_number}&x=1", "https://pay.example/start?a=000099990001&x=1"),
            ("c={customer_number}&m={amount}", "https://pay.example/start?c=0099+90%261&m=200"),
            (
                "r={return_url}&l={language}&b={brand}-{company_code}&t={tracking_id}",
                "https://pay.example/start?r=https%3A%2F%2Fenroll.example%2Fpay%2Freturn&l=S&b=GM-0271&t=4900001",
            ),
        ] {
            let there = at(&format!("https://pay.example/start?{query}"), "pay.example", None).unwrap();
            assert_eq!(there.link(), link);
            assert_eq!(there.origin(), "https://pay.example");
        }
    }

    #[test]
    fn gateway_url_needs_allowed_host_and_https_or_loopback() {
        for (url, allowed, taken) in [
            ("https://pay.example/start", "pay.example", true),
            ("https://pay.example:8443/start", "pay.example", true),
            ("https://pay.example/start", "example", false),
            ("https://other.example/?pay.example", "pay.example", false),
            ("https://pay.example@other.example/", "pay.example", false),
            ("http://pay.example/start", "pay.example", false),
            ("http://127.0.0.1:9000/gateway/pay", "127.0.0.1", true),
            ("http://localhost:9000/gateway/pay", "localhost", true),
            ("javascript:alert(1)", "pay.example", false),
            ("pay.example/start", "pay.example", false),
        ] {
            assert_eq!(at(url, allowed, None).is_some(), taken, "{url}");
        }
    }

    #[test]
    fn gateway_signature_is_last_and_changes_with_every_field() {
        let signature = |query: &str, key: &str| {
            let there = at(&format!("https://pay.example/?{query}"), "pay.example", Some(key)).unwrap();
            let (name, value) = there.fields.last().unwrap().clone();
            assert_eq!(name, "signature");
            assert_eq!(value.len(), 64);
            value
        };
        let signed = signature("a=1&b={amount}", "key");
        assert_eq!(signed, signature("a=1&b={amount}", "key"));
        for (query, key) in
            [("a=2&b={amount}", "key"), ("b={amount}&a=1", "key"), ("a=1&b={amount}", "other")]
        {
            assert_ne!(signed, signature(query, key), "{query} {key}");
        }
    }
}
