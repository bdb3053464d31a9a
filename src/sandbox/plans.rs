//! The catalog of plans, all invented: what each brand sells, and how a plan is priced at a utility.

use serde_json::{Value, json};

use super::{
    catalog::{Brand, Utility},
    inputs::{self, Promo},
    texts::Language,
};

/// A bill credit in a window of usage.
#[derive(Clone, Copy)]
struct UsageCredit {
    dollars: u32,
    from_kwh: u32,
    to_kwh: u32,
}

/// A charge in months of little usage.
#[derive(Clone, Copy)]
struct UsageCharge {
    dollars: f64,
    below_kwh: u32,
}

/// One plan.
pub struct Plan {
    name: &'static str,
    tagline: (&'static str, &'static str),
    details: (&'static str, &'static str),
    kind: &'static str,
    months: u32,
    cancel_fee: u32,
    /// Cents per kWh.
    energy: f64,
    /// Dollars per month.
    base: f64,
    credit: Option<UsageCredit>,
    charge: Option<UsageCharge>,
    green: bool,
    /// Sold to smart meters, under the second promo code where two are given.
    pub smart: bool,
}

const PLAIN: Plan = Plan {
    name: "",
    tagline: ("A steady price", "Un precio estable"),
    details: (
        "One energy charge for the whole term.<br>No surprises when the seasons change.",
        "Un solo cargo de energía durante todo el plazo.<br>Sin sorpresas cuando cambia la temporada.",
    ),
    kind: "Fixed",
    months: 12,
    cancel_fee: 150,
    energy: 9.8,
    base: 4.95,
    credit: None,
    charge: None,
    green: false,
    smart: false,
};

const MONTHLY: Plan = Plan {
    tagline: ("No contract", "Sin contrato"),
    details: (
        "The price may change every month. Leave at any time.",
        "El precio puede cambiar cada mes. Termine cuando quiera.",
    ),
    kind: "Variable",
    months: 0,
    cancel_fee: 0,
    energy: 12.4,
    base: 9.95,
    ..PLAIN
};

const CREDIT: Plan = Plan {
    tagline: ("A credit in the months you use more", "Un crédito en los meses de mayor consumo"),
    details: (
        "The bill credit applies only in the usage window named in the facts label.",
        "El crédito se aplica sólo dentro del consumo indicado en la hoja de datos.",
    ),
    energy: 14.6,
    base: 0.0,
    credit: Some(UsageCredit { dollars: 100, from_kwh: 1000, to_kwh: 1999 }),
    ..PLAIN
};

const NIGHTS: Plan = Plan {
    tagline: ("Less at night", "Menos de noche"),
    details: (
        "A lower energy charge from 8 p.m. to 6 a.m. Needs a smart meter.",
        "Un cargo de energía menor de 8 p.m. a 6 a.m. Requiere un medidor inteligente.",
    ),
    energy: 11.2,
    smart: true,
    ..PLAIN
};

const RELIANT: &[Plan] = &[
    Plan { name: "Sample Secure 12", ..PLAIN },
    Plan { name: "Sample Secure 24", months: 24, cancel_fee: 295, energy: 10.1, ..PLAIN },
    Plan { name: "Sample Monthly Flex", ..MONTHLY },
    Plan { name: "Sample Big Home Credit 12", ..CREDIT },
    Plan { name: "Sample Quiet Nights 12", ..NIGHTS },
    Plan { name: "Sample Clear 36", months: 36, cancel_fee: 395, energy: 10.4, base: 0.0, ..PLAIN },
];

const GREEN_MOUNTAIN: &[Plan] = &[
    Plan { name: "Sample Wind & Sun 12", green: true, energy: 11.6, ..PLAIN },
    Plan { name: "Sample Wind & Sun 24", green: true, months: 24, cancel_fee: 250, energy: 11.9, ..PLAIN },
    Plan { name: "Sample Sunrise Month", green: true, ..MONTHLY },
    Plan { name: "Sample Prairie Nights 12", green: true, energy: 12.8, ..NIGHTS },
];

const CIRRO: &[Plan] = &[
    Plan { name: "Sample Smart Lock 6", months: 6, cancel_fee: 100, energy: 9.4, base: 5.95, ..PLAIN },
    Plan { name: "Sample Smart Lock 12", energy: 9.6, base: 5.95, ..PLAIN },
    Plan { name: "Sample Smart Lock 24", months: 24, cancel_fee: 200, energy: 9.9, base: 5.95, ..PLAIN },
    Plan {
        name: "Sample Market Index",
        tagline: ("Follows the market", "Sigue al mercado"),
        kind: "Indexed",
        energy: 8.9,
        base: 9.95,
        cancel_fee: 75,
        ..PLAIN
    },
];

