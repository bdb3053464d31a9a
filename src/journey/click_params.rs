//! The names of the parameters of links that tell a click.

use std::collections::BTreeSet;

use super::attribution::{Attribution, Unusable, is_name, unusable};
use crate::fields::Query;

/// What the addresses of this program use otherwise: links, their marks and the list of plans.
const TAKEN: [&str; 24] = [
    "zip",
    "type",
    "brand",
    "offer",
    "promo",
    "lang",
    "begun",
    "by",
    "code",
    "compare",
    "contains",
    "cookie",
    "given",
    "green",
    "home",
    "kind",
    "left",
    "link_lang",
    "none",
    "page",
    "sort",
    "term",
    "usage",
    "waits",
];

/// The parameters of links that tell a click: those that every affiliate has, and those that the settings add.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClickParams {
    added: Vec<String>,
}

impl ClickParams {
    /// How many may be added.
    pub const MOST_ADDED: usize = 20;

    /// The built-in parameters and those called `names`. `None`: there are too many, or one of them is no name (lower-case
    /// letters, digits, `_` and `-`, at most 32 characters), comes twice, or means something else in an address.
    pub fn adding(names: Vec<String>) -> Option<Self> {
        let different: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let is_free =
            |name: &&str| is_name(name) && !TAKEN.contains(name) && !Attribution::NAMES.contains(name);
        (different.len() == names.len() && names.len() <= Self::MOST_ADDED && different.iter().all(is_free))
            .then_some(Self { added: names })
    }

    /// Those of several sites together.
    pub fn of_all<'a>(sites: impl IntoIterator<Item = &'a Self>) -> Self {
        let added: BTreeSet<&String> = sites.into_iter().flat_map(|site| &site.added).collect();
        Self { added: added.into_iter().cloned().collect() }
    }

    /// Every name: the built-in ones, then the added ones.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        Attribution::NAMES.into_iter().chain(self.added.iter().map(String::as_str))
    }

    /// The parameter called `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|known| *known == name)
    }

    /// Whether there is a parameter called `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether the query of a link has any of them, even one whose value is not kept.
    pub fn are_in(&self, query: &str) -> bool {
        Query::read(query).to_the_letter().any(|(name, _)| self.contains(name))
    }

    /// `query` without them, as it stood otherwise.
    pub fn left_out_of(&self, query: &str) -> String {
        let is_click = |pair: &&str| self.iter().any(|name| Query::is_named(pair, name));
        query.split('&').filter(|pair| !is_click(pair)).collect::<Vec<_>>().join("&")
    }

    /// The click of a link, by its query. Of several values the first usable one counts. A value is kept to the letter,
    /// without the spaces around it.
    pub fn read(&self, query: &str) -> Attribution {
        let query = Query::read(query);
        let usable = self.values(&query).filter(|(_, value)| unusable(value).is_none());
        let mut click = Attribution::default();
        usable.for_each(|(name, value)| click.keep_first(name, value));
        click
    }

    /// The parameters of a link that have a value which is not kept, each with the reasons.
    pub fn unusable_in(&self, query: &str) -> BTreeSet<(String, Unusable)> {
        let query = Query::read(query);
        let values = self.values(&query);
        values.filter_map(|(name, value)| Some((name.to_owned(), unusable(value)?))).collect()
    }

    /// The values in `query` that are not blank, in order.
    fn values<'a>(&self, query: &'a Query) -> impl Iterator<Item = (&'a str, &'a str)> {
        let clicks = query.to_the_letter().filter(|(name, _)| self.contains(name));
        clicks.map(|(name, value)| (name, value.trim())).filter(|(_, value)| !value.is_empty())
    }
}

