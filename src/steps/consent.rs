//! A consent as the ledger keeps it: the text that was shown, its language, the plan it is about, and the client.

use crate::{
    journey::Journey,
    ledger::{ConsentKind, NewConsent, Person},
    web::page_context::PageContext,
};

/// The version of the consent catalogs; raised when one of them changes.
const TEXT_VERSION: &str = "3";

/// The consent to `text`, the message `text_id` of the catalog, in this journey.
pub fn of(ctx: PageContext<'_>, kind: ConsentKind, text_id: &str, text: &str) -> NewConsent {
    let journey = ctx.journey;
    let offer = journey.chosen().map(|chosen| &chosen.offer);
    NewConsent {
        journey: journey.id.clone(),
        kind,
        text_id: text_id.to_owned(),
        text_version: TEXT_VERSION.to_owned(),
        text: text.to_owned(),
        language: ctx.language.tag().to_owned(),
        state: "TX".to_owned(),
        brand: ctx.brand().id().to_owned(),
        offer_code: offer.map(|offer| offer.code.as_str().to_owned()),
        documents: offer.map(|offer| &offer.documents).map_or_else(Vec::new, |documents| {
            vec![documents.efl.to_string(), documents.tos.to_string(), documents.yrac.to_string()]
        }),
        transaction_type: journey.service.as_ref().map(|service| service.transaction.wire().to_owned()),
        esi_id: meter(journey),
        tracking_id: journey.record.as_ref().map(|record| record.tracking_id.as_str().to_owned()),
        client_address: ctx.request.client.map_or_else(String::new, |address| address.to_string()),
        user_agent: ctx.request.user_agent.clone(),
        build: env!("CARGO_PKG_VERSION").to_owned(),
        person: journey.contact.as_ref().map(|contact| Person {
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            email: contact.email.clone(),
            phone: contact.phone.clone(),
        }),
    }
}

/// The ESI ID of the journey's meter, if it is known.
pub fn meter(journey: &Journey) -> Option<String> {
    let from_dates = journey.dates().and_then(|dates| dates.verdict.as_ref().ok()?.esi_id.clone());
    let from_premise = || journey.premise()?.meter().map(|meter| meter.esi_id.clone());
    from_dates.or_else(from_premise).map(|esi_id| esi_id.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::{fields::Language, messages::Catalogs};

    /// A change of one of the texts must raise [`TEXT_VERSION`] and replace the hash here.
    #[test]
    fn consent_text_version_matches_hash_of_texts() {
        let catalogs = Catalogs::load().unwrap();
        let mut sum = Sha256::new();
        for language in [Language::English, Language::Spanish] {
            let t = catalogs.of(language);
            for text in [
                &t.identity.credit_authorization,
                &t.review.consent_documents,
                &t.review.consent_affirmation,
                &t.review.consent_records,
                &t.contact.marketing_email,
                &t.contact.marketing_phone,
            ] {
                sum.update(text);
                sum.update("\n");
            }
        }
        let sum: String = sum.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((TEXT_VERSION, sum.as_str()), ("3", "f9acb39c8edffa00"));
    }
}
