//! POST `check-credit` and POST `recheck-credit` (contract 5.16, 5.17): the deposit. The only place
//! where offer and start date are handed over before `enroll`.

use serde::{Deserialize, Serialize};

use crate::{
    fields::{OfferCode, ServiceDate, Token},
    journey::{Credit, Outcome, Record, Stop, StopKind},
};

use crate::nrg::{
    bounded::{NAME, SENTENCE},
    client::{BrandClient, Ids},
    codes,
    endpoint::Endpoint,
    envelope::{Answer, Reply, Verdict},
    error::Error,
    reading::Reading,
    sanitize::plain,
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
    /// [`Error`]. An amount that is missing or cannot be read is [`StopKind::DepositUnknown`].
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
            Answer::Processed(reply) => Ok(outcome(&reply, &self.reading(endpoint))),
            Answer::Rejected(rejection) => rejection.outcome(),
        }
    }
}

fn outcome(reply: &Reply<Body>, reading: &Reading<'_>) -> Outcome<Credit> {
    match reply.verdict {
        Verdict::Stop | Verdict::Ask => return Outcome::Stop(reply.stop(reading)),
        Verdict::Continue => {}
    }
    let body = &reply.body;
    let Some(deposit) = reading.dollars("depositAmount", &body.deposit_amount) else {
        // Asking again would be another inquiry, and would bring the same answer.
        tracing::error!(endpoint = %reply.endpoint, "nrg: the deposit cannot be read");
        return Outcome::Stop(Stop {
            code: codes::short(&reply.code),
            ..Stop::new(StopKind::DepositUnknown)
        });
    };
    Outcome::Accepted(Credit {
        deposit,
        due: reading.message(&body.deposit_due_text),
        reason: reading.escaped_message(&body.deposit_reason_text),
        factors: body.credit_factors_text.iter().filter_map(|text| plain(text, SENTENCE)).collect(),
        agency: plain(&body.credit_agency, NAME),
        language: Some(reading.language),
    })
}

#[cfg(test)]
mod tests {
    use crate::fields::{Dollars, Language};
    use crate::journey::StopKind;
    use crate::nrg::tests::{processed, reading};

    use super::*;

    fn read(json: &str) -> Outcome<Credit> {
        outcome(&processed(Endpoint::CheckCredit, json), &reading())
    }

    #[test]
    fn credit_answer_carries_deposit_reason_factors_and_agency() {
        let Outcome::Accepted(credit) = read(
            r#"{"statusCode":"00","httpStatus":null,"creditAgency":"EQ","depositAmount":"200","depositDueText":"(due)",
                "depositReasonText":"one&lt;br&gt;two","creditFactorsText":["Too few accounts","","Short history"],
                "depositOptionsText":null}"#,
        ) else {
            panic!()
        };
        assert_eq!(credit.deposit, Dollars::whole(200));
        assert_eq!(credit.reason.unwrap().as_str(), "one<br>two");
        assert_eq!(credit.factors, ["Too few accounts", "Short history"]);
        assert_eq!(credit.agency.as_deref(), Some("EQ"));
        for factors in ["null", r#"[""]"#, "[]"] {
            let json = format!(r#"{{"statusCode":"00","depositAmount":0,"creditFactorsText":{factors}}}"#);
            let none = Credit {
                deposit: Dollars::ZERO,
                due: None,
                reason: None,
                factors: Vec::new(),
                agency: None,
                language: Some(Language::English),
            };
            assert_eq!(read(&json), Outcome::Accepted(none));
        }
    }

    #[test]
    fn deposit_is_read_to_the_cent_or_stops_without_another_inquiry() {
        let read = |amount: &str| match read(&format!(r#"{{"statusCode":"00","depositAmount":{amount}}}"#)) {
            Outcome::Accepted(credit) => Ok(credit.deposit),
            Outcome::Stop(stop) => Err(stop.kind),
            other => panic!("{other:?}"),
        };
        for (amount, deposit) in [
            (r#""213.45""#, Dollars::from_cents(21_345)),
            (r#""$200""#, Dollars::whole(200)),
            (r#""1,200""#, Dollars::whole(1200)),
            ("200", Dollars::whole(200)),
            (r#"["200"]"#, Dollars::whole(200)),
        ] {
            assert_eq!(read(amount), Ok(deposit), "{amount}");
        }
        for amount in ["null", r#""""#, "{}", r#""none""#, r#""-1""#, r#""200-300""#] {
            assert_eq!(read(amount), Err(StopKind::DepositUnknown), "{amount}");
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
            let Outcome::Stop(stop) = read(&json) else { panic!() };
            assert_eq!(stop.kind, kind);
            assert!(stop.message.is_some());
        }
    }
}