const DISCOUNT_POWER: &[Plan] = &[
    Plan { name: "Sample Saver 12", energy: 9.1, base: 0.0, ..PLAIN },
    Plan { name: "Sample Saver 6", months: 6, cancel_fee: 100, energy: 8.9, base: 0.0, ..PLAIN },
    Plan {
        name: "Sample Bill Credit 12",
        energy: 15.3,
        credit: Some(UsageCredit { dollars: 125, from_kwh: 1000, to_kwh: 999_999 }),
        ..CREDIT
    },
    Plan { name: "Sample Month to Month", energy: 13.1, ..MONTHLY },
    Plan {
        name: "Sample Everyday 12",
        tagline: ("A low rate for homes that use it", "Una tarifa baja para hogares que la aprovechan"),
        details: (
            "One energy charge for the whole term. Months of little usage cost extra.",
            "Un solo cargo de energía durante todo el plazo. Los meses de poco consumo cuestan más.",
        ),
        energy: 8.6,
        base: 0.0,
        charge: Some(UsageCharge { dollars: 14.95, below_kwh: 1000 }),
        ..PLAIN
    },
];

const DIRECT_ENERGY: &[Plan] = &[
    Plan { name: "Sample Bright Choice 12", energy: 10.2, ..PLAIN },
    Plan { name: "Sample Bright Choice 24", months: 24, cancel_fee: 240, energy: 10.5, ..PLAIN },
    Plan { name: "Sample Live Brighter 36", months: 36, cancel_fee: 360, energy: 10.8, ..PLAIN },
    Plan { name: "Sample Twelve Hour Power", energy: 12.1, ..NIGHTS },
    Plan { name: "Sample Bright Green 12", green: true, energy: 11.1, ..PLAIN },
];

/// The plans of a brand, in the order they are listed.
pub fn plans_of(brand: Brand) -> &'static [Plan] {
    match brand {
        Brand::Reliant => RELIANT,
        Brand::GreenMountain => GREEN_MOUNTAIN,
        Brand::Cirro => CIRRO,
        Brand::DiscountPower => DISCOUNT_POWER,
        Brand::DirectEnergy => DIRECT_ENERGY,
    }
}

/// A plan of one brand at one utility, with an offer code.
#[derive(Clone, Copy)]
pub struct Offer {
    pub brand: Brand,
    pub utility: &'static Utility,
    pub plan: &'static Plan,
    index: usize,
    /// From 1. Each edition has its own price.
    edition: u32,
}

/// How many editions of each plan there are if many plans are requested.
const EDITIONS: u32 = 9;

impl Offer {
    /// All offers of a brand at a utility.
    pub fn all(brand: Brand, utility: &'static Utility) -> impl Iterator<Item = Self> {
        plans_of(brand).iter().enumerate().map(move |(index, plan)| Self {
            brand,
            utility,
            plan,
            index,
            edition: 1,
        })
    }

    /// All offers in every edition.
    pub fn many(brand: Brand, utility: &'static Utility) -> impl Iterator<Item = Self> {
        let editions = |offer: Self| (1..=EDITIONS).map(move |edition| Self { edition, ..offer });
        Self::all(brand, utility).flat_map(editions)
    }

    /// The offer with this code, if the brand has it.
    pub fn find(brand: Brand, code: &str) -> Option<Self> {
        let utility = Utility::by_code(&format!("D00{}", code.get(2..4)?))?;
        Self::many(brand, utility).find(|offer| offer.code() == code)
    }

    /// Where it stands among the plans of its brand.
    pub fn place(&self) -> usize {
        self.index
    }

    /// Eight digits: a five, the brand, the utility (two), the plan (two), and the edition.
    pub fn code(&self) -> String {
        let (brand, utility, plan) = (self.brand as u8 + 1, self.utility.number(), self.index + 1);
        format!("5{brand}{utility:02}{plan:02}{:02}", self.edition)
    }

    /// `campaignCode`.
    pub fn campaign(&self) -> String {
        format!("CAMP{}26", self.brand.id())
    }

    /// `productPriceCode`.
    pub fn price_code(&self) -> String {
        format!("P{}", self.code())
    }

    /// `incentiveCode`.
    pub fn incentive(&self) -> String {
        format!("INC{}", self.code())
    }

    /// Cents per kWh at `kwh` a month, all charges included, with one decimal.
    fn average(&self, kwh: u32) -> String {
        let Plan { energy, base, credit, charge, .. } = *self.plan;
        let energy = energy + f64::from(self.edition - 1) / 10.0;
        let credited = credit.filter(|credit| (credit.from_kwh..=credit.to_kwh).contains(&kwh));
        let charged = charge.filter(|charge| kwh < charge.below_kwh).map_or(0.0, |charge| charge.dollars);
        let credited = credited.map_or(0.0, |credit| f64::from(credit.dollars));
        let dollars = base + self.utility.monthly + charged - credited;
        format!("{:.1}", energy + self.utility.per_kwh + dollars * 100.0 / f64::from(kwh))
    }

