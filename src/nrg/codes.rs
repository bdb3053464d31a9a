//! The codes of contract section 6. The list is open-ended: a code that is not listed here is treated by its
//! `statusCode`, and is logged.

use crate::journey::StopKind;

/// Every `messageCode` and `errorCode` of the contract.
const KNOWN: [&str; 42] = [
    "1",
    "AREA_NOT_SERVICED",
    "BAD_REQUEST",
    "BP_RESTRICTION",
    "BUSINESS_METER",
    "COMPLETE_MATCH",
    "CREDIT_FRAUD",
    "CREDIT_FREEZE",
    "CURRENT_CUSTOMER",
    "DUPLICATE_SUBMISSION",
    "ENROLLMENT_ALREADY_REQUESTED",
    "ENROLLMENT_NOT_ALLOWED",
    "ESID_ACTIVE",
    "HOLD_LOOKUP_ERROR",
    "INCORRECT_UNIT",
    "INTERNAL_SERVER_ERROR",
    "INVALID_DOB",
    "MESID",
    "NESID",
    "NO_HOLD_ON_ACCOUNT",
    "NO_MATCH",
    "NO_MATCH_FOUND",
    "NO_PROSPECT_MATCH_FOUND",
    "NOTIFY_SWITCH_HOLD",
    "NRESID",
    "PARTIAL_MATCH",
    "PAST_BALANCE",
    "PAST_SERVICE_HISTORY",
    "POSIDHOLD",
    "POSID_FAIL",
    "POSID_FAIL_MAX",
    "POSID_PASTDUE",
    "POSID_PASTSERVICE",
    "PROMO_INVALID",
    "RETRY_NOT_ALLOWED",
    "SWITCH_HOLD",
    "TDSPSD",
    "TDSP_MISMATCH",
    "TECHNICAL_ERROR",
    "TOKEN_SERVER_DOWN",
    "UNIT_NEEDED",
    "UNVERIFIED_ADDRESS",
];

/// Every `statusCode` of the contract (3.1).
pub(super) const KNOWN_STATUS: [&str; 3] = ["00", "01", "02"];

/// Whether all of `codes`, one code or a list with commas (contract 3.3), are in the contract. Blank counts as one that is.
pub(super) fn known(codes: &str) -> bool {
    codes.split(',').map(str::trim).all(|code| code.is_empty() || KNOWN.contains(&code))
}

/// A code for the log, the ledger and operators: short, and nothing but printable ASCII characters. None if nothing is left.
pub(super) fn short(code: &str) -> Option<String> {
    let code: String = code.chars().filter(char::is_ascii_graphic).take(60).collect();
    (!code.is_empty()).then_some(code)
}

/// Codes joined, each [`short`].
pub(super) fn join(codes: &[&str]) -> String {
    codes.iter().filter_map(|code| short(code)).collect::<Vec<_>>().join(" ")
}

/// Whether the text of a code ends with an address in NRG's records, which may be another person's (contract 3.1). Pages
/// show it masked, in their own words.
pub(super) fn holds_address(code: &str) -> bool {
    ["CURRENT_CUSTOMER", "PAST_SERVICE_HISTORY", "POSID_PASTSERVICE"].contains(&code)
}

/// Whether the page of a code says all that its text can say.
pub(super) fn page_says_it(code: &str) -> bool {
    ["NO_HOLD_ON_ACCOUNT", "HOLD_LOOKUP_ERROR"].contains(&code)
}

/// The kind of stop that a code means.
pub(super) fn stop_kind(code: &str) -> StopKind {
    match code {
        "AREA_NOT_SERVICED" => StopKind::AreaNotServed,
        "BUSINESS_METER" | "NRESID" => StopKind::BusinessMeter,
        "SWITCH_HOLD" => StopKind::SwitchHold,
        "ESID_ACTIVE" => StopKind::OwnCustomer,
        "NESID" | "MESID" => StopKind::NoMeter,
        "CREDIT_FREEZE" => StopKind::CreditFreeze,
        "CREDIT_FRAUD" => StopKind::CreditFraud,
        "POSID_FAIL_MAX" => StopKind::AttemptsUsedUp,
        "POSIDHOLD" => StopKind::IdentityHold,
        "CURRENT_CUSTOMER" => StopKind::CurrentCustomer,
        "BP_RESTRICTION" => StopKind::Restricted,
        _ => StopKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_short_and_printable_or_none() {
        for (code, kept) in [
            ("POSID_FAIL", Some("POSID_FAIL")),
            ("INVALID_DOB, X", Some("INVALID_DOB,X")),
            ("A\u{202e}B\u{1b}", Some("AB")),
            (&"A".repeat(61), Some(&*"A".repeat(60))),
            ("ñ", None),
            ("", None),
        ] {
            assert_eq!(short(code).as_deref(), kept, "{code:?}");
        }
        assert_eq!(join(&["01", "", "POSID_FAIL"]), "01 POSID_FAIL");
    }

    #[test]
    fn code_list_is_known_only_when_every_code_is_known() {
        for (codes, expected) in [
            ("", true),
            ("POSID_FAIL", true),
            ("INVALID_DOB, BAD_REQUEST", true),
            ("UNVERIFIED_ADDRESS", true),
            ("INVALID_DOB,NEW_CODE", false),
            ("posid_fail", false),
        ] {
            assert_eq!(known(codes), expected, "{codes:?}");
        }
    }
}
