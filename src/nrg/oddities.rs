//! What is odd about NRG's answers, counted for the alerts and logged once per field and day: nobody can ask NRG before
//! the first day. Every label is a word known when this was compiled, and no value is logged.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use jiff::civil::Date;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use strum::VariantArray as _;

use super::{codes, endpoint::Endpoint, scalars, wire_names};
use crate::{clock::Clock, fields::Brand, texas_time};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelSet)]
struct FieldLabels {
    endpoint: &'static str,
    field: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabel {
    endpoint: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PlanLabels {
    brand: &'static str,
    field: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ListLabels {
    brand: &'static str,
    plans: &'static str,
}

/// The counters.
pub(super) struct Oddities {
    readings: Family<FieldLabels, Counter>,
    codes: Family<FieldLabels, Counter>,
    links: Family<EndpointLabel, Counter>,
    plans: Family<PlanLabels, Counter>,
    lists: Family<ListLabels, Counter>,
    /// The Texas day on which each field was logged last.
    logged: Mutex<BTreeMap<(&'static str, FieldLabels), Date>>,
    clock: Clock,
}

impl Oddities {
    pub(super) fn new(clock: Clock) -> Self {
        let oddities = Self {
            readings: Family::default(),
            codes: Family::default(),
            links: Family::default(),
            plans: Family::default(),
            lists: Family::default(),
            logged: Mutex::default(),
            clock,
        };
        // A counter that begins at zero raises its alert the first time already.
        for endpoint in Endpoint::VARIANTS.iter().map(|endpoint| endpoint.path()) {
            for field in ["statusCode", "messageCode", "errorCode"] {
                drop(oddities.codes.get_or_create(&FieldLabels { endpoint, field }));
            }
            drop(oddities.links.get_or_create(&EndpointLabel { endpoint }));
        }
        for brand in Brand::ALL.map(Brand::id) {
            for plans in ["some", "none"] {
                drop(oddities.lists.get_or_create(&ListLabels { brand, plans }));
            }
        }
        oddities
    }

    /// Counts a scalar that was read although the contract spells it otherwise.
    pub(super) fn reading(&self, endpoint: Endpoint, field: &'static str) {
        let labels = FieldLabels { endpoint: endpoint.path(), field };
        self.readings.get_or_create(&labels).inc();
        if self.is_first_of_day("reading", labels) {
            tracing::warn!(%endpoint, field, "nrg: a value is spelled otherwise than in the contract, and was read");
        }
    }

    /// Counts what is odd about an answer at first sight. Gives those of its `codes` that the contract does not have.
    pub(super) fn answer<'c>(
        &self,
        endpoint: Endpoint,
        codes: [(&'static str, Option<&'c str>); 3],
        body: &[u8],
    ) -> impl Iterator<Item = (&'static str, &'c str)> {
        for field in wire_names::numbers_for_texts(body) {
            self.reading(endpoint, field);
        }
        let [(status, status_code), ..] = codes;
        if status_code.is_some_and(|code| scalars::status_code(code).is_odd) {
            self.reading(endpoint, status);
        }
        let is_unknown = |(field, code): &(&'static str, &str)| match *field {
            "statusCode" => !codes::KNOWN_STATUS.contains(&scalars::status_code(code).value),
            _ => !codes::known(code),
        };
        let codes = codes.into_iter().filter_map(|(field, code)| Some((field, code?))).filter(is_unknown);
        codes.inspect(move |(field, _)| {
            self.codes.get_or_create(&FieldLabels { endpoint: endpoint.path(), field }).inc();
        })
    }

    /// Counts links in NRG's texts that lead to no allowed host, and are shown as text.
    pub(super) fn refused_links(&self, endpoint: Endpoint, links: u64) {
        if links == 0 {
            return;
        }
        let path = endpoint.path();
        self.links.get_or_create(&EndpointLabel { endpoint: path }).inc_by(links);
        if self.is_first_of_day("link", FieldLabels { endpoint: path, field: "messageText" }) {
            tracing::warn!(%endpoint, "nrg: a link in a text leads to no host of affiliate.link_hosts, and is shown as text");
        }
    }

    /// Counts a plan that is not sold, by the field that is the reason.
    pub(super) fn dropped_plan(&self, brand: Brand, field: &'static str) {
        self.plans.get_or_create(&PlanLabels { brand: brand.id(), field }).inc();
    }

    /// Counts an answer of `offers`, by whether it has a plan that can be sold.
    pub(super) fn offer_list(&self, brand: Brand, has_plans: bool) {
        let plans = if has_plans { "some" } else { "none" };
        self.lists.get_or_create(&ListLabels { brand: brand.id(), plans }).inc();
    }

    /// The fields that were read although they are spelled otherwise.
    pub(super) fn odd_fields(&self) -> BTreeSet<&'static str> {
        let logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        logged.keys().filter(|(kind, _)| *kind == "reading").map(|(_, labels)| labels.field).collect()
    }

    fn is_first_of_day(&self, kind: &'static str, labels: FieldLabels) -> bool {
        let today = texas_time::day(self.clock.now());
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        logged.insert((kind, labels), today) != Some(today)
    }

    /// Registers the metrics.
    pub(super) fn register(&self, registry: &mut Registry) {
        let readings =
            "Values of NRG that were read although the contract spells them otherwise, by endpoint and field";
        registry.register("nrg_odd_readings", readings, self.readings.clone());
        let codes = "Codes of NRG that the contract does not have, by endpoint and field";
        registry.register("nrg_unknown_codes", codes, self.codes.clone());
        let links =
            "Links in NRG's texts to hosts that are not allowed, which are shown as text, by endpoint";
        registry.register("nrg_refused_links", links, self.links.clone());
        let plans = "Plans of NRG that are not sold, each time they are listed, by brand and the field that is the reason";
        registry.register("nrg_dropped_plans", plans, self.plans.clone());
        let lists = "Lists of plans that NRG sent, by brand and whether any plan can be sold (some, none)";
        registry.register("nrg_offer_lists", lists, self.lists.clone());
    }
}
