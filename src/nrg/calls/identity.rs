//! POST `identity` (contract 5.11): opens or updates the record, verifies the person, and matches earlier customers.

use serde::{Deserialize, Serialize};

use crate::{
    fields::{BillingAddress, Guid, ProspectId, State, Token, TrackingId, Unit},
    journey::{
        Applicant, Correction, Identity, Outcome, PriorAccount, Proof, Record, Stop, StopKind, Verification,
    },
};

use crate::nrg::{
    client::BrandClient,
    endpoint::Endpoint,
    envelope::{Answer, Rejection, Reply, Verdict},
    error::{Error, Kind},
    mask::masked_address,
    reading::Reading,
    wire::{Text, is_dated},
};

/// The answer of `identity`. The ids have to be stored whatever the outcome is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityReply {
    /// The record's, on every outcome that reached verification.
    pub ids: Option<(TrackingId, Guid)>,
    /// `retryCount`: how often the record was repeated.
    pub repeats: Option<u8>,
    /// The outcome.
    pub outcome: Outcome<Identity>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<&'a str>,
    first_name: &'a str,
    last_name: &'a str,
    dob: String,
    email: &'a str,
    phone_num: &'a str,
    #[serde(rename = "tokenizedSSN", skip_serializing_if = "Option::is_none")]
    tokenized_ssn: Option<&'a str>,
    #[serde(rename = "tokenizedTDL", skip_serializing_if = "Option::is_none")]
    tokenized_tdl: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    noid: Option<&'static str>,
    transaction_type: &'static str,
    serv_street_num: &'a str,
    serv_street_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    serv_street_apt_num: Option<&'a str>,
    serv_city: &'a str,
    serv_state: &'static str,
    serv_zip_code: String,
    #[serde(flatten)]
    billing: Billing<'a>,
    preferred_language: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mkt_pref: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prospect_id: Option<&'a str>,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Billing<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    bill_street_num: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bill_street_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bill_street_apt_num: Option<&'a str>,
    #[serde(rename = "billPOBox", skip_serializing_if = "Option::is_none")]
    bill_po_box: Option<&'a str>,
    bill_city: &'a str,
    bill_state: &'a str,
    bill_zip_code: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    tracking_id: Text,
    guid: Text,
    #[serde(rename = "posidSSNDate")]
    ssn_date: Text,
    #[serde(rename = "posidDLDate")]
    license_date: Text,
    retry_count: Text,
    kba_suggestion_flag: Text,
    bp_match_flag: Text,
    pending_balance_amount: Text,
    existing_street_address: Text,
    existing_apt_num: Text,
    existing_city: Text,
}

impl BrandClient<'_> {
    /// Verifies the applicant; with `record`, as a repeat on that record. Never sent twice.
    ///
    /// # Errors
    /// [`Error`]; an accepted answer without ids on a first call is [`Kind::InvalidResponse`](crate::nrg::Kind).
    pub async fn identity(
        &self,
        applicant: &Applicant,
        record: Option<&Record>,
    ) -> Result<IdentityReply, Error> {
        let answer = self.post(Endpoint::Identity, &Fields::new(applicant, record)).await;
        read(answer, record.is_some(), &self.reading(Endpoint::Identity))
    }
}

impl<'a> Fields<'a> {
    fn new(applicant: &'a Applicant, record: Option<&'a Record>) -> Self {
        let Applicant { service, .. } = applicant;
        let (tokenized_ssn, tokenized_tdl, noid) = match &applicant.proof {
            Proof::Ssn(token) => (Some(token), None, None),
            Proof::DriverLicense(token) => (None, Some(token), None),
            Proof::None => (None, None, Some("true")),
        };
        Self {
            tracking_id: record.map(|record| record.tracking_id.as_str()),
            guid: record.map(|record| record.guid.as_str()),
            first_name: applicant.first_name.as_str(),
            last_name: applicant.last_name.as_str(),
            dob: applicant.birth_date.wire(),
            email: applicant.email.as_str(),
            phone_num: applicant.phone.digits(),
            tokenized_ssn: tokenized_ssn.map(Token::as_str),
            tokenized_tdl: tokenized_tdl.map(Token::as_str),
            noid,
            transaction_type: applicant.transaction.wire(),
            serv_street_num: service.street.number(),
            serv_street_name: service.street.name(),
            serv_street_apt_num: service.unit.as_ref().map(Unit::as_str),
            serv_city: service.city.as_str(),
            serv_state: State::TEXAS.as_str(),
            serv_zip_code: service.zip_wire(),
            billing: Billing::new(&applicant.billing),
            preferred_language: applicant.bill_language.wire(),
            mkt_pref: applicant.marketing_email.then_some("Y"),
            // NRG checks it against the SSN, so without one it is not sent.
            prospect_id: tokenized_ssn.and(applicant.prospect.as_ref()).map(ProspectId::as_str),
        }
    }
}

