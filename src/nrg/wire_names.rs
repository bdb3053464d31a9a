//! The names of the scalars that the client reads. Where one is not a JSON string, as the contract says all are, it is
//! read all the same, and its name here is what is counted.

use std::collections::BTreeSet;

use serde_json::Value;

/// In the order of the contract. The numbers of the quiz (5.12 to 5.14) are numbers there, and are not listed.
const NAMES: [&str; 87] = [
    "statusCode",
    "messageCode",
    "messageText",
    "errorCode",
    "returnToken",
    "streetNum",
    "streetName",
    "aptNum",
    "poBox",
    "city",
    "state",
    "zipCode",
    "tdspCodeCCS",
    "tdspName",
    "esidNumber",
    "premiseType",
    "switchHoldStatus",
    "esidStatusBrand",
    "strAddressLine1",
    "strAddressLine2",
    "strAptNumber",
    "strCity",
    "strState",
    "strZip",
    "strZipFour",
    "strPremiseType",
    "strErrCode",
    "offerCode",
    "promoCode",
    "campaignCode",
    "productPriceCode",
    "incentiveCode",
    "marketSegment",
    "sapPlanName",
    "sapOfferTagline",
    "cmsProductTagline",
    "cmsProductMarketingDetails",
    "cmsLegalese",
    "cmsAdditionalPricingText",
    "cmsGreenFlag",
    "cmsSmartMeterFlag",
    "planType",
    "contractTerm",
    "cancelFee",
    "averagePrice500",
    "averagePrice1000",
    "averagePrice2000",
    "averageEFLPrice500",
    "averageEFLPrice1000",
    "averageEFLPrice2000",
    "energyChargeText",
    "baseUsageChargeText",
    "tdspChargeText",
    "usageCharge",
    "usageChargeThreshold",
    "usageCredit",
    "creditMinUsageThreshold",
    "creditMaxUsageThreshold",
    "digitalDiscount",
    "autoPayDiscount",
    "offerCategory",
    "trackingId",
    "guid",
    "posidSSNDate",
    "posidDLDate",
    "retryCount",
    "kbaSuggestionFlag",
    "bpMatchFlag",
    "pendingBalanceAmount",
    "existingStreetAddress",
    "existingAptNum",
    "existingCity",
    "transactionKey",
    "ssnVerifyDate",
    "drivingLicenceVerifyDate",
    "availableDates",
    "esid",
    "tdspCode",
    "tdspFee",
    "switchHoldFlag",
    "depositAmount",
    "depositDueText",
    "depositReasonText",
    "caNumber",
    "checkDigit",
    "bpid",
    "idocNumber",
];

/// The names of those that are numbers or booleans in an answer.
pub(super) fn numbers_for_texts(answer: &[u8]) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    if let Ok(answer) = serde_json::from_slice(answer) {
        collect(&answer, &mut found);
    }
    found
}

fn collect(value: &Value, found: &mut BTreeSet<&'static str>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Value::Object(members) => {
            for (name, member) in members {
                if member.is_number() || member.is_boolean() {
                    found.extend(NAMES.iter().find(|known| *known == name));
                }
                collect(member, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_that_are_no_strings_are_named_at_any_depth() {
        let answer = br#"{"statusCode":"00","depositAmount":200,"unknown":1,"httpStatus":null,
            "affiliateOfferList":[{"cancelFee":"150","contractTerm":12,"cmsGreenFlag":true},{"contractTerm":24}],
            "questions":[{"questionId":1}]}"#;
        let names: Vec<_> = numbers_for_texts(answer).into_iter().collect();
        assert_eq!(names, ["cmsGreenFlag", "contractTerm", "depositAmount"]);
        assert!(numbers_for_texts(b"<html>").is_empty());
    }
}
