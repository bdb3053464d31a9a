//! The enroll sender: turns a leased row into one call of `enroll`.

use std::collections::BTreeMap;

use super::queue::EnrollJob;
use crate::{
    journey::Site,
    nrg::{EnrollReply, Enrollment, Nrg},
    tracing_context::{SpanKind, SpanOutcome, Tracer},
};

/// What sending a submission needs.
pub struct EnrollSender {
    nrg: Nrg,
    sites: BTreeMap<String, Site>,
    tracer: Tracer,
}

impl EnrollSender {
    /// A sender through `nrg` for submissions of `sites`.
    pub fn new(nrg: Nrg, sites: impl IntoIterator<Item = Site>, tracer: Tracer) -> Self {
        let sites = sites.into_iter().map(|site| (site.name.clone(), site)).collect();
        Self { nrg, sites, tracer }
    }

    /// Sends one submission to NRG, exactly once. A submission of a site that is no longer in the settings is not sent.
    pub async fn send(&self, job: EnrollJob) -> EnrollReply {
        let EnrollJob { tracking_id, site, request } = job;
        let Some(site) = self.sites.get(&site) else {
            tracing::error!(site, "ledger: submission not sent, its site is not in the settings");
            return Enrollment::NotSent.into();
        };
        let span = self.tracer.begin(SpanKind::Submission, None);
        let client = self.nrg.brand_client(site, request.brand, request.language).in_span(&span);
        let reply = client.enroll(&tracking_id, &request).await;
        span.end(SpanOutcome::Submission);
        reply
    }
}