#[cfg(test)]
impl Attribution {
    /// The click of a link by its query, of the built-in parameters.
    pub fn read(query: &str) -> Self {
        ClickParams::default().read(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::attribution::LONGEST;

    fn adding(names: &[&str]) -> Option<ClickParams> {
        ClickParams::adding(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn added_name_is_new_short_and_means_nothing_else() {
        let (longest, long) = ("a".repeat(32), "a".repeat(33));
        for name in ["clickref", "aff_sub", "aff-sub2", "irclickid", "x", "7", &longest] {
            let params = adding(&[name]).unwrap();
            assert_eq!((params.get(name), params.contains("cid")), (Some(name), true));
            assert_eq!(params.read(&format!("{name}=1&other=2")).get(name), Some("1"));
        }
        for name in ["", " ", "ClickRef", "click ref", "clickréf", "a.b", "a=b", &long] {
            assert!(adding(&[name]).is_none(), "{name}");
        }
        for name in TAKEN.into_iter().chain(Attribution::NAMES) {
            assert!(adding(&[name]).is_none(), "{name}");
        }
        assert!(adding(&["clickref", "clickref"]).is_none());
        let many: Vec<String> = (0..21).map(|n| format!("own{n}")).collect();
        assert!(ClickParams::adding(many.clone()).is_none());
        assert_eq!(ClickParams::adding(many[1..].to_vec()).unwrap().iter().count(), 43);
    }

    /// A click's id as it stands in a link, and as it is kept.
    #[test]
    fn click_id_of_any_network_is_kept_to_the_letter() {
        let longest = "a".repeat(LONGEST);
        for (written, kept) in [
            ("abc-1.2_~", "abc-1.2_~"),
            ("Cj0KCQiA_w==", "Cj0KCQiA_w=="),
            ("a%2Fb%2Bc%25d", "a/b+c%d"),
            ("a/b?c", "a/b?c"),
            ("a+b%20c", "a b c"),
            ("-leading,(and)%23more", "-leading,(and)#more"),
            ("se%C3%B1al", "señal"),
            ("%40handle", "@handle"),
            ("%3Dsum", "=sum"),
            ("a%7Cb%3Ac%3Bd", "a|b:c;d"),
            ("%7B%22a%22%3A1%7D", "{\"a\":1}"),
            ("%3Cb%3E", "<b>"),
            ("%2523", "%23"),
            ("100%25", "100%"),
            ("%25", "%"),
            ("%23", "#"),
            ("a%E2%80%8Bb", "a\u{200b}b"),
            ("+padded+", "padded"),
            (&longest, &longest),
        ] {
            let attribution = Attribution::read(&format!("cid={written}"));
            assert_eq!(attribution.iter().collect::<Vec<_>>(), [("cid", kept)], "{written}");
            assert!(ClickParams::default().unusable_in(&format!("cid={written}")).is_empty(), "{written}");
        }
    }

    #[test]
    fn macro_long_value_and_control_character_are_no_click_id() {
        let long = "a".repeat(LONGEST + 1);
        for (written, why) in [
            ("{clickid}", Unusable::Macro),
            ("%7Bclickid%7D", Unusable::Macro),
            ("${CLICK_ID}", Unusable::Macro),
            ("%25%25CLICK_URL_ESC%25%25", Unusable::Macro),
            ("%23reqid%23", Unusable::Macro),
            ("{{campaign.name}}", Unusable::Macro),
            ("a%0D%0Ab", Unusable::Control),
            ("a%00", Unusable::Control),
            (&long, Unusable::TooLong),
        ] {
            let query = format!("cid={written}&sub1=x");
            assert_eq!(Attribution::read(&query), Attribution::read("sub1=x"), "{written}");
            let unusable = ClickParams::default().unusable_in(&query);
            assert_eq!(Vec::from_iter(unusable), [("cid".to_owned(), why)], "{written}");
            // A good second value counts.
            assert_eq!(Attribution::read(&format!("cid={written}&cid=2")).get("cid"), Some("2"), "{written}");
        }
    }

    #[test]
    fn attribution_keeps_known_names_and_first_values() {
        for (query, kept) in [
            ("cid=1&sub1=x&sub10=y&sub11=z", vec!["cid", "sub1", "sub10"]),
            (
                "utm_source=news+letter&gclid=Cj0K_w&fbclid=I&msclkid=1",
                vec!["fbclid", "gclid", "msclkid", "utm_source"],
            ),
            ("zip=77999&lang=es&first_name=Jordan&cid=&sub1=+", vec![]),
        ] {
            let attribution = Attribution::read(query);
            assert_eq!(attribution.iter().map(|(name, _)| name).collect::<Vec<_>>(), kept, "{query}");
        }
        assert_eq!(Attribution::read("cid=&cid=1&cid=2"), Attribution::read("cid=1"));
        // The names as links are passed on.
        let passed_on = Attribution::read("CID=aB&amp;Sub1=x");
        assert_eq!(passed_on.iter().collect::<Vec<_>>(), [("cid", "aB"), ("sub1", "x")]);
    }

    #[test]
    fn parameters_of_several_sites_are_all_known_together() {
        let all = ClickParams::of_all([&adding(&["b", "a"]).unwrap(), &adding(&["a", "c"]).unwrap()]);
        assert_eq!(all.iter().skip(23).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn clicks_are_found_in_a_query_and_left_out_of_it() {
        let params = adding(&["clickref"]).unwrap();
        for (query, rest) in [
            ("cid=1", ""),
            ("lang=es&CID=1&amp;clickref=%20&page=2", "lang=es&page=2"),
            ("gclid=%00&x=a+b%2F", "x=a+b%2F"),
        ] {
            assert!(params.are_in(query), "{query}");
            assert_eq!(params.left_out_of(query), rest);
        }
        assert!(!ClickParams::default().are_in("clickref=1"));
        assert!(!params.are_in("lang=es&cid_=1"));
        let unusable = params.unusable_in("clickref=%7Bclickref%7D&cid=1");
        assert_eq!(Vec::from_iter(unusable), [("clickref".to_owned(), Unusable::Macro)]);
    }
}
