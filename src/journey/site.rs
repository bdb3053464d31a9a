//! The settings of an affiliate's site that journeys, pages and calls need.

use std::collections::BTreeMap;

use strum::{IntoStaticStr, VariantArray};
use url::Url;
use zeroize::Zeroizing;

use super::{click_params::ClickParams, opening_hours::OpeningHours};
use crate::fields::{Brand, Language, Phone};

/// The affiliate's site.
#[derive(Clone)]
pub struct Site {
    /// The name: [`Site::MAIN`], or that of a section of `[sites]`.
    pub name: String,
    /// `affiliateId`, issued by NRG.
    pub affiliate_id: String,
    /// The name in the header of pages.
    pub affiliate_name: String,
    /// The affiliate's privacy policy; without it no SSN may be requested.
    pub privacy_url: Option<Url>,
    /// Where the affiliate asks its customers how it was, if it does.
    pub feedback_url: Option<Url>,
    /// The broker registration number, shown on every page if set.
    pub broker_number: Option<String>,
    /// The brand before a plan is chosen.
    pub default_brand: Brand,
    /// Whether a person may go on without SSN and license (`noid=true`, contract 8.4).
    pub allow_no_id: bool,
    /// Whether the affiliate may submit under an identity hold (contract 11.4).
    pub allow_identity_hold: bool,
    /// Whether the quiz is used if NRG suggests it (contract 11.5).
    pub quiz: bool,
    /// Whether prepaid plans are sold.
    pub allow_prepaid: bool,
    /// The parameters of links that tell a click.
    pub click_params: ClickParams,
    /// The hosts to which documents and links in NRG's texts may lead; a leading dot allows subdomains.
    pub link_hosts: Vec<String>,
    /// The enabled brands.
    pub brands: BTreeMap<Brand, BrandSite>,
}

/// One enabled brand.
#[derive(Clone)]
pub struct BrandSite {
    /// `promoCode`; one, or two with a comma (contract 5.8).
    pub promo_code: Option<String>,
    /// Other promotions, one code each, that a link may request.
    pub link_promos: Vec<String>,
    /// Name shown to people.
    pub name: String,
    /// Legal name of the retail electric provider.
    pub legal_name: String,
    /// PUCT certificate number.
    pub certificate: String,
    /// The phone number of the call center in each language.
    pub phone: PerLanguage<Phone>,
    /// When the call center answers.
    pub hours: OpeningHours,
    /// The e-mail address for customers, if there is one.
    pub email: Option<String>,
    /// Whether NRG sends customers of the brand an e-mail with the confirmation.
    pub confirmation_email: bool,
    /// How a deposit is paid.
    pub deposit: DepositPayment,
    /// What the brand says about a deposit.
    pub deposit_terms: DepositTerms,
}

/// What a brand says about a deposit: service waits for it, and an enrollment whose deposit is not paid expires.
#[derive(Debug, Clone, Default)]
pub struct DepositTerms {
    /// Who may avoid the deposit or lower it, in the order in which pages list them.
    pub ways_out: Vec<WayOut>,
    /// Until when it has to be paid.
    pub deadline: Option<PerLanguage<String>>,
    /// How it can be paid.
    pub ways_to_pay: Option<PerLanguage<String>>,
    /// Where the papers of a way out go.
    pub papers: Option<PerLanguage<String>>,
}

/// What a brand says about a deposit, in one language.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs, reason = "the names are those of the terms")]
pub struct DepositWords<'a> {
    pub deadline: Option<&'a str>,
    pub ways_to_pay: Option<&'a str>,
    pub papers: Option<&'a str>,
}

impl DepositTerms {
    /// The words in `language`.
    pub fn words(&self, language: Language) -> DepositWords<'_> {
        fn of(words: &Option<PerLanguage<String>>, language: Language) -> Option<&str> {
            words.as_ref().map(|words| words.of(language).as_str())
        }
        DepositWords {
            deadline: of(&self.deadline, language),
            ways_to_pay: of(&self.ways_to_pay, language),
            papers: of(&self.papers, language),
        }
    }
}

/// A way to avoid a deposit or to lower it. Each has its own sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum WayOut {
    /// 65 or older, and no debts with a provider.
    Age,
    /// On active duty in the military.
    ActiveMilitary,
    /// A victim of family violence.
    FamilyViolence,
    /// Medically indigent.
    Medical,
    /// A year of bills paid on time.
    PaymentHistory,
    /// A customer who guarantees the account.
    Guarantee,
    /// A letter of credit of a bank.
    LetterOfCredit,
}

impl WayOut {
    /// The way with this word, as settings have it.
    pub fn parse(word: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|way| way.word() == word)
    }

    /// The word in settings.
    pub fn word(self) -> &'static str {
        self.into()
    }
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
    /// The HTTP method.
    pub method: GatewayMethod,
    /// The key that signs the fields (HMAC-SHA256 in hex, in the field `signature`).
    pub hmac_key: Option<Zeroizing<String>>,
    /// The only hosts the gateway may be on.
    pub allowed_hosts: Vec<String>,
}

/// The HTTP method with which the browser opens the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayMethod {
    /// A 303 redirect to the URL.
    Get,
    /// A form that the person submits.
    Post,
}

impl Site {
    /// The name of the site that always exists.
    pub const MAIN: &str = "main";

    /// The settings of `brand`, if it is enabled.
    pub fn brand(&self, brand: Brand) -> Option<&BrandSite> {
        self.brands.get(&brand)
    }
}
