//! Which plans are shown, in which order, for which usage, and which are compared: parsed from the query of the page, and
//! written back into it.
//!
//! A query can contain anything, so unknown values are ignored. Only a usage that was typed gets an error message.

use strum::VariantArray as _;
use url::form_urlencoded::Serializer;

use super::estimate::estimate;
use crate::{
    fields::{Brand, CentsPerKwh, OfferCode, Query},
    journey::{AveragePrices, Offer, PlanKind},
};

/// The query of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Plans of this brand only.
    pub brand: Option<Brand>,
    /// Plans of this kind only.
    pub kind: Option<PlanKind>,
    /// Plans of so many months only; 0 is month to month.
    pub term: Option<u16>,
    /// Renewable plans only.
    pub green: bool,
    /// The order.
    pub sort: Sort,
    /// The visitor's monthly usage, as typed.
    pub usage: String,
    /// A home of this size, in kWh a month.
    pub home: Option<u32>,
    /// The plans ticked for comparison.
    pub compare: Vec<(Brand, OfferCode)>,
    /// The page of the list, from 0.
    pub page: usize,
}

/// The order of the plans, always ascending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, strum::VariantArray)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Sort {
    /// By the estimated cost of a month of the visitor's usage; if it is not known, by the mean of the three published
    /// prices, so that one low price, which a bill credit makes in some months, does not come first.
    #[default]
    Mine,
    Price500,
    Price1000,
    Price2000,
    Term,
}

/// One filter, for the page that names the filters to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Facet {
    Brand,
    Kind,
    Term,
    Green,
}

/// The kinds that can be filtered by, with their values in the query.
pub static KINDS: [(PlanKind, &str); 3] =
    [(PlanKind::Fixed, "fixed"), (PlanKind::Variable, "variable"), (PlanKind::Indexed, "indexed")];

/// The sizes of home, as monthly usage in kWh: an apartment, a small house, a house, a large house.
pub const HOMES: [u32; 4] = [500, 1000, 1500, 2500];

/// How many plans can be compared.
pub const MOST_COMPARED: usize = 3;

/// The highest monthly usage that is accepted, in kWh.
const MOST_KWH: u32 = 20_000;
/// How many characters of a typed usage are kept.
const MOST_TYPED: usize = 20;

impl Sort {
    /// Its value in the query.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mine => "",
            Self::Price500 => "500",
            Self::Price1000 => "1000",
            Self::Price2000 => "2000",
            Self::Term => "term",
        }
    }

    /// The published price that a card shows in this order, and the monthly usage in kWh it is for. A mean is nobody's
    /// price, so it is not shown.
    pub fn price(self, average: AveragePrices) -> (CentsPerKwh, u32) {
        match self {
            Self::Price500 => (average.at_500, 500),
            Self::Mine | Self::Price1000 | Self::Term => (average.at_1000, 1000),
            Self::Price2000 => (average.at_2000, 2000),
        }
    }

    /// What plans are ordered by: a published price, or the sum of all three, which orders as their mean does.
    fn rank(self, average: AveragePrices) -> u32 {
        match self {
            Self::Price500 | Self::Price1000 | Self::Price2000 => self.price(average).0.0,
            Self::Mine | Self::Term => average.all().iter().map(|price| price.0).sum(),
        }
    }
}

impl Filter {
    /// Parses a query.
    pub fn read(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in Query::read(query).pairs() {
            match name {
                "brand" => filter.brand = Brand::parse(&value.to_ascii_uppercase()).ok(),
                "kind" => {
                    filter.kind = KINDS.iter().find(|(_, word)| *word == value).map(|(kind, _)| kind.clone())
                }
                "term" => filter.term = value.parse().ok(),
                "green" => filter.green = value == "yes",
                "sort" => {
                    let sort = Sort::VARIANTS.iter().find(|sort| sort.word() == value);
                    filter.sort = sort.copied().unwrap_or_default();
                }
                "usage" => filter.usage = value.chars().take(MOST_TYPED).collect(),
                "home" => filter.home = value.parse().ok().filter(|kwh| HOMES.contains(kwh)),
                "compare" => {
                    filter.compare.extend(plan(&value).filter(|plan| !filter.compare.contains(plan)));
                }
                "page" => filter.page = value.parse::<usize>().unwrap_or(1).saturating_sub(1),
                _ => {}
            }
        }
        filter
    }

    /// The monthly usage for the estimate, in kWh: the typed one, else that of the size of home.
    pub fn kwh(&self) -> Option<u32> {
        let typed = self.usage.to_lowercase().replace([',', ' '], "");
        let typed = typed.trim_end_matches("kwh").parse().ok();
        typed.filter(|kwh| (1..=MOST_KWH).contains(kwh)).or(if self.usage.is_empty() {
            self.home
        } else {
            None
        })
    }

