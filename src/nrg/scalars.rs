//! The one place where NRG's scalars become values. Nobody has seen what NRG sends today, so whatever a person would
//! read without doubt is read; each function says whether the spelling is that of the contract (2.7).
//!
//! A text that could mean two things is not read: what then becomes of the answer is for the call to decide.

use jiff::civil::Date;

use crate::fields::{CentsPerKwh, Dollars, OfferCode, ServiceDate, TdspCode};

/// A value that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scalar<T> {
    pub(super) value: T,
    /// Whether the contract spells it otherwise.
    pub(super) is_odd: bool,
}

/// What stands beside a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    None,
    Dollars,
    Cents,
}

/// A decimal number: `digits` divided by ten to the power of `decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decimal {
    sign: Sign,
    digits: u64,
    decimals: u32,
    has_commas: bool,
}

impl Decimal {
    /// Parses a number with its sign, with commas between thousands only: "$1,200.50", "18.4¢ per kWh", ".184".
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let text = strip_any_suffix(&text, &["per kwh", "/kwh", "/ kwh", "kwh"]).unwrap_or(&text);
        let (sign, text) = if let Some(rest) = strip_any_suffix(text, &["¢", "cents", "cent"]) {
            (Sign::Cents, rest)
        } else if let Some(rest) = strip_any_suffix(text, &["usd", "dollars"]) {
            (Sign::Dollars, rest)
        } else {
            (Sign::None, text)
        };
        let (sign, text) = match (sign, text.strip_prefix("us$").or(text.strip_prefix('$'))) {
            (Sign::Cents, Some(_)) => return None,
            (_, Some(rest)) => (Sign::Dollars, rest.trim_start()),
            (sign, None) => (sign, text),
        };
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, fraction),
            None => (text, ""),
        };
        let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        let grouped = groups.clone().all(|group| group.len() == 3 && is_digits(group));
        let has_commas = whole.contains(',');
        let first_fits = is_digits(first) && (!has_commas || (1..=3).contains(&first.len()));
        if !first_fits || !grouped || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let digits = format!("{}{fraction}", whole.replace(',', ""));
        Some(Self {
            sign,
            digits: digits.parse().ok()?,
            decimals: u32::try_from(fraction.len()).ok().filter(|decimals| *decimals <= 9)?,
            has_commas,
        })
    }

    /// The number times ten to the power of `shift`, rounded half up, as a facts label rounds.
    fn scaled(self, shift: u32) -> Option<u64> {
        let shifted = self.digits.checked_mul(10_u64.checked_pow(shift)?)?;
        let divisor = 10_u64.pow(self.decimals);
        Some((shifted + divisor / 2) / divisor)
    }

    fn is_below_one(self) -> bool {
        self.digits < 10_u64.pow(self.decimals)
    }

    /// Whether it is written without a sign and with at most so many decimals.
    fn is_plain(self, most_decimals: u32) -> bool {
        self.sign == Sign::None && self.decimals <= most_decimals && !self.has_commas
    }
}

fn strip_any_suffix<'t>(text: &'t str, suffixes: &[&str]) -> Option<&'t str> {
    suffixes.iter().find_map(|suffix| text.strip_suffix(suffix)).map(str::trim_end)
}

