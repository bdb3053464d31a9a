//! The sites of this server: the one that `[server]`, `[affiliate]`, `[brands]` and `[theme]` describe, and those of
//! `[sites.NAME]`, each of which says only what is different there.

use std::collections::{BTreeMap, BTreeSet};

use config::{Map, Value};
use url::Url;

use super::{
    affiliate::{self, Affiliate},
    brands,
    layers::over,
    section::{NAMED, ROOT_URL, Section, is_name, root_url},
    theme,
};
use crate::{
    fields::Brand,
    journey::{BrandSite, Site},
    theme::Theme,
};

/// The sections a site can say differently.
pub(super) const OWN: [&str; 3] = ["affiliate", "brands", "theme"];

/// One site.
pub struct SiteSettings {
    /// Names it in sessions, ledger and log; the first is `main`.
    pub name: String,
    /// The address people see.
    pub public_url: Url,
    /// Who runs it.
    pub affiliate: Affiliate,
    /// The enabled brands.
    pub brands: BTreeMap<Brand, BrandSite>,
    /// Of these, the ones that take no enrollments for now.
    pub out: BTreeSet<Brand>,
    /// How its pages look.
    pub theme: Theme,
}

impl SiteSettings {
    /// What a journey looks at.
    pub fn site(&self) -> Site {
        let affiliate = &self.affiliate;
        Site {
            name: self.name.clone(),
            affiliate_id: affiliate.id.clone(),
            affiliate_name: affiliate.name.clone(),
            privacy_url: Some(affiliate.privacy_url.clone()),
            broker_number: affiliate.broker_number.clone(),
            default_brand: affiliate.default_brand,
            allow_no_id: affiliate.allow_no_id,
            allow_identity_hold: affiliate.allow_identity_hold,
            quiz: affiliate.quiz,
            link_hosts: affiliate.link_hosts.clone(),
            brands: self.brands.clone(),
        }
    }
}

/// Reads the sections of a site out of `section`: of the whole settings, or of one of `[sites]`.
pub(super) fn read_site(
    section: &mut Section<'_>,
    name: &str,
    public_url: Option<Url>,
) -> Option<SiteSettings> {
    let affiliate = section.section("affiliate", affiliate::read);
    let brands = section.section("brands", |section| Some(brands::read(section)));
    let theme = section.section("theme", theme::read);
    if let (Some(affiliate), Some(brands)) = (&affiliate, &brands)
        && !brands.contains_key(&affiliate.default_brand)
    {
        section.must_be::<()>("affiliate.default_brand", "a brand that is enabled", None);
    }
    let brands: BTreeMap<Brand, _> =
        brands?.into_iter().map(|(brand, set)| Some((brand, set?))).collect::<Option<_>>()?;
    let accents = brands.iter().filter_map(|(brand, set)| Some((*brand, set.accent?))).collect();
    let out = brands.iter().filter(|(_, set)| set.outage).map(|(brand, _)| *brand).collect();
    let theme = Theme { accents, ..theme? };
    theme::check(section, &theme);
    Some(SiteSettings {
        name: name.to_owned(),
        public_url: public_url?,
        affiliate: affiliate?,
        brands: brands.into_iter().map(|(brand, set)| (brand, set.site)).collect(),
        out,
        theme,
    })
}

/// Reads `[sites]`; what a site does not say is as in `shared`, the sections of the whole settings.
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

/// Every site has a host of its own, and all are reached the same way.
pub(super) fn check_hosts(root: &mut Section<'_>, main: &SiteSettings, others: &[SiteSettings]) {
    let mut hosts = vec![main.public_url.host()];
    for site in others {
        let key = format!("sites.{}.public_url", site.name);
        if hosts.contains(&site.public_url.host()) {
            root.must_be::<()>(&key, "another host than that of every other site", None);
        }
        if site.public_url.scheme() != main.public_url.scheme() {
            root.must_be::<()>(&key, "https where server.public_url is, and only there", None);
        }
        hosts.push(site.public_url.host());
    }
}
