//! Which plans are shown, in which order: read from the address of the page, and written back into it.
//!
//! A link can carry anything, so what is not known is ignored.

use url::form_urlencoded::{Serializer, parse};

use crate::{
    fields::{Brand, CentsPerKwh},
    journey::{AveragePrices, Offer, PlanKind},
};

/// What the address of the page asks for.
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
    /// The person's monthly use in kWh, for the estimate.
    pub usage: Option<u32>,
    /// Which page of the list, from 0.
    pub page: usize,
}

/// The order of the plans, always from low to high.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Sort {
    Price500,
    #[default]
    Price1000,
    Price2000,
    Term,
}

/// One filter, for the page that says which one to take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Facet {
    Brand,
    Kind,
    Term,
    Green,
}

/// The kinds that can be filtered by, with their words in the address.
pub static KINDS: [(PlanKind, &str); 3] =
    [(PlanKind::Fixed, "fixed"), (PlanKind::Variable, "variable"), (PlanKind::Indexed, "indexed")];

/// The most kWh a home is believed to use in a month.
const MOST_KWH: u32 = 20_000;

impl Sort {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Price500, Self::Price1000, Self::Price2000, Self::Term];

    /// Its word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Price500 => "500",
            Self::Price1000 => "1000",
            Self::Price2000 => "2000",
            Self::Term => "term",
        }
    }

    /// The price that is looked at in this order, and the monthly use in kWh it is for.
    pub fn price(self, average: AveragePrices) -> (CentsPerKwh, u32) {
        match self {
            Self::Price500 => (average.at_500, 500),
            Self::Price1000 | Self::Term => (average.at_1000, 1000),
            Self::Price2000 => (average.at_2000, 2000),
        }
    }
}

impl Filter {
    /// Reads the query of an address.
    pub fn read(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in parse(query.as_bytes()) {
            match &*name {
                "brand" => filter.brand = Brand::parse(&value).ok(),
                "kind" => {
                    filter.kind = KINDS.iter().find(|(_, word)| *word == value).map(|(kind, _)| kind.clone())
                }
                "term" => filter.term = value.parse().ok(),
                "green" => filter.green = value == "yes",
                "sort" => {
                    filter.sort = Sort::ALL.into_iter().find(|sort| sort.word() == value).unwrap_or_default();
                }
                "usage" => {
                    let kwh = value.trim().replace(',', "").parse().ok();
                    filter.usage = kwh.filter(|kwh| (1..=MOST_KWH).contains(kwh));
                }
                "page" => filter.page = value.parse::<usize>().unwrap_or(1).saturating_sub(1),
                _ => {}
            }
        }
        filter
    }

    /// The word of the kind in the address; empty for any.
    pub fn kind_word(&self) -> &'static str {
        KINDS.iter().find(|(kind, _)| Some(kind) == self.kind.as_ref()).map_or("", |(_, word)| *word)
    }

    /// `path` with the query that reads back as this filter.
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
        if let Some(kwh) = self.usage {
            query.append_pair("usage", &kwh.to_string());
        }
        if self.page > 0 {
            query.append_pair("page", &(self.page + 1).to_string());
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// The plans that pass, in order. Equal ones stay as NRG lists them.
    pub fn apply<'a>(&self, offers: &'a [Offer]) -> Vec<&'a Offer> {
        let mut passed: Vec<&Offer> = offers.iter().filter(|offer| self.passes(offer)).collect();
        passed.sort_by_key(|offer| {
            let (price, _) = self.sort.price(offer.average);
            let first = if self.sort == Sort::Term { u32::from(offer.term_months) } else { 0 };
            (first, price)
        });
        passed
    }

    fn passes(&self, offer: &Offer) -> bool {
        self.brand.is_none_or(|brand| brand == offer.brand)
            && self.kind.as_ref().is_none_or(|kind| *kind == offer.kind)
            && self.term.is_none_or(|term| term == offer.term_months)
            && (!self.green || offer.green)
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

    /// The same without one filter, from the first page on.
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::plans::tests::offer;

    #[test]
    fn an_address_is_read_and_written_back_and_what_is_not_known_is_ignored() {
        for (query, address) in [
            ("", "/plans"),
            ("brand=GM&kind=fixed", "/plans?brand=GM&kind=fixed"),
            ("brand=&kind=&term=&sort=1000&usage=", "/plans"),
            ("brand=XX&kind=free&term=long&green=1&sort=luck&usage=much&page=first&lang=es", "/plans"),
            ("term=0&green=yes&sort=term", "/plans?term=0&green=yes&sort=term"),
            ("usage=1,250&page=3", "/plans?usage=1250&page=3"),
            ("usage=0&page=0", "/plans"),
            ("usage=20001&page=-1", "/plans"),
        ] {
            let filter = Filter::read(query);
            assert_eq!(filter.address("/plans"), address, "{query}");
            let written = address.split_once('?').map_or("", |(_, query)| query);
            assert_eq!(Filter::read(written), filter, "{query}");
        }
    }

    #[test]
    fn only_what_passes_every_filter_is_shown_from_low_to_high() {
        let mut offers = [
            offer("59990001", Brand::Reliant, [161, 149, 143]),
            offer("59990002", Brand::GreenMountain, [150, 150, 150]),
            offer("59990003", Brand::Reliant, [120, 170, 120]),
        ];
        let [_, second, third] = &mut offers;
        (second.green, second.term_months) = (true, 24);
        (third.kind, third.term_months) = (PlanKind::Variable, 0);
        for (query, codes) in [
            ("", &["59990001", "59990002", "59990003"][..]),
            ("sort=500", &["59990003", "59990002", "59990001"]),
            ("sort=2000", &["59990003", "59990001", "59990002"]),
            ("sort=term", &["59990003", "59990001", "59990002"]),
            ("brand=RE", &["59990001", "59990003"]),
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
    }

    #[test]
    fn a_filter_that_is_set_can_be_taken_away() {
        let filter = Filter::read("brand=GM&kind=fixed&term=12&green=yes&usage=900&page=2");
        assert_eq!(filter.set(), [Facet::Brand, Facet::Kind, Facet::Term, Facet::Green]);
        for facet in filter.set() {
            let wider = filter.without(facet);
            assert_eq!(wider.set().len(), 3, "{facet:?}");
            assert_eq!((wider.usage, wider.page), (Some(900), 0), "{facet:?}");
        }
        assert_eq!(Filter::read("usage=900").set(), []);
    }
}
