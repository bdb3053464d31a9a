//! The sentence for each kind of [`Problem`].

use super::{
    interpolate::interpolate,
    sections::{FieldMessages, Messages},
};
use crate::fields::Problem;

impl Messages {
    /// The message about a `problem` of `field` and how to correct it.
    #[must_use]
    pub fn problem(&self, problem: Problem, field: &FieldMessages) -> String {
        let t = &self.problem;
        let (text, max) = match problem {
            Problem::Missing => (&field.missing, 0),
            Problem::TooLong { max } => (&t.too_long, max),
            Problem::Garbled => (&t.garbled, 0),
            Problem::ZipDigits => (&t.zip_digits, 0),
            Problem::PhoneDigits => (&t.phone_digits, 0),
            Problem::PhoneNeverIssued => (&t.phone_never_issued, 0),
            Problem::EmailShape => (&t.email_shape, 0),
            Problem::NameCharacters => (&t.name_characters, 0),
            Problem::SsnDigits => (&t.ssn_digits, 0),
            Problem::SsnNeverIssued => (&t.ssn_never_issued, 0),
            Problem::LicenseDigits => (&t.license_digits, 0),
            Problem::MonthMissing => (&t.month_missing, 0),
            Problem::DayMissing => (&t.day_missing, 0),
            Problem::YearMissing => (&t.year_missing, 0),
            Problem::NotAMonth => (&t.not_a_month, 0),
            Problem::NotADay => (&t.not_a_day, 0),
            Problem::YearDigits => (&t.year_digits, 0),
            Problem::NotADate => (&t.not_a_date, 0),
            Problem::InFuture => (&t.in_future, 0),
            Problem::TooYoung => (&t.too_young, 0),
            Problem::TooOld => (&t.too_old, 0),
            Problem::StreetNumberMissing => (&t.street_number_missing, 0),
            Problem::StreetNumberTooLong { max } => (&t.street_number_too_long, max),
            Problem::StreetNameMissing => (&t.street_name_missing, 0),
            Problem::OtherUnit => (&t.other_unit, 0),
            Problem::PoBoxHere => (&t.po_box_here, 0),
            Problem::PoBoxNumber => (&t.po_box_number, 0),
            Problem::AddressCharacters => (&t.address_characters, 0),
            Problem::CityCharacters => (&t.city_characters, 0),
            Problem::StateCode => (&t.state_code, 0),
            Problem::EsiIdDigits => (&t.esi_id_digits, 0),
            Problem::ProspectIdShape => (&t.prospect_id_shape, 0),
            Problem::NotAChoice => (&t.not_a_choice, 0),
            Problem::NotOffered => (&t.not_offered, 0),
            Problem::NotAToken | Problem::Unreadable => (&t.ours, 0),
        };
        interpolate(text, &[("field", &field.label), ("max", &max.to_string())])
    }
}