    /// Whether a usage was typed that is not valid.
    pub fn misses_usage(&self) -> bool {
        !self.usage.is_empty() && self.kwh().is_none()
    }

    /// The value of the kind in the query; empty for any kind.
    pub fn kind_word(&self) -> &'static str {
        KINDS.iter().find(|(kind, _)| Some(kind) == self.kind.as_ref()).map_or("", |(_, word)| *word)
    }

    /// `path` with the query of this filter.
    pub fn address(&self, path: &str) -> String {
        let mut query = Serializer::new(String::new());
        if let Some(brand) = self.brand {
            query.append_pair("brand", brand.id());
        }
        if self.kind.is_some() {
            query.append_pair("kind", self.kind_word());
        }
        if let Some(term) = self.term {
            query.append_pair("term", &term.to_string());
        }
        if self.green {
            query.append_pair("green", "yes");
        }
        if self.sort != Sort::default() {
            query.append_pair("sort", self.sort.word());
        }
        if !self.usage.is_empty() {
            query.append_pair("usage", &self.usage);
        }
        if let Some(kwh) = self.home {
            query.append_pair("home", &kwh.to_string());
        }
        for (brand, code) in &self.compare {
            query.append_pair("compare", &plan_word(*brand, code));
        }
        if self.page > 0 {
            query.append_pair("page", &(self.page + 1).to_string());
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// The plans that pass, in order. Equal ones keep NRG's order.
    pub fn apply<'a>(&self, offers: &'a [Offer]) -> Vec<&'a Offer> {
        let mut passed: Vec<&Offer> = offers.iter().filter(|offer| self.passes(offer)).collect();
        passed.sort_by_cached_key(|offer| {
            let first = match (self.sort, self.kwh()) {
                (Sort::Term, _) => u32::from(offer.term_months),
                // Plans without an estimate come last.
                (Sort::Mine, Some(kwh)) => estimate(offer, kwh).map_or(u32::MAX, |dollars| dollars.parts().0),
                _ => 0,
            };
            (first, self.sort.rank(offer.average))
        });
        passed
    }

    fn passes(&self, offer: &Offer) -> bool {
        self.brand.is_none_or(|brand| brand == offer.brand)
            && self.kind.as_ref().is_none_or(|kind| *kind == offer.kind)
            && self.term.is_none_or(|term| term == offer.term_months)
            && (!self.green || offer.green)
    }

    /// Whether `offer` is ticked for the comparison.
    pub fn compares(&self, offer: &Offer) -> bool {
        self.compare.iter().any(|(brand, code)| (*brand, code) == (offer.brand, &offer.code))
    }

    /// The filters that are set.
    pub fn set(&self) -> Vec<Facet> {
        [
            (self.brand.is_some(), Facet::Brand),
            (self.kind.is_some(), Facet::Kind),
            (self.term.is_some(), Facet::Term),
            (self.green, Facet::Green),
        ]
        .into_iter()
        .filter_map(|(set, facet)| set.then_some(facet))
        .collect()
    }

    /// The same query without one filter, on the first page.
    pub fn without(&self, facet: Facet) -> Self {
        let mut wider = Self { page: 0, ..self.clone() };
        match facet {
            Facet::Brand => wider.brand = None,
            Facet::Kind => wider.kind = None,
            Facet::Term => wider.term = None,
            Facet::Green => wider.green = false,
        }
        wider
    }

    /// The same query without any filter: order, usage and comparison stay.
    pub fn without_all(&self) -> Self {
        self.set().into_iter().fold(Self { page: 0, ..self.clone() }, |wider, facet| wider.without(facet))
    }
}

/// The value of a plan in queries: `RE-59990001`.
pub fn plan_word(brand: Brand, code: &OfferCode) -> String {
    format!("{}-{}", brand.id(), code.as_str())
}

