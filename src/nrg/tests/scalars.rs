//! The scalars in every spelling that a person would read without doubt, and in those that are left alone.

use proptest::prelude::*;

use crate::{
    fields::Dollars,
    nrg::scalars::{Scalar, date, dollars, flag, kwh, months, offer_code, prices, status_code},
    testing::properties,
};

fn price(text: &str) -> Option<u32> {
    let prices = prices([("a", text), ("b", "14.9"), ("c", "14.3")]).ok()?;
    prices.first()?.map(|price| price.value.0)
}

#[test]
fn price_in_any_clear_spelling_is_read_to_a_tenth_of_a_cent() {
    for (text, tenths) in [
        ("14.2", Some(142)),
        ("14", Some(140)),
        ("18.45", Some(185)),
        ("18.44", Some(184)),
        ("18.4\u{a2}", Some(184)),
        ("18.4 \u{a2}/kWh", Some(184)),
        ("18.4 cents per kWh", Some(184)),
        ("$0.184", Some(184)),
        ("$.1845 per kWh", Some(185)),
        ("0.9", Some(9)),
        ("0.184\u{a2}", Some(2)),
        ("0", Some(0)),
        ("14,2", None),
        ("14.", None),
        ("-14.2", None),
        ("$14.2\u{a2}", None),
        ("14.2 or less", None),
        ("n/a", None),
        ("99999999999", None),
        ("0.0000000001", None),
    ] {
        assert_eq!(price(text), tenths, "{text:?}");
    }
}

#[test]
fn prices_below_one_are_dollars_only_where_all_three_are() {
    let tenths = |texts: [&str; 3]| {
        let [a, b, c] = texts;
        prices([("a", a), ("b", b), ("c", c)])
            .map(|prices| prices.map(|price| price.map(|price| price.value.0)))
    };
    for (texts, expected) in [
        (["0.184", "0.1749", ".17"], Ok([Some(184), Some(175), Some(170)])),
        (["0.9", "14.9", "0.8"], Ok([Some(9), Some(149), Some(8)])),
        (["0.184\u{a2}", "0.175", "0.17"], Ok([Some(2), Some(2), Some(2)])),
        (["0", "0", "0"], Ok([Some(0), Some(0), Some(0)])),
        (["", "14.9", ""], Ok([None, Some(149), None])),
        (["", "0.149", ""], Err("b")),
        (["", "$0.149", ""], Ok([None, Some(149), None])),
        (["x", "14.9", "y"], Err("a")),
    ] {
        assert_eq!(tenths(texts), expected, "{texts:?}");
    }
}

#[test]
fn amount_is_read_to_the_cent_or_refused() {
    for (text, cents) in [
        ("200", Some(20_000)),
        ("$200", Some(20_000)),
        ("$ 1,200", Some(120_000)),
        ("1,200.50", Some(120_050)),
        ("213.45", Some(21_345)),
        ("213.456", Some(21_346)),
        ("200 USD", Some(20_000)),
        ("000150", Some(15_000)),
        ("0", Some(0)),
        ("12,00", None),
        ("1200,50", None),
        (",200", None),
        ("-200", None),
        ("200\u{a2}", None),
        ("$20 per month remaining", None),
        ("none", None),
        ("99999999999", None),
    ] {
        assert_eq!(dollars(text).map(|amount| amount.value), cents.map(Dollars::from_cents), "{text:?}");
    }
}

#[test]
fn term_is_read_in_words_and_numbers() {
    for (text, term) in [
        ("12", Some(12)),
        ("12 Months", Some(12)),
        ("1 month", Some(1)),
        ("12-month", Some(12)),
        ("24 mo.", Some(24)),
        ("12 meses", Some(12)),
        ("12.0", Some(12)),
        ("Month-to-Month", Some(0)),
        ("mes a mes", Some(0)),
        ("0", Some(0)),
        ("12.5", None),
        ("$12", None),
        ("a year", None),
        ("12 to 24 months", None),
    ] {
        assert_eq!(months(text).map(|term| term.value), term, "{text:?}");
    }
}

