//! Everything an affiliate configures that a journey looks at, as one value found per request.

use std::collections::BTreeMap;

use url::Url;
use zeroize::Zeroizing;

use crate::fields::{Brand, Language, Phone};

/// The affiliate's site.
#[derive(Clone)]
pub struct Site {
    /// Names it; [`Site::MAIN`] or the name of a section of `[sites]`.
    pub name: String,
    /// `affiliateId`, issued by NRG.
    pub affiliate_id: String,
    /// Shown in the header.
    pub affiliate_name: String,
    /// The affiliate's privacy policy; without it no SSN may be asked.
    pub privacy_url: Option<Url>,
    /// Broker registration, shown on every page when set.
    pub broker_number: Option<String>,
    /// Serves before a plan is chosen.
    pub default_brand: Brand,
    /// Go on without SSN and license (`noid=true`, contract 8.4).
    pub allow_no_id: bool,
    /// Submit under an identity hold (contract 11.4).
    pub allow_identity_hold: bool,
    /// Ask NRG's questions when it suggests them (contract 11.5).
    pub quiz: bool,
    /// Hosts that documents and links in NRG's texts may lead to; a leading dot allows subdomains.
    pub link_hosts: Vec<String>,
    /// The enabled brands.
    pub brands: BTreeMap<Brand, BrandSite>,
}

/// One enabled brand.
#[derive(Clone)]
pub struct BrandSite {
    /// `promoCode`; one, or two with a comma (contract 5.8).
    pub promo_code: Option<String>,
    /// Other promotions of NRG's, one code each, that a link may ask for.
    pub link_promos: Vec<String>,
    /// Name shown to people.
    pub name: String,
    /// Legal name of the retail electric provider.
    pub legal_name: String,
    /// PUCT certificate number.
    pub certificate: String,
    /// The call centre, per language.
    pub phone: PerLanguage<Phone>,
    /// Its hours, in words, per language.
    pub hours: PerLanguage<String>,
    /// How a deposit is paid.
    pub deposit: DepositPayment,
}

/// One value in each language.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names say it")]
pub struct PerLanguage<T> {
    pub english: T,
    pub spanish: T,
}

impl<T> PerLanguage<T> {
    /// The value in `language`.
    pub fn of(&self, language: Language) -> &T {
        match language {
            Language::English => &self.english,
            Language::Spanish => &self.spanish,
        }
    }
}

/// How a deposit is paid (contract 8.6).
#[derive(Clone)]
pub enum DepositPayment {
    /// By phone only.
    Phone,
    /// On NRG's hosted payment gateway.
    Gateway(Gateway),
}

/// The gateway: neither its address nor its parameters are published, so all of it is configuration.
#[derive(Clone)]
pub struct Gateway {
    /// https (or loopback http in the demo) with `{account_number}`-style placeholders in the query.
    pub url: String,
    /// How the browser gets there.
    pub method: GatewayMethod,
    /// Signs the handed-over fields (HMAC-SHA256, hex, field `signature`).
    pub hmac_key: Option<Zeroizing<String>>,
    /// The only hosts the gateway may be on.
    pub allowed_hosts: Vec<String>,
}

/// How the browser gets to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayMethod {
    /// 303 to the address.
    Get,
    /// A form the person posts.
    Post,
}

impl Site {
    /// The name of the site there always is.
    pub const MAIN: &str = "main";

    /// The settings of `brand`, if it is enabled.
    pub fn brand(&self, brand: Brand) -> Option<&BrandSite> {
        self.brands.get(&brand)
    }
}
