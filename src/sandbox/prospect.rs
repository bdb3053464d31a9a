//! GET `prospect` (contract 5.2).

use axum::extract::State;
use serde_json::json;

use super::{
    envelope::Reply,
    inputs::{self, Prospect},
    request::ApiRequest,
    rules::{ANY, check, digits, required},
    state::Sandbox,
};

/// Whether a mailed prospect id is known.
pub async fn answer(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    let rules = [
        required("prospectID", ANY),
        required("last4SSN", ANY).form(|value| value.len() == 4 && digits(value)),
    ];
    if let Err(refusal) = check(&request, &rules) {
        return refusal;
    }
    let language = request.language();
    let good = |flag: &str| {
        let reply = Reply::success().with(json!({ "prospectPreApprovalFlag": flag }));
        if ["AA", "AFF"].contains(&request.text("channelType")) {
            return reply;
        }
        reply.with(json!({
            "prospectBpID": "0099990123", "prospectBpIDType": "Z1", "prospectCreditScore": "700",
            "prospectCreditSource": "EQ", "prospectCreditScoreDate": "01/15/2026", "prospectCreditBucket": "A",
        }))
    };
    match inputs::prospect(request.text("prospectID")) {
        Prospect::Approved => good("P"),
        Prospect::Found => good(""),
        Prospect::Unknown => {
            Reply::stop("NO_PROSPECT_MATCH_FOUND", language).with(json!({ "prospectPreApprovalFlag": null }))
        }
        Prospect::Failure(failure) => failure.apply(&sandbox, language, good("P")).await,
    }
}
