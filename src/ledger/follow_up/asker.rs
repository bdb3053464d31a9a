//! The asker: turns a leased follow-up into one call of `holds`.

use std::collections::BTreeMap;

use super::FollowUpJob;
use crate::{
    journey::Site,
    nrg::{self, Holds, Nrg},
};

/// What asking for holds needs.
pub struct HoldsAsker {
    nrg: Nrg,
    sites: BTreeMap<String, Site>,
}

impl HoldsAsker {
    /// Asks through `nrg` about submissions of `sites`.
    pub fn new(nrg: Nrg, sites: impl IntoIterator<Item = Site>) -> Self {
        Self { nrg, sites: sites.into_iter().map(|site| (site.name.clone(), site)).collect() }
    }

    /// The holds on the account. Nothing is known of one of a site that is no longer in the settings.
    ///
    /// # Errors
    /// NRG did not answer, or not so that it can be read.
    pub async fn ask(&self, job: FollowUpJob) -> Result<Holds, nrg::Error> {
        let FollowUpJob { site, brand, language, account, check_digit, billing_zip } = job;
        let Some(site) = self.sites.get(&site) else { return Ok(Holds::Unknown) };
        self.nrg.brand_client(site, brand, language).holds(&account, &check_digit, billing_zip.as_str()).await
    }
}
