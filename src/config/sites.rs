//! The sites of this server: the main one, which `[server]`, `[affiliate]`, `[brands]`, `[theme]` and `[preview]` describe,
//! and those of `[sites.NAME]`, each of which sets only what differs from the main one.

use std::collections::{BTreeMap, BTreeSet};

use config::{Map, Value};
use lettre::message::Mailbox;
use url::Url;

use super::{
    affiliate::{self, Affiliate},
    brands,
    layers::over,
    name::{NAMED, is_name},
    preview,
    section::{ROOT_URL, Section, root_url},
    theme,
};
use crate::{fields::Brand, journey::Site, theme::Theme, web::preview_settings::PreviewSettings};

/// The sections that a site may have of its own.
pub(super) const OWN: [&str; 4] = ["affiliate", "brands", "theme", "preview"];

/// One site.
pub struct SiteSettings {
    /// What a journey depends on.
    pub site: Site,
    /// The URL of its pages: https, or http on this machine.
    pub public_url: Url,
    /// Whether the page that makes links is served.
    pub link_builder: bool,
    /// From whom its mails come; there is one where mails are sent.
    pub mail_from: Option<Mailbox>,
    /// Where answers to them go, if elsewhere.
    pub mail_reply_to: Option<Mailbox>,
    /// Those of its brands that take no enrollments for now.
    pub outage_brands: BTreeSet<Brand>,
    /// The colors and the logo of its pages.
    pub theme: Theme,
    /// What previews of its links show.
    pub preview: PreviewSettings,
}

/// Reads the sections of the site `name` from `section`: of the whole settings, or of one of `[sites]`.
pub(super) fn read_site(
    section: &mut Section<'_>,
    name: &str,
    public_url: Option<Url>,
) -> Option<SiteSettings> {
    let affiliate = section.section("affiliate", |section| affiliate::read(section, name));
    let brands = section.section("brands", |section| Some(brands::read(section)));
    let theme = section.section("theme", theme::read);
    let preview = section.section("preview", preview::read);
    if let (Some(Affiliate { site, .. }), Some(brands)) = (&affiliate, &brands)
        && !brands.contains_key(&site.default_brand)
    {
        section.must_be::<()>("affiliate.default_brand", "a brand that is enabled", None);
    }
    let brands: BTreeMap<Brand, _> =
        brands?.into_iter().map(|(brand, set)| Some((brand, set?))).collect::<Option<_>>()?;
    let accents = brands.iter().filter_map(|(brand, set)| Some((*brand, set.accent?))).collect();
    let outage_brands = brands.iter().filter(|(_, set)| set.outage).map(|(brand, _)| *brand).collect();
    let theme = Theme { accents, ..theme? };
    theme::check(section, &theme);
    let Affiliate { site, link_builder, mail_from, mail_reply_to } = affiliate?;
    let brands = brands.into_iter().map(|(brand, set)| (brand, set.site)).collect();
    Some(SiteSettings {
        site: Site { brands, ..site },
        public_url: public_url?,
        link_builder,
        mail_from,
        mail_reply_to,
        outage_brands,
        theme,
        preview: preview?,
    })
}

/// Reads `[sites]`. What a site does not set is as in `shared`, the sections of the main site.
pub(super) fn read_others(
    section: &mut Section<'_>,
    shared: &Map<String, Value>,
) -> Option<Vec<SiteSettings>> {
    let mut sites = Vec::new();
    for name in section.names() {
        if name == Site::MAIN || !is_name(&name) {
            section.must_be::<()>(&name, NAMED, None);
        }
        sites.push(section.section_over(
            &name,
            |keys| over(shared.clone(), keys),
            |section| {
                let public_url = section.parse("public_url", ROOT_URL, root_url);
                read_site(section, &name, public_url)
            },
        ));
    }
    sites.into_iter().collect()
}

/// Checks that every site has a host of its own, and that all have the same scheme.
pub(super) fn check_hosts(root: &mut Section<'_>, main: &SiteSettings, others: &[SiteSettings]) {
    let mut hosts = vec![main.public_url.host()];
    for site in others {
        let key = format!("sites.{}.public_url", site.site.name);
        if hosts.contains(&site.public_url.host()) {
            root.must_be::<()>(&key, "another host than that of every other site", None);
        }
        if site.public_url.scheme() != main.public_url.scheme() {
            root.must_be::<()>(&key, "https where server.public_url is, and only there", None);
        }
        hosts.push(site.public_url.host());
    }
}
