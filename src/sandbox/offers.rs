//! GET `offers` and `offer-details` (contract 5.8, 5.9).

use axum::extract::State;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    catalog::Utility,
    entries,
    envelope::Reply,
    inputs::{self, Promo},
    plans::Offer,
    request::ApiRequest,
    rules::{ANY, check, optional, refuse, required},
    state::Sandbox,
};

const FIELDS: &[&str] =
    &["offerDate", "offerTime", "tdspCodeCCS", "cmsErrorOffers", "erpErrorOffers", "affiliateOfferList"];

/// The promo code of default offers.
const DEFAULT_PROMO: &str = "DEFAULT";

/// The plans of a brand at a utility.
pub async fn list(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    let rules = [
        required("promoCode", 21).form(|codes| codes.split(',').all(|code| code.trim().len() <= 10)),
        optional("tdspCodeCCS", 5),
        optional("esid", 32),
        optional("transactionType", 3).form(|kind| ["MVI", "SWI"].contains(&kind)),
    ];
    if let Err(refusal) = check(&request, &rules) {
        return refusal.complete(FIELDS);
    }
    if request.given("tdspCodeCCS").is_none() && request.given("esid").is_none() {
        return refuse(&request, &[("tdspCodeCCS", "or esid is required")]).complete(FIELDS);
    }
    let language = request.language();
    let by_meter = request.given("esid").and_then(|esid| Some(sandbox.memory().meters.get(esid)?.1.utility));
    let Some(utility) = by_meter.or_else(|| Utility::by_code(request.text("tdspCodeCCS"))) else {
        return Reply::stop("AREA_NOT_SERVICED", language).complete(FIELDS);
    };

    let codes: Vec<&str> = request.text("promoCode").split(',').map(str::trim).collect();
    let first = codes.first().copied().unwrap_or_default();
    let second = codes.get(1).copied().unwrap_or(first);
    let all = |first: &str, second: &str| -> Vec<Value> {
        Offer::all(request.brand(), utility)
            .map(|offer| offer.entry(if offer.plan.smart { second } else { first }, language))
            .collect()
    };
    let many = || -> Vec<Value> {
        Offer::many(request.brand(), utility).map(|offer| offer.entry(first, language)).collect()
    };
    let found = |reply: Reply, entries: Vec<Value>| {
        dated(&sandbox, reply)
            .with(json!({ "tdspCodeCCS": utility.code, "affiliateOfferList": entries }))
            .cookie(sandbox.settings.entropy.bytes())
    };
    match inputs::promo(first, utility.code) {
        None | Some(Promo::Discounts | Promo::Prepaid | Promo::DetailsEmpty | Promo::DetailsFail) => {
            found(Reply::success(), all(first, second))
        }
        Some(Promo::Empty) => found(Reply::stop("", language), vec![]),
        Some(Promo::Invalid) => {
            found(Reply::stop("PROMO_INVALID", language), vec![]).with(json!({ "affiliateOfferList": null }))
        }
        Some(Promo::Defaults) => {
            found(Reply::advise("PROMO_INVALID", language), all(DEFAULT_PROMO, DEFAULT_PROMO))
        }
        Some(Promo::Many) => found(Reply::success(), many()),
        Some(Promo::Unserved) => Reply::stop("AREA_NOT_SERVICED", language).complete(FIELDS),
        Some(Promo::Defective) => found(Reply::success(), entries::spoiled(many())).with(json!({
            "cmsErrorOffers": "59990091,59990092", "erpErrorOffers": "59990093",
        })),
        Some(Promo::Odd) => found(
            Reply::success(),
            all(first, second).into_iter().enumerate().map(entries::spelled_otherwise).collect(),
        ),
        Some(Promo::Failure(failure)) => {
            failure.apply(&sandbox, language, found(Reply::success(), all(first, second))).await
        }
    }
}

/// One plan, in shape B.
pub async fn details(State(sandbox): State<Sandbox>, request: ApiRequest) -> Reply {
    let rules = [required("offerCode", ANY), required("promoCode", 10), required("campaignCode", ANY)];
    if let Err(refusal) = check(&request, &rules) {
        return refusal;
    }
    let language = request.language();
    let found = Offer::find(request.brand(), request.text("offerCode"))
        .filter(|offer| offer.campaign() == request.text("campaignCode"));
    let utility = found.map_or("", |offer| offer.utility.code);
    let promo = inputs::promo(request.text("promoCode"), utility);
    if matches!(promo, Some(Promo::DetailsFail | Promo::Failure(inputs::Failure::Technical))) {
        return Reply::technical(language);
    }
    let found = found.filter(|_| promo != Some(Promo::DetailsEmpty));
    let reply = match found {
        Some(offer) => {
            let entry = offer.entry(request.text("promoCode"), language);
            let is_odd = promo == Some(Promo::Odd);
            let entry = if is_odd { entries::spelled_otherwise((offer.place(), entry)) } else { entry };
            Reply::generic("00", "").with(json!({ "affiliateOfferList": [entry] }))
        }
        None => Reply::generic("01", "").with(json!({ "affiliateOfferList": [] })),
    };
    dated(&sandbox, reply).with(json!({ "tdspCodeCCS": null }))
}

fn dated(sandbox: &Sandbox, reply: Reply) -> Reply {
    let zone = TimeZone::get("America/Chicago").unwrap_or(TimeZone::UTC);
    let now = sandbox.settings.clock.now().to_zoned_datetime(zone);
    reply.with(json!({
        "offerDate": now.strftime("%m%d%Y").to_string(), "offerTime": now.strftime("%H:%M:%S").to_string(),
        "cmsErrorOffers": "", "erpErrorOffers": "", "httpStatus": null,
    }))
}
