//! GET `prospect` (contract 5.2).

use axum::extract::State;
use serde_json::json;

use super::{
    Sandbox,
    envelope::Reply,
    inputs::{self, Prospect},
    request::Ask,
    rules::{ANY, check, digits, needed},
};

/// Whether a mailed prospect id is known.
pub async fn answer(State(sandbox): State<Sandbox>, ask: Ask) -> Reply {
    let rules =
        [needed("prospectID", ANY), needed("last4SSN", ANY).form(|value| value.len() == 4 && digits(value))];
    if let Err(refusal) = check(&ask, &rules) {
        return refusal;
    }
    let language = ask.language();
    let good = |flag: &str| {
        let reply = Reply::go_on().with(json!({ "prospectPreApprovalFlag": flag }));
        if ["AA", "AFF"].contains(&ask.text("channelType")) {
            return reply;
        }
        reply.with(json!({
            "prospectBpID": "0099990123", "prospectBpIDType": "Z1", "prospectCreditScore": "700",
            "prospectCreditSource": "EQ", "prospectCreditScoreDate": "01/15/2026", "prospectCreditBucket": "A",
        }))
    };
    match inputs::prospect(ask.text("prospectID")) {
        Prospect::Approved => good("P"),
        Prospect::Found => good(""),
        Prospect::Unknown => {
            Reply::stop("NO_PROSPECT_MATCH_FOUND", language).with(json!({ "prospectPreApprovalFlag": null }))
        }
        Prospect::Trouble(trouble) => trouble.strike(&sandbox, language, good("P")).await,
    }
}