#[test]
fn offer_code_with_zeros_in_front_is_the_code_behind_them() {
    for (text, code) in [
        ("59990001", Some("59990001")),
        ("AB990001", Some("AB990001")),
        ("00000000059990001", Some("59990001")),
        ("159990001", None),
        ("0AB990001", None),
        ("5999000", None),
        ("5999/001", None),
    ] {
        let read = offer_code(text);
        assert_eq!(read.as_ref().map(|read| read.value.as_str()), code, "{text:?}");
    }
}

#[test]
fn date_flag_and_status_are_read_in_common_spellings() {
    for text in ["06192030", "06/19/2030", "06-19-2030", " 2030-06-19"] {
        assert_eq!(date(text).map(|date| date.value.iso()).as_deref(), Some("2030-06-19"), "{text:?}");
    }
    assert!(["19062030", "6/2030", "soon", ""].iter().all(|text| date(text).is_none()));
    for (text, is_set, is_odd) in [
        ("ON", true, false),
        ("on", true, true),
        ("Y", true, true),
        ("true", true, true),
        ("OFF", false, false),
    ] {
        assert_eq!(flag(text, "ON"), Scalar { value: is_set, is_odd }, "{text:?}");
    }
    assert_eq!(status_code("0"), Scalar { value: "00", is_odd: true });
    assert_eq!(status_code("03"), Scalar { value: "03", is_odd: false });
}

/// The spellings of a number that a person reads alike.
fn spellings(whole: u32, fraction: &str, signs: &[(&str, &str)]) -> Vec<String> {
    let grouped = crate::messages::thousands(whole);
    let numbers =
        [format!("{whole}{fraction}"), format!("{grouped}{fraction}"), format!("00{whole}{fraction}")];
    let signed = |number: String| signs.iter().map(move |(before, after)| format!("{before}{number}{after}"));
    numbers.into_iter().flat_map(signed).collect()
}

#[test]
fn number_of_the_contract_is_read_alike_in_every_spelling() {
    properties::run((1_u32..100_000, 0_u32..100), |(whole, hundredths)| {
        let fraction = format!(".{hundredths:02}");
        let in_dollars = Dollars::from_cents(whole * 100 + hundredths);
        for text in spellings(
            whole,
            &fraction,
            &[("", ""), ("$", ""), ("$ ", ""), ("US$", ""), ("", " dollars"), (" ", " USD ")],
        ) {
            prop_assert_eq!(dollars(&text).map(|read| read.value), Some(in_dollars), "{}", text);
        }
        let tenths = (whole * 100 + hundredths + 5) / 10;
        for text in spellings(
            whole,
            &fraction,
            &[("", ""), ("", "\u{a2}"), ("", " \u{a2}/kWh"), (" ", " cents per kWh ")],
        ) {
            prop_assert_eq!(price(&text), Some(tenths), "{}", text);
        }
        for text in spellings(whole, "", &[("", ""), ("", " kWh"), (" ", "KWH")]) {
            prop_assert_eq!(kwh(&text).map(|read| read.value), Some(whole), "{}", text);
        }
        let term = whole % 61;
        for text in
            spellings(term, "", &[("", ""), ("", " Months"), ("", "-month"), ("", " meses"), (" ", "mo. ")])
        {
            prop_assert_eq!(months(&text).map(|read| u32::from(read.value)), Some(term), "{}", text);
        }
        // As dollars per kWh, all three below one.
        let tenths = (whole % 999).max(1);
        for decimals in [3, 4, 5] {
            let dollars = f64::from(tenths) / 1000.0;
            for text in [
                format!("{dollars:.decimals$}"),
                format!("${dollars:.decimals$}"),
                format!("{dollars:.decimals$}/kWh"),
            ] {
                let read = prices([("a", &text), ("b", &text), ("c", &text)]).unwrap();
                prop_assert_eq!(read.map(|price| price.unwrap().value.0), [tenths; 3], "{}", text);
            }
        }
        Ok(())
    });
}
