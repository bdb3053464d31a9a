//! GET `offer-details` (contract 5.9): one plan as it is now.

use serde::Serialize;

use crate::journey::Offer;

use crate::nrg::{
    calls::{
        offer_entry::{Entry, entry_of, sellable, unless_prepaid},
        offers::Body,
    },
    client::BrandClient,
    endpoint::Endpoint,
    envelope::{Reply, Verdict},
    error::Error,
    reading::Reading,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    offer_code: &'a str,
    promo_code: &'a str,
    campaign_code: &'a str,
}

impl BrandClient<'_> {
    /// The plan `asked` as it is now; none if it can no longer be sold. The answer may be partial (contract 5.9): a blank
    /// field keeps the value of `asked`, and the utility is always that of `asked`. A field that is present but wrong
    /// means that the plan cannot be sold.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn offer_details(&self, asked: &Offer) -> Result<Option<Offer>, Error> {
        let fields = Fields {
            offer_code: asked.code.as_str(),
            promo_code: &asked.codes.promo,
            campaign_code: &asked.codes.campaign,
        };
        let reply = self.get(Endpoint::OfferDetails, &fields).await?.processed()?;
        Ok(refreshed(&reply, asked, &self.reading(Endpoint::OfferDetails), self.site.allow_prepaid))
    }
}

fn refreshed(
    reply: &Reply<Body>,
    asked: &Offer,
    reading: &Reading<'_>,
    allow_prepaid: bool,
) -> Option<Offer> {
    match reply.verdict {
        Verdict::Continue => {}
        Verdict::Stop | Verdict::Ask => return None,
    }
    let entries = reply.body.affiliate_offer_list.iter().filter_map(entry_of);
    let is_asked =
        |entry: &Entry| reading.offer_code("offerCode", &entry.offer_code).as_ref() == Some(&asked.code);
    let entry = entries.into_iter().find(is_asked)?;
    sellable(&entry, asked.brand, &asked.tdsp, reading, Some(asked))
        .and_then(|offer| unless_prepaid(offer, allow_prepaid))
        .inspect_err(|flaw| {
            tracing::warn!(code = asked.code.as_str(), field = flaw.field, "nrg: offer can no longer be sold")
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fields::{Brand, CentsPerKwh, TdspCode};
    use crate::nrg::calls::offers::tests::entry;
    use crate::nrg::tests::{processed, reading};

    use super::*;

    fn asked() -> Offer {
        let tdsp = TdspCode::parse("D0001").unwrap();
        sellable(&entry_of(&entry()).unwrap(), Brand::Reliant, &tdsp, &reading(), None).unwrap()
    }

    fn details(status: &str, list: Value) -> Option<Offer> {
        let json =
            json!({"resultCode": "0", "statusCode": status, "tdspCodeCCS": null, "affiliateOfferList": list});
        let reply = processed(Endpoint::OfferDetails, &json.to_string());
        refreshed(&reply, &asked(), &reading(), false)
    }

    #[test]
    fn partial_offer_details_keep_values_they_do_not_carry() {
        let partial = json!([{"offerCode": "59990001", "promoCode": "DEMO99", "campaignCode": "CAMPDEMO",
            "sapPlanName": "Sample Secure 12 Plan", "contractTerm": "12"}]);
        assert_eq!(details("00", partial), Some(asked()));
        let dearer = json!([{"offerCode": "59990001", "averagePrice1000": "15.9"}]);
        assert_eq!(details("00", dearer).unwrap().average.at_1000, CentsPerKwh(159));
    }

    #[test]
    fn offer_details_of_gone_or_invalid_plan_are_none() {
        assert_eq!(details("01", json!([])), None);
        assert_eq!(details("01", json!([entry()])), None);
        assert_eq!(details("00", json!(null)), None);
        assert_eq!(details("00", json!([{"offerCode": "59990002"}])), None);
        assert_eq!(
            details("00", json!([{"offerCode": "59990001", "eflURL": "https://evil.example/e.pdf"}])),
            None
        );
        assert_eq!(details("00", json!([{"offerCode": "59990001", "averagePrice500": "dear"}])), None);
    }
}