impl<'a> Billing<'a> {
    fn new(address: &'a BillingAddress) -> Self {
        match address {
            BillingAddress::Street { street, unit, city, state, zip } => Self {
                bill_street_num: Some(street.number()),
                bill_street_name: Some(street.name()),
                bill_street_apt_num: unit.as_ref().map(Unit::as_str),
                bill_po_box: None,
                bill_city: city.as_str(),
                bill_state: state.as_str(),
                bill_zip_code: zip.as_str(),
            },
            BillingAddress::PoBox { po_box, city, state, zip } => Self {
                bill_po_box: Some(po_box.as_str()),
                bill_city: city.as_str(),
                bill_state: state.as_str(),
                bill_zip_code: zip.as_str(),
                ..Self::default()
            },
        }
    }
}

fn read(
    answer: Result<Answer<Body>, Error>,
    is_repeat: bool,
    reading: &Reading<'_>,
) -> Result<IdentityReply, Error> {
    let without_ids = |outcome| Ok(IdentityReply { ids: None, repeats: None, outcome });
    let reply = match answer {
        Ok(Answer::Processed(reply)) => reply,
        Ok(Answer::Rejected(rejection)) => return without_ids(rejected(rejection)?),
        // The same remedy whether it comes with 200 or with 500 (contract 6).
        Err(Error { kind: Kind::ServerError, code: Some(code), .. }) if code == "TOKEN_SERVER_DOWN" => {
            return without_ids(Outcome::Correct(Correction::TokenUnusable));
        }
        Err(error) => return Err(error),
    };
    let tracking_id = reply.body.tracking_id.exact().and_then(|id| TrackingId::parse(id).ok());
    let ids = tracking_id.zip(reply.body.guid.exact().and_then(|id| Guid::parse(id).ok()));
    let outcome = outcome(&reply, reading);
    if matches!(outcome, Outcome::Accepted(_)) && ids.is_none() && !is_repeat {
        return Err(reply.invalid_response("no trackingId and guid"));
    }
    let repeats = reading.count("retryCount", &reply.body.retry_count);
    Ok(IdentityReply { ids, repeats, outcome })
}

fn rejected(rejection: Rejection) -> Result<Outcome<Identity>, Error> {
    if rejection.error_code.filled().is_none_or(|code| code == "BAD_REQUEST")
        && rejection.has_message_code("INVALID_DOB")
    {
        return Ok(Outcome::Correct(Correction::BirthDate));
    }
    rejection.outcome()
}

