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
