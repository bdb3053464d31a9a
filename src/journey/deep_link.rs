//! What a link to the landing page says: where, which plan, with which promotion, and from which click.
//!
//! In come the known parameters of an address, each the first time it is given; whatever else the address says is
//! ignored, and so is a parameter without a value. What cannot be used is no error: it is noted, and told on the page.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::fields::{Brand, Language, OfferCode, Transaction, Zip};

use super::{Attribution, Service, Site, Step};

/// The longest value that is looked at.
const MAX: usize = 32;

/// A link that begins a journey: `/?zip=77999&type=MVI&brand=RE&offer=59990001&cid=abc`.
#[derive(Debug, Default)]
pub struct DeepLink {
    /// For the form, as it was given; blank where it could not have been typed in earnest.
    pub zip: String,
    /// The same.
    pub transaction: String,
    /// What is to be chosen once the ZIP code is known.
    pub link_request: LinkRequest,
    /// Which click it was.
    pub attribution: Attribution,
    /// What it says that cannot be used.
    pub rejected_params: BTreeSet<RejectedParam>,
    /// It says something about plans, even if that cannot be used.
    pub names_plans: bool,
    /// It says more than which click it was.
    pub asks: bool,
}

/// What a link asks for beyond the first page. A plan that was chosen, or could not be, is no wish any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkRequest {
    /// Plans of this brand first.
    pub brand: Option<Brand>,
    /// This plan of that brand.
    pub offer: Option<OfferCode>,
    /// Plans under this promotion of that brand, instead of the affiliate's usual one.
    pub promo: Option<(Brand, String)>,
}

/// A part of a link that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// The step that answers it instead: until then it is told.
    pub fn step(self) -> Step {
        match self {
            Self::Zip | Self::Type | Self::Language => Step::Zip,
            Self::Brand | Self::Offer | Self::Promo | Self::Plan => Step::Plans,
        }
    }

    /// The language that a link asks for and nobody here speaks.
    pub fn language(query: &str) -> Option<Self> {
        given(query, "lang").filter(|word| Language::parse(word).is_err()).map(|_| Self::Language)
    }
}

impl DeepLink {
    /// Reads the query of an address. `None` where it says nothing but a language: that is no link, and begins
    /// nothing.
    pub fn read(query: &str, site: &Site) -> Option<Self> {
        let [zip, transaction] = ["zip", "type"].map(|name| given(query, name).unwrap_or_default());
        let [brand, offer, promo] = ["brand", "offer", "promo"].map(|name| given(query, name));
        let names_plans = brand.is_some() || offer.is_some() || promo.is_some();
        let asks = names_plans || !zip.is_empty() || !transaction.is_empty();
        if !asks && !Attribution::is_in(query) {
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
        let named = brand.as_deref().and_then(sold);
        let mut request = LinkRequest { brand: named, ..LinkRequest::default() };
        if brand.is_some() && named.is_none() {
            rejected_params.insert(RejectedParam::Brand);
        }
        if let Some(code) = &offer {
            request.offer = OfferCode::parse(code).ok().filter(|_| named.is_some());
            if request.offer.is_none() {
                // All plans, and not only that brand's.
                request.brand = None;
            }
            if request.offer.is_none() && !rejected_params.contains(&RejectedParam::Brand) {
                rejected_params.insert(RejectedParam::Offer);
            }
        }
        if let Some(code) = promo {
            let of = if brand.is_some() { named } else { Some(site.default_brand) };
            request.promo = of.map(|of| (of, code.to_ascii_uppercase()));
            if of.and_then(|of| request.promo_of(of, site)).is_none() {
                request.promo = None;
                rejected_params.insert(RejectedParam::Promo);
            }
        }
        Some(Self {
            zip: typed(zip),
            transaction: typed(transaction),
            link_request: request,
            attribution: Attribution::read(query),
            rejected_params,
            names_plans,
            asks,
        })
    }

    /// What is wanted and where, if it says both.
    pub fn service(&self) -> Option<Service> {
        let (zip, transaction) = (Zip::parse(&self.zip).ok()?, Transaction::parse(&self.transaction).ok()?);
        Some(Service { zip, transaction })
    }
}

impl LinkRequest {
    /// The plan it names.
    pub fn plan(&self) -> Option<(Brand, OfferCode)> {
        self.brand.zip(self.offer.clone())
    }

    /// The promotion to ask for plans of `brand` under, if links may ask for it.
    pub fn promo_of<'a>(&self, brand: Brand, site: &'a Site) -> Option<&'a str> {
        let (_, code) = self.promo.as_ref().filter(|(of, _)| *of == brand)?;
        site.brand(brand)?
            .link_promos
            .iter()
            .find(|known| known.eq_ignore_ascii_case(code))
            .map(String::as_str)
    }
}

/// The first value of a parameter, unless it is blank. The rest of one that is too long is not looked at.
fn given(query: &str, name: &str) -> Option<String> {
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
    let value = values.next()?.1.trim().chars().take(MAX + 1).collect::<String>();
    (!value.is_empty()).then_some(value)
}

/// As it stands in a field: not what could not have been typed in earnest.
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
            (
                "zip=7799&type=both",
                "7799",
                "BOTH",
                none.clone(),
                vec![RejectedParam::Zip, RejectedParam::Type],
            ),
            (
                "zip=00000000000000&type=%00",
                "",
                "",
                none.clone(),
                vec![RejectedParam::Zip, RejectedParam::Type],
            ),
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
        for query in ["", "lang=es", "lang=fr", "begun=1", "first_name=Jordan&fbclid=1", "zip=&lang=en"] {
            assert!(DeepLink::read(query, &site()).is_none(), "{query}");
        }
        assert_eq!(RejectedParam::language("lang=fr"), Some(RejectedParam::Language));
        assert_eq!((RejectedParam::language("lang=es"), RejectedParam::language("lang=")), (None, None));
    }
}