/// The average prices at three uses, each with the name of its field, in cents per kWh with one decimal (contract 2.7); a
/// blank one is none. Dollars are taken as such where they have their sign, or where all three prices are below one.
///
/// `Err` is the field of a price that cannot be read.
pub(super) fn prices(
    fields: [(&'static str, &str); 3],
) -> Result<[Option<Scalar<CentsPerKwh>>; 3], &'static str> {
    let mut unreadable = None;
    let read = fields.map(|(field, text)| {
        let price = Decimal::parse(text);
        if price.is_none() && !text.is_empty() {
            unreadable.get_or_insert(field);
        }
        price
    });
    let may_be_dollars =
        |price: Decimal| price.is_below_one() && price.sign != Sign::Cents && price.digits > 0;
    let are_all_given = read.iter().all(Option::is_some);
    let are_all_dollars = read.iter().all(|price| price.is_some_and(may_be_dollars));
    let mut names = fields.map(|(field, _)| field).into_iter();
    let prices = read.map(|price| {
        let (field, price) = (names.next()?, price?);
        let in_dollars = may_be_dollars(price) && (are_all_dollars || price.sign == Sign::Dollars);
        // Without the other two nobody can say which it is.
        let is_in_doubt = may_be_dollars(price) && !in_dollars && !are_all_given;
        let tenths = price.scaled(if in_dollars { 3 } else { 1 }).filter(|_| !is_in_doubt);
        let Some(tenths) = tenths.and_then(|tenths| u32::try_from(tenths).ok()) else {
            unreadable.get_or_insert(field);
            return None;
        };
        Some(Scalar { value: CentsPerKwh(tenths), is_odd: in_dollars || !price.is_plain(1) })
    });
    unreadable.map_or(Ok(prices), Err)
}

/// An amount of money, which the contract has in whole dollars.
pub(super) fn dollars(text: &str) -> Option<Scalar<Dollars>> {
    money(text, 0)
}

/// An amount of money of which the contract does not say whether it has cents.
pub(super) fn amount(text: &str) -> Option<Scalar<Dollars>> {
    money(text, 2)
}

fn money(text: &str, most_decimals: u32) -> Option<Scalar<Dollars>> {
    let amount = Decimal::parse(text).filter(|amount| amount.sign != Sign::Cents)?;
    let value = Dollars::from_cents(u32::try_from(amount.scaled(2)?).ok()?);
    Some(Scalar { value, is_odd: !amount.is_plain(most_decimals) })
}

/// A whole number: months, kWh, a count.
pub(super) fn whole(text: &str, units: &[&str]) -> Option<Scalar<u32>> {
    let lower = text.trim().to_lowercase();
    let number = strip_any_suffix(&lower, units).map(|rest| rest.trim_end_matches('-').trim_end());
    let is_bare = number.is_none();
    let number = Decimal::parse(number.unwrap_or(&lower)).filter(|number| number.sign == Sign::None)?;
    let value = number.scaled(0)?;
    // "1.5" is no whole number.
    (value.checked_mul(10_u64.pow(number.decimals)) == Some(number.digits)).then_some(())?;
    Some(Scalar { value: u32::try_from(value).ok()?, is_odd: !is_bare || !number.is_plain(0) })
}

/// The term of a plan in months; 0 where it is renewed from month to month.
pub(super) fn months(text: &str) -> Option<Scalar<u16>> {
    let words: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    if ["monthtomonth", "monthly", "mesames", "demesames", "mensual"].contains(&words.as_str()) {
        return Some(Scalar { value: 0, is_odd: true });
    }
    let Scalar { value, is_odd } =
        whole(text, &["months", "month", "mos.", "mos", "mo.", "mo", "meses", "mes"])?;
    Some(Scalar { value: u16::try_from(value).ok()?, is_odd })
}

/// Kilowatt hours.
pub(super) fn kwh(text: &str) -> Option<Scalar<u32>> {
    whole(text, &["kwh"])
}

/// The offer code: eight characters, or more digits with zeros in front of them.
pub(super) fn offer_code(text: &str) -> Option<Scalar<OfferCode>> {
    let is_padded = text.len() > 8 && text.bytes().all(|b| b.is_ascii_digit());
    let code = if is_padded {
        let (zeros, code) = text.split_at_checked(text.len() - 8)?;
        zeros.bytes().all(|b| b == b'0').then_some(code)?
    } else {
        text
    };
    Some(Scalar { value: OfferCode::parse(code).ok()?, is_odd: is_padded })
}

/// The code of a utility, `Dnnnn`.
pub(super) fn tdsp(text: &str) -> Option<Scalar<TdspCode>> {
    let upper = text.to_ascii_uppercase();
    Some(Scalar { value: TdspCode::parse(&upper).ok()?, is_odd: upper != text })
}

/// A day, which the contract has as `MMddyyyy`.
pub(super) fn date(text: &str) -> Option<Scalar<ServiceDate>> {
    if let Ok(value) = ServiceDate::parse_wire(text) {
        return Some(Scalar { value, is_odd: false });
    }
    let formats = ["%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d"];
    let date = formats.iter().find_map(|format| Date::strptime(format, text.trim()).ok())?;
    Some(Scalar { value: ServiceDate(date), is_odd: true })
}

/// Whether a flag is set. `set` is the contract's word for it.
pub(super) fn flag(text: &str, set: &str) -> Scalar<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    let value = is(set) || ["true", "yes", "y", "1", "on", "x"].into_iter().any(is);
    Scalar { value, is_odd: value && text != set }
}

/// A `statusCode`: two digits.
pub(super) fn status_code(text: &str) -> Scalar<&str> {
    match text {
        "0" => Scalar { value: "00", is_odd: true },
        "1" => Scalar { value: "01", is_odd: true },
        "2" => Scalar { value: "02", is_odd: true },
        other => Scalar { value: other, is_odd: false },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::properties;

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
        let signed =
            |number: String| signs.iter().map(move |(before, after)| format!("{before}{number}{after}"));
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
            for text in spellings(
                term,
                "",
                &[("", ""), ("", " Months"), ("", "-month"), ("", " meses"), (" ", "mo. ")],
            ) {
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
}
