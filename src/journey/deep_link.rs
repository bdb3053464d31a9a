//! A link to the landing page: its ZIP code and transaction, plan, promotion and click.
//!
//! The input is the query of the URL. Each known parameter counts the first time it is given; other parameters and those
//! without a value are ignored. A value that cannot be used is no error: it is recorded, and the page shows it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::{EnumCount, VariantArray};

use crate::fields::{Brand, Language, OfferCode, Query, Transaction, Zip};

use super::{attribution::Attribution, service::Service, site::Site, step::Step};

/// The most characters of a value that are parsed.
const MAX: usize = 32;

/// A link that begins a journey: `/?zip=77999&type=MVI&brand=RE&offer=59990001&cid=abc`.
#[derive(Debug, Default)]
pub struct DeepLink {
    /// The ZIP code for the form, as given; blank if it is too long or has control characters.
    pub zip: String,
    /// The transaction for the form, likewise.
    pub transaction: String,
    /// What to choose once the ZIP code is known.
    pub link_request: LinkRequest,
    /// The click.
    pub attribution: Attribution,
    /// The parameters that cannot be used.
    pub rejected_params: BTreeSet<RejectedParam>,
    /// Whether it has parameters about plans, even unusable ones.
    pub names_plans: bool,
    /// Whether it has parameters beyond those of the click.
    pub asks: bool,
}

/// What a link requests beyond the first page. A plan that was chosen, or cannot be, is dropped from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// The brand whose plans are listed first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<Brand>,
    /// A plan of that brand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferCode>,
    /// A promotion of that brand, instead of the affiliate's usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promo: Option<(Brand, String)>,
}

/// A parameter of a link that cannot be used. Each has its own message.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumCount, VariantArray,
)]
#[serde(rename_all = "snake_case")]
pub enum RejectedParam {
    /// `zip` is no ZIP code.
    Zip,
    /// `type` is neither moving in nor switching.
    Type,
    /// `lang` is neither English nor Spanish.
    Language,
    /// `brand` is none that is sold here.
    Brand,
    /// `offer` is no offer code, or there is no `brand` to it.
    Offer,
    /// `promo` is none that links may ask for.
    Promo,
    /// The plan is not sold for this ZIP code, or not any more.
    Plan,
}

impl RejectedParam {
    /// Every parameter.
    pub const ALL: [Self; Self::COUNT] = *Self::VARIANTS.as_array().unwrap();

    /// The step that replaces it: the message is shown until that step is answered.
    pub fn step(self) -> Step {
        match self {
            Self::Zip | Self::Type | Self::Language => Step::Zip,
            Self::Brand | Self::Offer | Self::Promo | Self::Plan => Step::Plans,
        }
    }

    /// `Language`, if the link requests a language that is not supported.
    pub fn language(query: &str) -> Option<Self> {
        given(&Query::read(query), "lang")
            .filter(|word| Language::parse(word).is_err())
            .map(|_| Self::Language)
    }
}

impl DeepLink {
    /// Parses the query of a URL. `None` if it has at most a language: that does not begin a journey.
    pub fn read(query: &str, site: &Site) -> Option<Self> {
        let params = Query::read(query);
        let [zip, transaction] = ["zip", "type"].map(|name| given(&params, name).unwrap_or_default());
        let [brand, offer, promo] = ["brand", "offer", "promo"].map(|name| given(&params, name));
        let names_plans = brand.is_some() || offer.is_some() || promo.is_some();
        let asks = names_plans || !zip.is_empty() || !transaction.is_empty();
        if !asks && !site.click_params.are_in(query) {
            return None;
        }
        let mut rejected_params: BTreeSet<RejectedParam> =
            RejectedParam::language(query).into_iter().collect();
        if !zip.is_empty() && Zip::parse(&zip).is_err() {
            rejected_params.insert(RejectedParam::Zip);
        }
        let transaction = transaction.to_ascii_uppercase();
        if !transaction.is_empty() && Transaction::parse(&transaction).is_err() {
            rejected_params.insert(RejectedParam::Type);
        }
        let sold =
            |id: &str| Brand::parse(&id.to_ascii_uppercase()).ok().filter(|id| site.brand(*id).is_some());
        let known_brand = brand.as_deref().and_then(sold);
        let mut request = LinkRequest { brand: known_brand, ..LinkRequest::default() };
        if brand.is_some() && known_brand.is_none() {
            rejected_params.insert(RejectedParam::Brand);
        }
        if let Some(code) = &offer {
            request.offer = OfferCode::parse(code).ok().filter(|_| known_brand.is_some());
            if request.offer.is_none() {
                // All plans are shown, not only those of the brand.
                request.brand = None;
            }
            if request.offer.is_none() && !rejected_params.contains(&RejectedParam::Brand) {
                rejected_params.insert(RejectedParam::Offer);
            }
        }
        if let Some(code) = promo {
            let promo_brand = if brand.is_some() { known_brand } else { Some(site.default_brand) };
            request.promo = promo_brand.map(|brand| (brand, code.to_ascii_uppercase()));
            if promo_brand.and_then(|brand| request.promo_of(brand, site)).is_none() {
                request.promo = None;
                rejected_params.insert(RejectedParam::Promo);
            }
        }
        Some(Self {
            zip: typed(zip),
            transaction: typed(transaction),
            link_request: request,
            attribution: site.click_params.read(query),
            rejected_params,
            names_plans,
            asks,
        })
    }

