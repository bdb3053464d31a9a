//! The query for plans: every parameter once, and none that is not known. What a person types may be odd; a program that
//! sends something else than it means is told so.

use url::form_urlencoded;

use super::problem::{Fault, Reason};
use crate::{
    fields::{Brand, Language, TdspCode, Transaction, Zip},
    journey::{Service, Site},
    steps::plans::Filter,
};

/// How much of the name of an unknown parameter is repeated.
const MOST_NAME: usize = 40;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PlansQuery {
    pub(super) service: Service,
    /// The one of several utilities.
    pub(super) utility: Option<TdspCode>,
    /// Of one brand only.
    pub(super) brand: Option<Brand>,
    /// The usage for the estimates, in kWh a month.
    pub(super) kwh: Option<u32>,
    pub(super) language: Language,
}

/// The language that is asked for, English where none is, or none that there is: also a problem may need one.
pub(super) fn language(query: &str) -> Language {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "lang")
        .and_then(|(_, value)| language_of(&value))
        .unwrap_or(Language::English)
}

impl PlansQuery {
    /// Reads the query of a request to `site`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn read(query: &str, site: &Site) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut values: [Option<String>; NAMES.len()] = Default::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match NAMES.iter().zip(&mut values).find(|(known, _)| **known == name) {
                None => {
                    let field: String = name.chars().take(MOST_NAME).collect();
                    push(&mut faults, &field, Reason::Unknown, "There is no such parameter.");
                }
                Some((name, Some(_))) => {
                    push(&mut faults, name, Reason::Repeated, "It may be given once only.");
                }
                Some((_, absent)) => *absent = Some(value.into_owned()),
            }
        }
        let [zip, transaction, utility, brand, kwh, language] = values;
        let mut reader = Reader(faults);
        let zip = reader.needed("zip", zip, "A ZIP code has five digits.", |text| Zip::parse(text).ok());
        let transaction = reader.needed("type", transaction, "It is MVI or SWI.", |text| {
            Transaction::parse(text).ok().filter(|known| known.wire() == text)
        });
        let utility = reader
            .optional("utility", utility, "It is the code of a utility.", |text| TdspCode::parse(text).ok());
        let brand = reader.optional("brand", brand, "This site sells no such brand.", |text| {
            Brand::parse(text).ok().filter(|brand| site.brand(*brand).is_some())
        });
        let kwh = reader.optional("kwh", kwh, "It is a whole number from 1 to 20000.", kwh_of);
        let language = reader.optional("lang", language, "It is en or es.", language_of);
        match (reader.0, zip.zip(transaction)) {
            (faults, Some((zip, transaction))) if faults.is_empty() => Ok(Self {
                service: Service { zip, transaction },
                utility,
                brand,
                kwh,
                language: language.unwrap_or(Language::English),
            }),
            (faults, _) => Err(faults),
        }
    }

    /// The list of plans as it is asked for: the order, and what is estimated.
    pub(super) fn filter(&self) -> Filter {
        filter(self.kwh)
    }
}

/// The names of the parameters.
const NAMES: [&str; 6] = ["zip", "type", "utility", "brand", "kwh", "lang"];

/// Reads values, and collects what is wrong with them.
struct Reader(Vec<Fault>);

impl Reader {
    fn needed<T>(
        &mut self,
        name: &str,
        value: Option<String>,
        what: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if value.is_none() {
            push(&mut self.0, name, Reason::Missing, what);
        }
        self.optional(name, value, what, parse)
    }

    fn optional<T>(
        &mut self,
        name: &str,
        value: Option<String>,
        what: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(value.as_deref()?);
        if parsed.is_none() {
            push(&mut self.0, name, Reason::Invalid, what);
        }
        parsed
    }
}

fn push(faults: &mut Vec<Fault>, field: &str, reason: Reason, detail: &'static str) {
    faults.push(Fault { field: field.to_owned(), reason, detail });
}

