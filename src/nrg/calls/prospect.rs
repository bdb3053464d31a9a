//! GET `prospect` (contract 5.2): whether NRG knows the number printed on its letter.

use serde::{Deserialize, Serialize};

use crate::{
    fields::{LastFour, ProspectId},
    journey::{Correction, Outcome},
};

use crate::nrg::{
    client::BrandClient,
    endpoint::Endpoint,
    envelope::{Reply, Verdict},
    error::Error,
    reading::Reading,
};

#[derive(Serialize)]
struct Fields<'a> {
    #[serde(rename = "prospectID")]
    prospect_id: &'a str,
    #[serde(rename = "last4SSN")]
    last_four: &'a str,
}

/// Nothing of it is needed: `identity` looks the prospect up itself.
#[derive(Deserialize)]
struct Body {}

impl BrandClient<'_> {
    /// Whether the number belongs to the person whose SSN ends so; `Correct(ProspectUnknown)` if not.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn prospect(&self, prospect: &ProspectId, last_four: &LastFour) -> Result<Outcome<()>, Error> {
        let fields = Fields { prospect_id: prospect.as_str(), last_four: last_four.as_str() };
        let reply = self.get(Endpoint::Prospect, &fields).await?.processed()?;
        Ok(outcome(&reply, &self.reading(Endpoint::Prospect)))
    }
}

fn outcome(reply: &Reply<Body>, reading: &Reading<'_>) -> Outcome<()> {
    match (reply.verdict, &*reply.code) {
        (Verdict::Continue, _) => Outcome::Accepted(()),
        (Verdict::Stop, "NO_PROSPECT_MATCH_FOUND") => Outcome::Correct(Correction::ProspectUnknown),
        (Verdict::Stop | Verdict::Ask, _) => Outcome::Stop(reply.stop(reading)),
    }
}

#[cfg(test)]
mod tests {
    use crate::journey::StopKind;
    use crate::nrg::tests::{processed, reading};

    use super::*;

    #[test]
    fn unknown_prospect_is_correctable_and_other_refusals_stop() {
        let read = |json| outcome(&processed(Endpoint::Prospect, json), &reading());
        assert_eq!(read(r#"{"statusCode":"00","prospectPreApprovalFlag":"P"}"#), Outcome::Accepted(()));
        let unknown = read(r#"{"statusCode":"01","messageCode":"NO_PROSPECT_MATCH_FOUND"}"#);
        assert_eq!(unknown, Outcome::Correct(Correction::ProspectUnknown));
        let Outcome::Stop(stop) = read(r#"{"statusCode":"01","messageCode":"NEW"}"#) else { panic!() };
        assert_eq!(stop.kind, StopKind::Other);
    }
}
