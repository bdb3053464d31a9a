//! What test inputs make of the entries of `affiliateOfferList`: defective ones, and odd ones that a person reads without
//! doubt. Nobody has seen what NRG sends today.

use serde_json::{Value, json};

/// The first entry as it is, and one more for each way in which a plan cannot be sold.
pub fn spoiled(entries: Vec<Value>) -> Vec<Value> {
    let faults = [
        json!({ "offerCode": "1" }),
        json!({ "promoCode": null }),
        json!({ "campaignCode": "ELEVENCHARS" }),
        json!({ "productPriceCode": null }),
        json!({ "incentiveCode": "" }),
        json!({ "marketSegment": "001" }),
        json!({ "sapPlanName": "" }),
        json!({ "planType": null }),
        json!({ "contractTerm": "a year" }),
        json!({ "averagePrice500": "n/a", "averageEFLPrice500": "n/a" }),
        json!({ "averagePrice1000": "", "averageEFLPrice1000": null }),
        json!({ "eflURL": "https://docs.other.example/efl/59990001.pdf" }),
        json!({ "eflURL": "https://docs.example.com/efl/null.pdf" }),
        json!({ "tosURL": "https://docs.example.com/" }),
        json!({ "yraacURL": null }),
    ];
    let mut entries = entries.into_iter();
    let good = entries.next();
    let spoiled = entries.zip(faults).map(|(entry, fault)| changed(entry, fault));
    // No object at all.
    good.into_iter().chain(spoiled).chain([json!("plan")]).collect()
}

/// The entry at this place of the list in other spellings, which differ from place to place.
pub fn spelled_otherwise((place, mut entry): (usize, Value)) -> Value {
    for kwh in [500, 1000, 2000] {
        for name in [format!("averagePrice{kwh}"), format!("averageEFLPrice{kwh}")] {
            if let Some(price) = entry.get_mut(&name) {
                *price = in_dollars(place, price);
            }
        }
    }
    let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (code, term) = (text("offerCode"), text("contractTerm"));
    let bare = |name: &str| text(name).trim_start_matches("https://").to_owned();
    let otherwise = json!({
        "offerCode": format!("0000000000{code}"),
        "contractTerm": if term == "0" { "Month-to-Month".to_owned() } else { format!("{term} Months") },
        "cancelFee": match place % 3 {
            0 => format!("${}", text("cancelFee")),
            1 => "$20 per month remaining".to_owned(),
            _ => String::new(),
        },
        "planType": text("planType").to_uppercase(),
        "eflURL": format!("http://{}", bare("eflURL")),
        "tosURL": format!("//{}", bare("tosURL")),
        "usageCredit": number(&text("usageCredit")),
        "creditMinUsageThreshold": number(&text("creditMinUsageThreshold")),
        "creditMaxUsageThreshold": number(&text("creditMaxUsageThreshold")),
        "usageCharge": number(&text("usageCharge")),
        "usageChargeThreshold": number(&text("usageChargeThreshold")),
        "cmsGreenFlag": text("cmsGreenFlag") == "true",
        "cmsSmartMeterFlag": text("cmsSmartMeterFlag") == "true",
    });
    changed(entry, otherwise)
}

/// A price in cents as one in dollars: a text, a number, or a text with its sign.
fn in_dollars(place: usize, cents: &Value) -> Value {
    let dollars = cents.as_str().and_then(|cents| cents.parse::<f64>().ok()).unwrap_or_default() / 100.0;
    let text = format!("{dollars:.3}");
    match place % 3 {
        0 => json!(text),
        1 => number(&text),
        _ => json!(format!("${text}")),
    }
}

/// The text as a JSON number; null if it is none.
fn number(text: &str) -> Value {
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

fn changed(mut entry: Value, fields: Value) -> Value {
    if let (Value::Object(entry), Value::Object(fields)) = (&mut entry, fields) {
        entry.extend(fields);
    }
    entry
}