fn filter(kwh: Option<u32>) -> Filter {
    Filter { usage: kwh.map(|kwh| kwh.to_string()).unwrap_or_default(), ..Filter::default() }
}

/// A usage that the list of plans takes as well.
fn kwh_of(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    filter(text.parse().ok().filter(|_| digits)).kwh()
}

fn language_of(text: &str) -> Option<Language> {
    [Language::English, Language::Spanish].into_iter().find(|language| language.tag() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    /// The faults of a query, each as its field and reason.
    fn faults(query: &str) -> Vec<(String, Reason)> {
        let settings = config::testing::defaults();
        let mut site = settings.main.site.clone();
        site.brands.retain(|brand, _| *brand != Brand::GreenMountain);
        let faults = PlansQuery::read(query, &site).err().unwrap_or_default();
        assert!(faults.iter().all(|fault| !fault.detail.is_empty()));
        faults.into_iter().map(|fault| (fault.field, fault.reason)).collect()
    }

    #[test]
    fn query_is_read_to_the_letter_or_each_fault_is_named() {
        use Reason::{Invalid, Missing, Repeated, Unknown};
        let long = "n".repeat(60);
        for (query, expected) in [
            ("zip=77999&type=MVI", &[][..]),
            ("zip=77999&type=SWI&kwh=20000&brand=RE&lang=es&utility=D0001", &[]),
            ("", &[("zip", Missing), ("type", Missing)]),
            ("zip=&type=", &[("zip", Invalid), ("type", Invalid)]),
            ("zip=7799&type=mvi", &[("zip", Invalid), ("type", Invalid)]),
            ("zip=77999&type=MVI&type=MVI", &[("type", Repeated)]),
            ("zip=77999&type=MVI&ZIP=77999", &[("ZIP", Unknown)]),
            ("zip=77999&type=MVI&cid=1", &[("cid", Unknown)]),
            ("zip=77999&type=MVI&cid=1&cid=1", &[("cid", Unknown), ("cid", Unknown)]),
            ("zip=77999&type=MVI&=", &[("", Unknown)]),
            ("zip=77999&type=MVI&kwh=0", &[("kwh", Invalid)]),
            ("zip=77999&type=MVI&kwh=20001", &[("kwh", Invalid)]),
            ("zip=77999&type=MVI&kwh=-5", &[("kwh", Invalid)]),
            ("zip=77999&type=MVI&kwh=%2B5", &[("kwh", Invalid)]),
            ("zip=77999&type=MVI&kwh=1e3", &[("kwh", Invalid)]),
            ("zip=77999&type=MVI&kwh=99999999999999999999", &[("kwh", Invalid)]),
            ("zip=77999&type=MVI&brand=XX", &[("brand", Invalid)]),
            ("zip=77999&type=MVI&brand=re", &[("brand", Invalid)]),
            ("zip=77999&type=MVI&brand=GM", &[("brand", Invalid)]),
            ("zip=77999&type=MVI&lang=de", &[("lang", Invalid)]),
            ("zip=77999&type=MVI&lang=", &[("lang", Invalid)]),
            ("zip=77999&type=MVI&utility=", &[("utility", Invalid)]),
            ("zip=%FF%00&type=MVI", &[("zip", Invalid)]),
        ] {
            let expected: Vec<_> = expected.iter().map(|(name, why)| ((*name).to_owned(), *why)).collect();
            assert_eq!(faults(query), expected, "{query}");
        }
        let named = faults(&format!("zip=77999&type=MVI&{long}=1"));
        assert_eq!(named, [("n".repeat(MOST_NAME), Unknown)], "no more of it is repeated");
    }

    #[test]
    fn language_is_english_unless_spanish_is_asked_for() {
        for (query, expected) in [
            ("", Language::English),
            ("lang=es", Language::Spanish),
            ("zip=1&lang=es&lang=en", Language::Spanish),
            ("lang=ES", Language::English),
        ] {
            assert_eq!(language(query), expected, "{query}");
        }
    }
}
