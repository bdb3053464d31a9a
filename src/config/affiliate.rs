//! `[affiliate]`: the affiliate that runs a site, and what NRG allows it.

use std::collections::BTreeMap;

use lettre::message::Mailbox;

use super::{
    mail::mailbox,
    section::{SAFE_URL, Section, safe_url},
};
use crate::{
    fields::Brand,
    journey::{ClickParams, Site},
    postback::Field,
};

/// What names of `click_params` must be.
const CLICK_PARAMS: &str = "at most 20 different names, each of at most 32 lower-case letters, digits, _ and -, \
    and none that links or postbacks have already";

/// A site as its affiliate is set, without brands yet.
pub(super) struct Affiliate {
    pub(super) site: Site,
    /// Whether the page that makes links is served.
    pub(super) link_builder: bool,
    /// From whom its mails come.
    pub(super) mail_from: Option<Mailbox>,
    /// Where answers to them go, if elsewhere.
    pub(super) mail_reply_to: Option<Mailbox>,
}

/// The site `name` as the section sets it.
pub(super) fn read(section: &mut Section<'_>, name: &str) -> Option<Affiliate> {
    let id = section
        .parse("id", "at most 40 characters", |text| (text.chars().count() <= 40).then(|| text.to_owned()));
    let affiliate_name = section.words("name");
    let privacy_url = section.parse("privacy_url", SAFE_URL, safe_url);
    let feedback_url = section.optional("feedback_url", SAFE_URL, safe_url);
    let broker_number = section.optional("broker_number", "a text", |text| Some(text.to_owned()));
    let default_brand = section.parse("default_brand", "RE, GM, CE, PW or DE", |id| Brand::parse(id).ok());
    let allow_no_id = section.switch("allow_no_id");
    let allow_identity_hold = section.switch("allow_identity_hold");
    let quiz = section.switch("quiz");
    let allow_prepaid = section.switch("allow_prepaid");
    let link_builder = section.switch("link_builder");
    let mail_from = mailbox(section, "mail_from");
    let mail_reply_to = mailbox(section, "mail_reply_to");
    let click_params =
        section.list("click_params", CLICK_PARAMS, |name| Some(name.to_owned())).and_then(|names| {
            // A postback would not know which of the two is meant.
            let free = !names.iter().any(|name| Field::is_taken(name));
            let added = if free { ClickParams::adding(names) } else { None };
            added.or_else(|| section.must_be("click_params", CLICK_PARAMS, None))
        });
    let link_hosts = section.hosts("link_hosts");
    let site = Site {
        name: name.to_owned(),
        affiliate_id: id?,
        affiliate_name: affiliate_name?,
        privacy_url: Some(privacy_url?),
        feedback_url: feedback_url?,
        broker_number: broker_number?,
        default_brand: default_brand?,
        allow_no_id: allow_no_id?,
        allow_identity_hold: allow_identity_hold?,
        quiz: quiz?,
        allow_prepaid: allow_prepaid?,
        click_params: click_params?,
        link_hosts: link_hosts?,
        brands: BTreeMap::new(),
    };
    Some(Affiliate {
        site,
        link_builder: link_builder?,
        mail_from: mail_from?,
        mail_reply_to: mail_reply_to?,
    })
}
