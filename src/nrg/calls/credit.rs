//! POST `check-credit` and POST `recheck-credit` (contract 5.16, 5.17): the deposit. The only place
//! where offer and start date are handed over before `enroll`.

use serde::{Deserialize, Serialize};

use crate::{
    fields::{Dollars, OfferCode, ServiceDate, Token},
    journey::{Credit, Outcome, Record},
};

use crate::nrg::{
    client::{BrandClient, Ids},
    endpoint::Endpoint,
    envelope::{Answer, Reply, Verdict},
    error::Error,
    sanitize,
    wire::{self, Text},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(flatten)]
    ids: Ids<'a>,
    offer_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mvi_date: Option<String>,
    #[serde(rename = "tokenizedSSN", skip_serializing_if = "Option::is_none")]
    tokenized_ssn: Option<&'a str>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    deposit_amount: Text,
    deposit_due_text: Text,
    deposit_reason_text: Text,
    #[serde(deserialize_with = "wire::list")]
    credit_factors_text: Vec<Text>,
    credit_agency: Text,
}

impl BrandClient<'_> {
    /// The deposit for this plan and start date. May be an inquiry at a bureau; never sent twice. The date
    /// may be left out for a switch only.
    ///
    /// # Errors
    /// [`Error`]; an amount that is missing or cannot be read is [`Kind::InvalidResponse`](crate::nrg::Kind).
    pub async fn check_credit(
        &self,
        record: &Record,
        offer: &OfferCode,
        date: Option<ServiceDate>,
    ) -> Result<Outcome<Credit>, Error> {
        self.credit(Endpoint::CheckCredit, record, offer, date, None).await
    }

    /// As [`BrandClient::check_credit`], with an SSN token that replaces the one on the record.
    ///
    /// # Errors
    /// As [`BrandClient::check_credit`].
    pub async fn recheck_credit(
        &self,
        record: &Record,
        offer: &OfferCode,
        date: Option<ServiceDate>,
        ssn: &Token,
    ) -> Result<Outcome<Credit>, Error> {
        self.credit(Endpoint::RecheckCredit, record, offer, date, Some(ssn)).await
    }

    async fn credit(
        &self,
        endpoint: Endpoint,
        record: &Record,
        offer: &OfferCode,
        date: Option<ServiceDate>,
        ssn: Option<&Token>,
    ) -> Result<Outcome<Credit>, Error> {
        let fields = Fields {
            ids: Ids::of(record),
            offer_code: offer.as_str(),
            mvi_date: date.map(ServiceDate::wire),
            tokenized_ssn: ssn.map(Token::as_str),
        };
        match self.post(endpoint, &fields).await? {
            Answer::Processed(reply) => outcome(&reply, &self.site.link_hosts),
            Answer::Rejected(rejection) => rejection.outcome(),
        }
    }
}

fn outcome(reply: &Reply<Body>, link_hosts: &[String]) -> Result<Outcome<Credit>, Error> {
    match reply.verdict {
        Verdict::Stop | Verdict::Ask => return Ok(Outcome::Stop(reply.stop(link_hosts))),
        Verdict::Continue => {}
    }
    let body = &reply.body;
    let deposit =
        Dollars::parse(&body.deposit_amount).map_err(|_| reply.invalid_response("no deposit amount"))?;
    Ok(Outcome::Accepted(Credit {
        deposit,
        due: sanitize::clean(&body.deposit_due_text, link_hosts),
        reason: sanitize::clean_escaped(&body.deposit_reason_text, link_hosts),
        factors: body.credit_factors_text.iter().filter_map(|text| sanitize::plain(text)).collect(),
        agency: sanitize::plain(&body.credit_agency),
    }))
}

#[cfg(test)]
mod tests {
    use crate::journey::StopKind;
    use crate::nrg::tests::processed;

    use super::*;

    fn read(json: &str) -> Result<Outcome<Credit>, Error> {
        outcome(&processed(Endpoint::CheckCredit, json), &[])
    }

    #[test]
    fn credit_answer_carries_deposit_reason_factors_and_agency() {
        let Outcome::Accepted(credit) = read(
            r#"{"statusCode":"00","httpStatus":null,"creditAgency":"EQ","depositAmount":"200","depositDueText":"(due)",
                "depositReasonText":"one&lt;br&gt;two","creditFactorsText":["Too few accounts","","Short history"],
                "depositOptionsText":null}"#,
        )
        .unwrap() else {
            panic!()
        };
        assert_eq!(credit.deposit, Dollars(200));
        assert_eq!(credit.reason.unwrap().as_str(), "one<br>two");
        assert_eq!(credit.factors, ["Too few accounts", "Short history"]);
        assert_eq!(credit.agency.as_deref(), Some("EQ"));
        for factors in ["null", r#"[""]"#, "[]"] {
            let json = format!(r#"{{"statusCode":"00","depositAmount":0,"creditFactorsText":{factors}}}"#);
            let none =
                Credit { deposit: Dollars(0), due: None, reason: None, factors: Vec::new(), agency: None };
            assert_eq!(read(&json).unwrap(), Outcome::Accepted(none));
        }
    }

    #[test]
    fn deposit_amount_that_is_not_whole_dollars_is_an_error() {
        for amount in ["null", r#""""#, r#""none""#, r#""-1""#, r#""99.50""#] {
            let json = format!(r#"{{"statusCode":"00","depositAmount":{amount}}}"#);
            assert!(read(&json).is_err(), "{amount}");
        }
    }

    #[test]
    fn credit_freeze_and_fraud_alert_map_to_stop_with_message() {
        for (code, kind) in
            [("CREDIT_FREEZE", StopKind::CreditFreeze), ("CREDIT_FRAUD", StopKind::CreditFraud)]
        {
            let json = format!(
                r#"{{"statusCode":"01","messageCode":"{code}","messageText":"(text)","depositAmount":"0"}}"#
            );
            let Outcome::Stop(stop) = read(&json).unwrap() else { panic!() };
            assert_eq!(stop.kind, kind);
            assert!(stop.message.is_some());
        }
    }
}
