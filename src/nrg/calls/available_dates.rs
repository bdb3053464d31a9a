//! POST `available-dates` (contract 5.15): resolves the meter and lists the days service can start.

use serde::{Deserialize, Serialize};

use crate::{
    fields::EsiId,
    journey::{Advice, AdviceKind, Correction, Dates, Outcome, Record},
};

use crate::nrg::{
    client::{BrandClient, Ids},
    endpoint::Endpoint,
    envelope::{Answer, Reply, Verdict},
    error::Error,
    reading::Reading,
    wire::{self, Text},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    #[serde(flatten)]
    ids: Ids<'a>,
    past_service_matched_flag: &'static str,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    #[serde(deserialize_with = "wire::list")]
    available_dates: Vec<Text>,
    esid: Text,
    tdsp_code: Text,
    tdsp_fee: Text,
    switch_hold_flag: Text,
}

impl BrandClient<'_> {
    /// The days to choose from, with the person's answer about past service (`false` when never asked).
    ///
    /// # Errors
    /// [`Error`]; a `00` without dates is [`Kind::InvalidResponse`](crate::nrg::Kind).
    pub async fn available_dates(
        &self,
        record: &Record,
        past_service: bool,
    ) -> Result<Outcome<Dates>, Error> {
        let past_service_matched_flag = if past_service { "Y" } else { "N" };
        let fields = Fields { ids: Ids::of(record), past_service_matched_flag };
        match self.post(Endpoint::AvailableDates, &fields).await? {
            Answer::Processed(reply) => outcome(&reply, &self.reading(Endpoint::AvailableDates)),
            Answer::Rejected(rejection) => rejection.outcome(),
        }
    }
}

fn outcome(reply: &Reply<Body>, reading: &Reading<'_>) -> Result<Outcome<Dates>, Error> {
    let body = &reply.body;
    let mismatch = &*reply.code == "TDSP_MISMATCH" || &*reply.error_code == "TDSPSD";
    let tdsp = reading.tdsp("tdspCode", &body.tdsp_code);
    match (reply.verdict, tdsp.clone()) {
        (Verdict::Stop, Some(real)) if mismatch => {
            return Ok(Outcome::Correct(Correction::OtherUtility(real)));
        }
        (Verdict::Stop | Verdict::Ask, _) => return Ok(Outcome::Stop(reply.stop(reading))),
        (Verdict::Continue, _) => {}
    }
    let offered = reading.dates("availableDates", &body.available_dates);
    if offered.is_empty() {
        return Err(reply.invalid_response("a continue without dates"));
    }
    let is_held = reading.flag("switchHoldFlag", &body.switch_hold_flag, "ON");
    let advice = advice(reply, is_held).map(|kind| Advice { kind, message: reading.message(&reply.text) });
    Ok(Outcome::Accepted(Dates {
        offered,
        esi_id: EsiId::parse(&body.esid).ok(),
        tdsp,
        fee: reading.message(&body.tdsp_fee),
        advice,
    }))
}

fn advice(reply: &Reply<Body>, is_held: bool) -> Option<AdviceKind> {
    match &*reply.code {
        "NOTIFY_SWITCH_HOLD" => Some(AdviceKind::SwitchHoldNotify),
        "NESID" => Some(AdviceKind::NoMeterFound),
        "MESID" => Some(AdviceKind::SeveralMetersFound),
        "" if is_held => Some(AdviceKind::SwitchHoldNotify),
        "" => reply.text.filled().map(|_| AdviceKind::Other),
        _ => Some(AdviceKind::Other),
    }
}

#[cfg(test)]
mod tests {
    use crate::fields::TdspCode;
    use crate::journey::StopKind;
    use crate::nrg::tests::{processed, reading};

    use super::*;

    fn read(json: &str) -> Result<Outcome<Dates>, Error> {
        outcome(&processed(Endpoint::AvailableDates, json), &reading())
    }

    #[test]
    fn available_dates_are_sorted_and_carry_their_advice() {
        for (code, hold, kind) in [
            ("", "", Some(AdviceKind::Other)),
            ("", "ON", Some(AdviceKind::SwitchHoldNotify)),
            ("NOTIFY_SWITCH_HOLD", "ON", Some(AdviceKind::SwitchHoldNotify)),
            ("NESID", "", Some(AdviceKind::NoMeterFound)),
            ("MESID", "", Some(AdviceKind::SeveralMetersFound)),
            ("NEW", "", Some(AdviceKind::Other)),
        ] {
            let json = format!(
                r#"{{"statusCode":"00","messageCode":"{code}","esid":"10000009999999912","tdspCode":"D0001","tdspFee":"(fee)",
                "messageText":"A <a href='https://brand.example/form.pdf' target='_blank'>form</a> is needed.",
                "availableDates":"06212030;06192030;;odd;06192030;","switchHoldFlag":"{hold}"}}"#
            );
            let Outcome::Accepted(dates) = read(&json).unwrap() else { panic!("{code}") };
            let days: Vec<_> = dates.offered.iter().map(|date| date.iso()).collect();
            assert_eq!(days, ["2030-06-19", "2030-06-21"]);
            assert_eq!(dates.advice.as_ref().map(|advice| advice.kind), kind, "{code}");
            assert!(dates.esi_id.is_some() && dates.tdsp.is_some() && dates.fee.is_some());
            if let Some(advice) = dates.advice {
                assert!(
                    advice.message.unwrap().as_str().contains(r#"<a href="https://brand.example/form.pdf""#)
                );
            }
        }
    }

    #[test]
    fn available_dates_without_code_and_text_have_no_advice() {
        let Outcome::Accepted(dates) = read(r#"{"statusCode":"00","availableDates":"06192030"}"#).unwrap()
        else {
            panic!()
        };
        assert_eq!(dates.advice, None);
    }

    #[test]
    fn available_dates_accepted_without_a_date_is_an_error() {
        for dates in ["null", r#""""#, r#"";""#, r#""soon""#] {
            assert!(read(&format!(r#"{{"statusCode":"00","availableDates":{dates}}}"#)).is_err(), "{dates}");
        }
    }

    #[test]
    fn available_dates_refusal_maps_to_stop_or_correction() {
        for (code, kind) in [
            ("NESID", StopKind::NoMeter),
            ("MESID", StopKind::NoMeter),
            ("SWITCH_HOLD", StopKind::SwitchHold),
            ("ESID_ACTIVE", StopKind::OwnCustomer),
            ("BUSINESS_METER", StopKind::BusinessMeter),
            ("AREA_NOT_SERVICED", StopKind::AreaNotServed),
            ("TDSP_MISMATCH", StopKind::Other),
            ("NEW", StopKind::Other),
        ] {
            let json = format!(
                r#"{{"statusCode":"01","messageCode":"{code}","availableDates":"06192030","tdspCode":null}}"#
            );
            let Outcome::Stop(stop) = read(&json).unwrap() else { panic!("{code}") };
            assert_eq!(stop.kind, kind, "{code}");
        }
        for code in [r#""messageCode":"TDSP_MISMATCH""#, r#""errorCode":"TDSPSD""#] {
            let json = format!(r#"{{"statusCode":"01",{code},"tdspCode":"D0002"}}"#);
            let real = TdspCode::parse("D0002").unwrap();
            assert_eq!(read(&json).unwrap(), Outcome::Correct(Correction::OtherUtility(real)));
        }
    }
}