    /// The service, if both of its parameters can be used.
    pub fn service(&self) -> Option<Service> {
        let (zip, transaction) = (Zip::parse(&self.zip).ok()?, Transaction::parse(&self.transaction).ok()?);
        Some(Service { zip, transaction })
    }
}

impl LinkRequest {
    /// The requested plan.
    pub fn plan(&self) -> Option<(Brand, OfferCode)> {
        self.brand.zip(self.offer.clone())
    }

    /// The promotion for plans of `brand`, if links may request it.
    pub fn promo_of<'a>(&self, brand: Brand, site: &'a Site) -> Option<&'a str> {
        let (_, code) = self.promo.as_ref().filter(|(of_brand, _)| *of_brand == brand)?;
        site.brand(brand)?
            .link_promos
            .iter()
            .find(|known| known.eq_ignore_ascii_case(code))
            .map(String::as_str)
    }
}

/// The first value of a parameter, unless it is blank. A longer value than [`MAX`] is cut one character above it.
fn given(query: &Query, name: &str) -> Option<String> {
    let value: String = query.get(name)?.chars().take(MAX + 1).collect();
    (!value.is_empty()).then_some(value)
}

/// The value for a form field; blank if it is too long for one or has control characters.
fn typed(value: String) -> String {
    let odd = value.chars().count() > 10 || value.chars().any(char::is_control);
    if odd { String::new() } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::tests::site;

    #[test]
    fn deep_link_yields_zip_transaction_and_plan_and_notes_rejected_params() {
        let mut site = site();
        site.brands.get_mut(&Brand::Cirro).unwrap().link_promos = vec!["Summer25".into()];
        site.brands.get_mut(&Brand::Reliant).unwrap().link_promos = vec!["SPRING".into()];
        let plan = |brand, code: &str| LinkRequest {
            brand: Some(brand),
            offer: Some(OfferCode::parse(code).unwrap()),
            promo: None,
        };
        let promo = |brand, code: &str| LinkRequest {
            promo: Some((brand, code.to_owned())),
            ..LinkRequest::default()
        };
        let none = LinkRequest::default();
        let long = format!("promo={}", "A".repeat(5000));
        for (query, zip, transaction, request, rejected_params) in [
            ("zip=77999&type=MVI", "77999", "MVI", none.clone(), vec![]),
            ("zip=77999&zip=75999&type=swi&type=x", "77999", "SWI", none.clone(), vec![]),
            ("ZIP=77999&amp;Type=MVI&amp;LANG=es-MX", "77999", "MVI", none.clone(), vec![]),
            ("zip=%E2%80%8B77999+&type=%C2%A0mvi", "77999", "MVI", none.clone(), vec![]),
            ("BRAND=CE&amp;Offer=59990001", "", "", plan(Brand::Cirro, "59990001"), vec![]),
            (
                "zip=7799&type=both",
                "7799",
                "BOTH",
                none.clone(),
                vec![RejectedParam::Zip, RejectedParam::Type],
            ),
            ("zip=00000000000000&type=%00", "", "", none.clone(), vec![RejectedParam::Zip]),
            ("zip=&type=&brand=&offer=&promo=&cid=1", "", "", none.clone(), vec![]),
            ("cid=%40&lang=fr", "", "", none.clone(), vec![RejectedParam::Language]),
            ("brand=ce&offer=59990001", "", "", plan(Brand::Cirro, "59990001"), vec![]),
            ("brand=CE", "", "", LinkRequest { brand: Some(Brand::Cirro), ..none.clone() }, vec![]),
            // Neither sold here nor known anywhere.
            ("brand=GM&offer=59990001", "", "", none.clone(), vec![RejectedParam::Brand]),
            ("brand=XX", "", "", none.clone(), vec![RejectedParam::Brand]),
            ("brand=CE&offer=1", "", "", none.clone(), vec![RejectedParam::Offer]),
            ("offer=59990001", "", "", none.clone(), vec![RejectedParam::Offer]),
            ("promo=spring", "", "", promo(Brand::Reliant, "SPRING"), vec![]),
            ("promo=summer25", "", "", none.clone(), vec![RejectedParam::Promo]),
            ("promo=spring&brand=GM", "", "", none.clone(), vec![RejectedParam::Brand, RejectedParam::Promo]),
            (&long, "", "", none.clone(), vec![RejectedParam::Promo]),
        ] {
            let link = DeepLink::read(query, &site).unwrap();
            assert_eq!((&*link.zip, &*link.transaction), (zip, transaction), "{query}");
            assert_eq!(
                (link.link_request, Vec::from_iter(link.rejected_params)),
                (request, rejected_params),
                "{query}"
            );
        }
        let link = DeepLink::read("brand=CE&promo=SUMMER25", &site).unwrap();
        assert_eq!(link.link_request.promo_of(Brand::Cirro, &site), Some("Summer25"));
        assert_eq!(link.link_request.promo_of(Brand::Reliant, &site), None);
        site.brands.get_mut(&Brand::Cirro).unwrap().link_promos.clear();
        assert_eq!(
            link.link_request.promo_of(Brand::Cirro, &site),
            None,
            "it is not to be asked for any more"
        );
    }

    #[test]
    fn deep_link_with_language_alone_or_unknown_params_is_none() {
        for query in ["", "lang=es", "lang=fr", "begun=1", "first_name=Jordan&other=1", "zip=&lang=en"] {
            assert!(DeepLink::read(query, &site()).is_none(), "{query}");
        }
        assert_eq!(RejectedParam::language("lang=fr"), Some(RejectedParam::Language));
        assert_eq!((RejectedParam::language("lang=es"), RejectedParam::language("lang=")), (None, None));
    }
}
