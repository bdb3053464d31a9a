//! The form of step `identity`: its fields, their words, and the text that it agrees to.

use zeroize::Zeroizing;

use crate::{
    fields::BirthDatePart, journey::Document, messages::interpolate, web::page_context::PageContext,
};

/// The posted form. The numbers are never stored.
#[derive(Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names of the fields")]
pub struct IdentityForm {
    pub birth_date_month: String,
    pub birth_date_day: String,
    pub birth_date_year: String,
    pub document: String,
    #[serde(skip_serializing)]
    pub ssn: Zeroizing<String>,
    #[serde(rename = "licence", skip_serializing)]
    pub license: Zeroizing<String>,
    pub prospect_id: String,
}

/// The value of a document in the form.
pub fn word(document: Document) -> &'static str {
    match document {
        Document::Ssn => "ssn",
        Document::DriverLicense => "licence",
        Document::None => "none",
    }
}

/// The field of a part of the birth date.
pub(super) fn field(part: BirthDatePart) -> &'static str {
    match part {
        BirthDatePart::Month | BirthDatePart::Whole => "birth_date_month",
        BirthDatePart::Day => "birth_date_day",
        BirthDatePart::Year => "birth_date_year",
    }
}

/// The text of the credit authorization, as it is shown and as it is recorded.
pub(super) fn authorization(ctx: PageContext<'_>) -> String {
    interpolate(&ctx.messages().identity.credit_authorization, &[("brand", ctx.brand_name())])
}