/// Parses the value of a plan.
pub fn plan(word: &str) -> Option<(Brand, OfferCode)> {
    let (brand, code) = word.split_once('-')?;
    Brand::parse(brand).ok().zip(OfferCode::parse(code).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{journey::UsageCredit, steps::plans::tests::offer};

    #[test]
    fn filter_query_round_trips_and_unknown_values_are_ignored() {
        for (query, address) in [
            ("", "/plans"),
            ("brand=GM&kind=fixed", "/plans?brand=GM&kind=fixed"),
            ("brand=&kind=&term=&sort=&usage=&home=", "/plans"),
            ("brand=XX&kind=free&term=long&green=1&sort=luck&home=1&page=first&lang=es", "/plans"),
            ("term=0&green=yes&sort=term", "/plans?term=0&green=yes&sort=term"),
            ("Brand=gm&amp;TERM=+12%E2%80%8B", "/plans?brand=GM&term=12"),
            ("COMPARE=RE-59990001&amp;compare=GM-59990002", "/plans?compare=RE-59990001&compare=GM-59990002"),
            ("usage=1,250&page=3", "/plans?usage=1%2C250&page=3"),
            ("usage=+800+&home=500&page=0", "/plans?usage=800&home=500"),
            (
                "compare=RE-59990001&compare=GM-59990002&compare=RE-59990001&compare=XX-1",
                "/plans?compare=RE-59990001&compare=GM-59990002",
            ),
        ] {
            let filter = Filter::read(query);
            assert_eq!(filter.address("/plans"), address, "{query}");
            let written = address.split_once('?').map_or("", |(_, query)| query);
            assert_eq!(Filter::read(written), filter, "{query}");
        }
    }

    #[test]
    fn usage_is_a_number_or_a_home_size() {
        for (query, kwh, missed) in [
            ("", None, false),
            ("usage=1250", Some(1250), false),
            ("usage=1,250+kWh", Some(1250), false),
            ("usage=1250&home=500", Some(1250), false),
            ("home=500", Some(500), false),
            ("home=501", None, false),
            ("usage=0", None, true),
            ("usage=20001", None, true),
            ("usage=much&home=500", None, true),
        ] {
            let filter = Filter::read(query);
            assert_eq!((filter.kwh(), filter.misses_usage()), (kwh, missed), "{query}");
        }
    }

    #[test]
    fn offers_shown_pass_every_filter_and_are_sorted_ascending() {
        let mut offers = [
            offer("59990001", Brand::Reliant, [161, 149, 143]),
            offer("59990002", Brand::GreenMountain, [150, 150, 150]),
            offer("59990003", Brand::Reliant, [120, 170, 120]),
        ];
        let [_, second, third] = &mut offers;
        (second.green, second.term_months) = (true, 24);
        (third.kind, third.term_months) = (PlanKind::Variable, 0);
        for (query, codes) in [
            ("", &["59990003", "59990002", "59990001"][..]),
            ("sort=500", &["59990003", "59990002", "59990001"]),
            ("sort=1000", &["59990001", "59990002", "59990003"]),
            ("sort=2000", &["59990003", "59990001", "59990002"]),
            ("sort=term", &["59990003", "59990001", "59990002"]),
            ("home=500", &["59990003", "59990002", "59990001"]),
            ("usage=2000", &["59990003", "59990001", "59990002"]),
            ("usage=2000&sort=500", &["59990003", "59990002", "59990001"]),
            ("brand=RE", &["59990003", "59990001"]),
            ("kind=variable", &["59990003"]),
            ("kind=indexed", &[]),
            ("term=24", &["59990002"]),
            ("term=0", &["59990003"]),
            ("green=yes", &["59990002"]),
            ("green=yes&brand=RE", &[]),
        ] {
            let shown: Vec<_> =
                Filter::read(query).apply(&offers).iter().map(|offer| offer.code.as_str()).collect();
            assert_eq!(shown, codes, "{query}");
        }
        // A bill credit in the window of one published use: the lowest price of all, and the last place.
        offers[1].average.at_500 = CentsPerKwh(240);
        offers[1].average.at_1000 = CentsPerKwh(87);
        let first = |query: &str| Filter::read(query).apply(&offers)[0].code.as_str().to_owned();
        assert_eq!((first("sort=1000"), first("")), ("59990002".to_owned(), "59990003".to_owned()));
        assert_eq!(Filter::read("").apply(&offers)[2].code.as_str(), "59990002");
        let unclear = UsageCredit { amount: "half".into(), min_kwh: None, max_kwh: None };
        offers[2].usage_credit = Some(unclear);
        let shown = Filter::read("home=500").apply(&offers);
        assert_eq!(shown.last().unwrap().code.as_str(), "59990003", "what cannot be estimated comes last");
    }

    #[test]
    fn filter_that_is_set_can_be_removed() {
        let filter = Filter::read("brand=GM&kind=fixed&term=12&green=yes&usage=900&sort=term&page=2");
        assert_eq!(filter.set(), [Facet::Brand, Facet::Kind, Facet::Term, Facet::Green]);
        for facet in filter.set() {
            let wider = filter.without(facet);
            assert_eq!(wider.set().len(), 3, "{facet:?}");
            assert_eq!((wider.kwh(), wider.page), (Some(900), 0), "{facet:?}");
        }
        assert_eq!(filter.without_all().address("/plans"), "/plans?sort=term&usage=900");
        assert_eq!(Filter::read("usage=900").set(), []);
    }
}