    fn name(&self) -> String {
        match self.edition {
            1 => format!("{} Plan", self.plan.name),
            edition => format!("{} Plan, edition {edition}", self.plan.name),
        }
    }

    /// The entry of `affiliateOfferList` (contract 5.8).
    pub fn entry(&self, promo: &str, language: Language) -> Value {
        let mut entry = self.codes_and_documents(promo, language);
        if let (Value::Object(entry), Value::Object(prices)) = (&mut entry, self.prices_and_texts(language)) {
            entry.extend(prices);
        }
        let special = match (inputs::promo(promo, self.utility.code), self.brand) {
            (Some(Promo::Discounts), Brand::Reliant) => json!({ "digitalDiscount": "5.00" }),
            (Some(Promo::Discounts), Brand::GreenMountain) => json!({ "autoPayDiscount": "5.00" }),
            (Some(Promo::Discounts), _) => json!({ "digitalDiscount": "3.00", "autoPayDiscount": "2.00" }),
            (Some(Promo::Prepaid), Brand::DirectEnergy) => json!({ "offerCategory": "PRE-PAID" }),
            _ => return entry,
        };
        if let (Value::Object(entry), Value::Object(special)) = (&mut entry, special) {
            entry.extend(special);
        }
        entry
    }

    fn codes_and_documents(&self, promo: &str, language: Language) -> Value {
        let code = self.code();
        let language_tag = language.pick("en", "es");
        let document =
            |kind: &str, name: &str| format!("https://docs.example.com/{kind}/{name}-{language_tag}.pdf");
        json!({
            "sapPlanName": self.name(), "sapOfferTagline": self.plan.tagline.0,
            "offerCode": code, "promoCode": promo, "campaignCode": self.campaign(),
            "productPriceCode": self.price_code(), "incentiveCode": self.incentive(), "marketSegment": "01",
            "planType": self.plan.kind, "contractTerm": self.plan.months.to_string(),
            "cancelFee": self.plan.cancel_fee.to_string(),
            "offerCategory": if self.plan.smart { "TOU" } else { "" },
            "eflURL": document("efl", &code), "tosURL": document("tos", self.brand.id()),
            "yraacURL": document("yrac", self.brand.id()),
            "eflSmartCode": format!("EFL{code}"), "tosSmartCode": format!("TOS{}", self.brand.id()),
            "yraacSmartCode": format!("YRAC{}", self.brand.id()),
        })
    }

    fn prices_and_texts(&self, language: Language) -> Value {
        let Self { plan, utility, .. } = self;
        let credit = plan.credit;
        json!({
            "averagePrice500": self.average(500), "averagePrice1000": self.average(1000),
            "averagePrice2000": self.average(2000), "averageEFLPrice500": self.average(500),
            "averageEFLPrice1000": self.average(1000), "averageEFLPrice2000": self.average(2000),
            "energyCharge": format!("{:.4}", plan.energy), "energyChargeOther": null,
            "energyChargeText": language.pick("Energy charge per kWh", "Cargo de energía por kWh"),
            "baseCharge": format!("{:.2}", plan.base),
            "usageCharge": plan.charge.map(|charge| format!("{:.2}", charge.dollars)),
            "usageChargeThreshold": plan.charge.map(|charge| charge.below_kwh.to_string()),
            "baseUsageChargeText": language.pick("Base charge per month", "Cargo base por mes"),
            "tdspChargeKWh": format!("{:.2}\u{a2}", utility.per_kwh),
            "tdspChargeMo": format!("${:.2}", utility.monthly), "tdspChargeOther": null,
            "tdspChargeText": language.pick("Delivery charges of your utility", "Cargos de su distribuidora"),
            "usageCredit": credit.map(|credit| format!("{:.2}", f64::from(credit.dollars))),
            "creditMinUsageThreshold": credit.map(|credit| credit.from_kwh.to_string()),
            "creditMaxUsageThreshold": credit.map(|credit| credit.to_kwh.to_string()),
            "digitalDiscount": null, "autoPayDiscount": null, "fixedMonthlyCharge": null,
            "cmsProductTagline": language.pick(plan.tagline.0, plan.tagline.1),
            "cmsProductMarketingDetails": language.pick(plan.details.0, plan.details.1),
            "cmsLegalese": language.pick(
                "Prices are averages, see the facts label.",
                "Los precios son promedios; vea la hoja de datos.",
            ),
            "cmsAdditionalPricingText": "", "cmsBannerTitle": "", "cmsBannerColor": "",
            "cmsGreenFlag": plan.green.to_string(), "cmsSmartMeterFlag": plan.smart.to_string(),
            "cmsSaveOffer": "false",
        })
    }
}
