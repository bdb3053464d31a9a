//! Who the person is and how to reach them, as the steps `contact` and `identity` were answered.

use serde::{Deserialize, Serialize};

use crate::fields::{BirthDate, Brand, Email, Language, PersonName, Phone, ProspectId};

use super::record::Document;

/// How to reach the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub first_name: PersonName,
    pub last_name: PersonName,
    pub email: Email,
    pub phone: Phone,
    pub bill_language: Language,
    pub marketing: Marketing,
    /// The language of the text by which the person agreed to be mailed a link once, should the session time out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder: Option<Language>,
}

/// The two marketing boxes, and the text shown beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marketing {
    /// Whether the person agreed to offers by e-mail.
    pub email: bool,
    /// Whether the person agreed to calls and text messages.
    pub phone: bool,
    /// The brand that the text named.
    pub brand: Brand,
    /// The language of the text.
    pub language: Language,
}

/// The person, without the number that proves their identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub birth_date: BirthDate,
    pub document: Document,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prospect: Option<ProspectId>,
}
