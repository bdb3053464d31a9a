//! `[affiliate]`: who runs this server, and what NRG allows it.

use url::Url;

use super::section::{SAFE_URL, Section, safe_url};
use crate::fields::Brand;

/// The affiliate.
pub struct Affiliate {
    /// `affiliateId`, at most 40 characters.
    pub id: String,
    /// Shown in the header.
    pub name: String,
    /// Its privacy policy, without which no SSN may be asked.
    pub privacy_url: Url,
    /// Broker registration, shown on every page when set.
    pub broker_number: Option<String>,
    /// Serves before a plan is chosen; enabled.
    pub default_brand: Brand,
    /// Go on without SSN and license (contract 8.4).
    pub allow_no_id: bool,
    /// Submit under an identity hold (contract 11.4).
    pub allow_identity_hold: bool,
    /// Ask NRG's questions when it suggests them (contract 11.5).
    pub quiz: bool,
    /// Serve the page that makes links.
    pub link_builder: bool,
    /// Hosts that documents and links in NRG's texts may lead to; a leading dot allows subdomains.
    pub link_hosts: Vec<String>,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Affiliate> {
    let id = section
        .parse("id", "at most 40 characters", |text| (text.chars().count() <= 40).then(|| text.to_owned()));
    let name = section.words("name");
    let privacy_url = section.parse("privacy_url", SAFE_URL, safe_url);
    let broker_number = section.optional("broker_number", "a text", |text| Some(text.to_owned()));
    let default_brand = section.parse("default_brand", "RE, GM, CE, PW or DE", |id| Brand::parse(id).ok());
    let allow_no_id = section.switch("allow_no_id");
    let allow_identity_hold = section.switch("allow_identity_hold");
    let quiz = section.switch("quiz");
    let link_builder = section.switch("link_builder");
    let link_hosts = section.hosts("link_hosts");
    Some(Affiliate {
        id: id?,
        name: name?,
        privacy_url: privacy_url?,
        broker_number: broker_number?,
        default_brand: default_brand?,
        allow_no_id: allow_no_id?,
        allow_identity_hold: allow_identity_hold?,
        quiz: quiz?,
        link_builder: link_builder?,
        link_hosts: link_hosts?,
    })
}