fn outcome(reply: &Reply<Body>, reading: &Reading<'_>) -> Outcome<Identity> {
    let body = &reply.body;
    let restricted = &*body.bp_match_flag == "BPRESTRICT";
    let undecided = if &*body.bp_match_flag == "BPSD" { PriorAccount::Undecided } else { PriorAccount::None };
    let service = || PriorAccount::Service {
        masked_address: masked_address(
            &body.existing_street_address,
            &body.existing_apt_num,
            &body.existing_city,
        ),
    };
    let balance = || {
        let amount = reading.amount("pendingBalanceAmount", &body.pending_balance_amount);
        PriorAccount::Balance { amount: amount.map(|amount| amount.to_string()) }
    };

    let (verification, prior_account) = match (reply.verdict, &*reply.code) {
        (Verdict::Stop, "TOKEN_SERVER_DOWN") => return Outcome::Correct(Correction::TokenUnusable),
        (Verdict::Stop, "NO_PROSPECT_MATCH_FOUND") => return Outcome::Correct(Correction::ProspectUnknown),
        // Under an identity hold a restriction can read POSIDHOLD; with `00` it would be refused on enroll.
        (_, _) if restricted => {
            return Outcome::Stop(Stop { kind: StopKind::Restricted, ..reply.stop(reading) });
        }
        (Verdict::Stop, _) => return Outcome::Stop(reply.stop(reading)),
        (_, "POSID_FAIL") => (Verification::NotVerified, PriorAccount::None),
        (_, "POSIDHOLD") => (Verification::Held, undecided),
        (_, "POSID_PASTDUE") => (Verification::Held, balance()),
        (_, "POSID_PASTSERVICE") => (Verification::Held, service()),
        (_, "PAST_BALANCE") => (Verification::Verified, balance()),
        (_, "PAST_SERVICE_HISTORY") => (Verification::Verified, service()),
        (Verdict::Continue, _) => (Verification::Verified, undecided),
        // An unknown question: NRG's text is the question, and the dates say whether the person is verified.
        (Verdict::Ask, _) => {
            let dated = is_dated(&body.ssn_date) || is_dated(&body.license_date);
            let verification = if dated { Verification::Verified } else { Verification::Held };
            (verification, PriorAccount::Other { message: reading.message(&reply.text) })
        }
    };
    let quiz_suggested = body.kba_suggestion_flag.filled().is_some();
    Outcome::Accepted(Identity { verification, quiz_suggested, prior_account, past_answer: None, quiz: None })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::fields::Language;
    use crate::nrg::{
        sanitize,
        tests::{answer, reading},
    };

    use super::*;

    fn reply(changes: Value) -> Result<IdentityReply, Error> {
        let mut json = json!({
            "statusCode": "00", "messageCode": "", "messageText": "(text)", "trackingId": "4900001",
            "guid": "3f0f6f1e-0000-4000-8000-000000000001", "posidSSNDate": "06/15/2030", "posidDLDate": null,
            "bpMatchFlag": "", "pendingBalanceAmount": null, "retryCount": "1", "kbaSuggestionFlag": "",
            "existingStreetAddress": "7 Old Elm St", "existingAptNum": "", "existingCity": "Sampleton"
        });
        for (name, value) in changes.as_object().unwrap() {
            json[name] = value.clone();
        }
        read(answer(Endpoint::Identity, 200, &json.to_string()), false, &reading())
    }

    fn accepted(changes: Value) -> (Verification, PriorAccount) {
        match reply(changes).unwrap().outcome {
            Outcome::Accepted(identity) => (identity.verification, identity.prior_account),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn identity_continue_or_ask_maps_to_verification_and_prior_account() {
        let masked = PriorAccount::Service { masked_address: Some("7 O** E** S*, Sampleton".into()) };
        let balance = PriorAccount::Balance { amount: Some("123.45".into()) };
        let text = sanitize::clean("(text)", &[]).html.map(|text| text.asked_in(Language::English));
        let other = PriorAccount::Other { message: text };
        for (status, code, flag, expected) in [
            ("00", "", "", (Verification::Verified, PriorAccount::None)),
            ("00", "", "BPSD", (Verification::Verified, PriorAccount::Undecided)),
            ("00", "NEW_ADVICE", "", (Verification::Verified, PriorAccount::None)),
            ("00", "POSIDHOLD", "", (Verification::Held, PriorAccount::None)),
            ("00", "POSIDHOLD", "BPSD", (Verification::Held, PriorAccount::Undecided)),
            ("02", "POSID_FAIL", "", (Verification::NotVerified, PriorAccount::None)),
            ("00", "POSID_FAIL", "", (Verification::NotVerified, PriorAccount::None)),
            ("02", "POSID_PASTDUE", "BPSD", (Verification::Held, balance.clone())),
            ("02", "POSID_PASTSERVICE", "BPSD", (Verification::Held, masked.clone())),
            ("02", "PAST_BALANCE", "BPSD", (Verification::Verified, balance)),
            ("02", "PAST_SERVICE_HISTORY", "BPSD", (Verification::Verified, masked)),
            ("02", "NEW_QUESTION", "", (Verification::Verified, other.clone())),
        ] {
            let changes = json!({"statusCode": status, "messageCode": code, "bpMatchFlag": flag, "pendingBalanceAmount": "123.45"});
            assert_eq!(accepted(changes), expected, "{status} {code} {flag}");
        }
        let undated =
            json!({"statusCode": "02", "messageCode": "NEW_QUESTION", "posidSSNDate": "0000-00-00"});
        assert_eq!(accepted(undated), (Verification::Held, other));
    }

    #[test]
    fn identity_refusal_maps_to_stop_or_correction() {
        for (code, flag, kind) in [
            ("POSID_FAIL_MAX", "", StopKind::AttemptsUsedUp),
            ("CURRENT_CUSTOMER", "", StopKind::CurrentCustomer),
            ("BP_RESTRICTION", "BPRESTRICT", StopKind::Restricted),
            ("POSIDHOLD", "BPRESTRICT", StopKind::Restricted),
            ("POSIDHOLD", "", StopKind::IdentityHold),
            ("NEW_CODE", "", StopKind::Other),
            ("", "", StopKind::Other),
        ] {
            let answered =
                reply(json!({"statusCode": "01", "messageCode": code, "bpMatchFlag": flag})).unwrap();
            assert!(answered.ids.is_some(), "ids are kept with a stop");
            let Outcome::Stop(stop) = answered.outcome else { panic!("{code}") };
            assert_eq!(stop.kind, kind, "{code}");
            assert_eq!(stop.message.is_some(), kind != StopKind::CurrentCustomer);
        }
        assert!(matches!(reply(json!({"bpMatchFlag": "BPRESTRICT"})).unwrap().outcome, Outcome::Stop(_)));
        for (code, repair) in [
            ("TOKEN_SERVER_DOWN", Correction::TokenUnusable),
            ("NO_PROSPECT_MATCH_FOUND", Correction::ProspectUnknown),
        ] {
            let changes = json!({"statusCode": "01", "messageCode": code, "trackingId": null, "guid": null});
            assert_eq!(reply(changes).unwrap().outcome, Outcome::Correct(repair));
        }
    }

    #[test]
    fn identity_reply_yields_ids_repeats_and_quiz_suggestion() {
        let answered = reply(json!({"kbaSuggestionFlag": "X", "retryCount": 2})).unwrap();
        assert_eq!(answered.ids.unwrap().0.as_str(), "4900001");
        assert_eq!(answered.repeats, Some(2));
        assert!(matches!(answered.outcome, Outcome::Accepted(Identity { quiz_suggested: true, .. })));
        assert!(reply(json!({"guid": null})).is_err(), "a first continue without ids cannot go on");
        let json = r#"{"statusCode":"02","messageCode":"POSID_FAIL"}"#;
        assert!(
            read(answer(Endpoint::Identity, 200, json), true, &reading()).is_ok(),
            "a repeat knows its ids"
        );
    }

    #[test]
    fn identity_http_400_and_token_service_down_map_to_their_outcome() {
        let outcome = |json: &str| {
            read(answer(Endpoint::Identity, 400, json), true, &reading()).map(|reply| reply.outcome)
        };
        for (json, expected) in [
            (
                r#"{"statusCode":"01","errorCode":"NO_MATCH_FOUND"}"#,
                Outcome::Correct(Correction::RecordUnknown),
            ),
            (r#"{"statusCode":"01","errorCode":"ENROLLMENT_ALREADY_REQUESTED"}"#, Outcome::Done),
            (
                r#"{"statusCode":"01","resultCode":"1","messageCode":"X,INVALID_DOB"}"#,
                Outcome::Correct(Correction::BirthDate),
            ),
        ] {
            assert_eq!(outcome(json).unwrap(), expected);
        }
        let rejected =
            outcome(r#"{"statusCode":"01","errorCode":"","resultDescription":"(x) phoneNum (y)"}"#);
        assert_eq!(rejected.unwrap_err().kind, Kind::Rejected);
        let busy = |code| Err(Error::new(Endpoint::Identity, Kind::ServerError).with_code(code));
        let down = read(busy("TOKEN_SERVER_DOWN"), false, &reading()).unwrap().outcome;
        assert_eq!(down, Outcome::Correct(Correction::TokenUnusable));
        assert!(read(busy("TECHNICAL_ERROR"), false, &reading()).is_err());
    }
}
