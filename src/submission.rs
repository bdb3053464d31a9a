//! The worker's hand: turns a row of the ledger into one `enroll`, and NRG's answer into the row's.

use crate::{
    fields::{Brand, Guid, Language, OfferCode, TrackingId},
    journey::OfferCodes,
    ledger::{EnrollJob, SendOutcome, SendReport, SubmissionResult},
    nrg::{EnrollRequest, Enrollment},
    tracing_context::{SpanKind, SpanOutcome},
    web::state::SharedState,
};

/// Sends one submission to NRG, once, and counts what came of it.
pub async fn send(app: SharedState, order: EnrollJob) -> SendReport {
    let metrics = app.metrics.clone();
    let reply = ask(app, order).await;
    metrics.submitted(reply.answer.outcome());
    reply
}

async fn ask(app: SharedState, order: EnrollJob) -> SendReport {
    let Some(hosted) = app.sites.named(&order.site).cloned() else {
        tracing::error!(site = order.site, "a submission waits for its site, which is not in the settings");
        return SendOutcome::NotSent.into();
    };
    let Some((brand, language, request)) = read(order) else {
        tracing::error!("a submission of the ledger cannot be read");
        return SendOutcome::NotSent.into();
    };
    let span = app.tracer.begin(SpanKind::Submission, None);
    let heard = app.nrg.brand_client(&hosted.site, brand, language).in_span(&span).enroll(&request).await;
    span.end(SpanOutcome::Submission);
    let answer = match heard.enrollment {
        Enrollment::Enrolled { account, document } => SendOutcome::Enrolled(SubmissionResult {
            account_number: Some(account.number),
            check_digit: Some(account.check_digit),
            bpid: Some(account.customer_number),
            idoc: document,
        }),
        Enrollment::Accepted { document } => {
            SendOutcome::Accepted(SubmissionResult { idoc: document, ..SubmissionResult::default() })
        }
        Enrollment::Refused { correctable, message, code } => SendOutcome::Refused {
            correctable,
            message: message.map(|message| message.as_str().to_owned()),
            code,
        },
        Enrollment::Duplicate => SendOutcome::Duplicate,
        Enrollment::NotSent => SendOutcome::NotSent,
        Enrollment::Unknown => SendOutcome::Unknown,
    };
    SendReport { answer, http_status: heard.http, codes: Some(heard.codes) }
}

fn read(order: EnrollJob) -> Option<(Brand, Language, EnrollRequest)> {
    let EnrollJob { tracking_id, payload, .. } = order;
    let language = Language::of_wire(&payload.language);
    let codes = payload.codes;
    let request = EnrollRequest {
        tracking_id: TrackingId::parse(&tracking_id).ok()?,
        guid: Guid::parse(&payload.guid).ok()?,
        offer: OfferCode::parse(&codes.offer).ok()?,
        codes: OfferCodes {
            promo: codes.promo,
            campaign: codes.campaign,
            product_price: codes.product_price,
            incentive: codes.incentive,
            market_segment: codes.market_segment,
        },
        paperless: payload.paperless,
    };
    Some((Brand::parse(&payload.brand).ok()?, language, request))
}
