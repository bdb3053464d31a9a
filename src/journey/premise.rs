//! The service address and the billing address: as typed, as NRG verified them, and the meters of the service address.

use serde::{Deserialize, Serialize};

use crate::fields::{BillingAddress, EsiId, ServiceAddress, TdspCode, Transaction, Unit, Zip};

use super::outcome::{Stop, StopKind};

/// The service address as typed, in one of two ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typed {
    /// Street, unit and city; the ZIP is that of the first step.
    Address(ServiceAddress),
    /// The ESI ID of the meter.
    Meter(EsiId),
}

/// The service address and what is known about it. It is replaced as a whole when the person types it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Premise {
    /// The ZIP of the first step when the address was typed; with another ZIP the premise counts as absent.
    pub zip: Zip,
    /// The address or ESI ID as typed.
    pub typed: Typed,
    /// The answer of `cleanup-address` or `esidValidation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleaned: Option<Cleaned<ServiceAddress>>,
    /// The known units of the building, if a unit is needed.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// The address to use: the verified one, or the person's choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<ServiceAddress>,
    /// Whether NRG verified the settled address.
    pub verified: bool,
    /// The meters at the settled address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meters: Option<Meters>,
    /// The person's choice among several meters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<MeterChoice>,
}

/// The answer of `cleanup-address` (contract 5.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cleaned<A> {
    /// `COMPLETE_MATCH`.
    Verified(A),
    /// `PARTIAL_MATCH`: NRG found a similar address.
    Suggested(A),
    /// `UNIT_NEEDED`.
    UnitNeeded,
    /// `INCORRECT_UNIT`.
    UnitUnknown,
    /// `NO_MATCH`, `UNVERIFIED_ADDRESS`, a cleaner's error, or a `00` that verified nothing.
    NotVerified,
}

/// The answer of `esid/residential`, and of `esid` if that list was empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meters {
    /// No meter; the journey goes on with advice.
    None,
    /// Meters, none of them residential.
    Business,
    /// One or more residential meters.
    Residential(Vec<Meter>),
}

/// One residential meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meter {
    /// The ESI ID, 17 or 22 digits.
    pub esi_id: EsiId,
    /// `tdspCodeCCS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tdsp: Option<TdspCode>,
    /// `switchHoldStatus` is `ON`.
    pub switch_hold: bool,
    /// `esidStatusBrand` is `ACTIVE`: the brand's company serves this meter already.
    pub own_customer: bool,
    /// The unit that `esidValidation` named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
}

/// The person's answer to the question which of several meters it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeterChoice {
    /// This meter.
    Picked(EsiId),
    /// None of the meters; the journey goes on with the address.
    NoneOfThese,
}

impl Premise {
    /// A premise that was just typed.
    pub fn new(zip: Zip, typed: Typed) -> Self {
        Self {
            zip,
            typed,
            cleaned: None,
            units: Vec::new(),
            settled: None,
            verified: false,
            meters: None,
            choice: None,
        }
    }

    /// The one meter of the address, if it is known.
    pub fn meter(&self) -> Option<&Meter> {
        let Some(Meters::Residential(meters)) = &self.meters else { return None };
        match (&self.choice, meters.as_slice()) {
            (Some(MeterChoice::Picked(esi_id)), all) => all.iter().find(|meter| meter.esi_id == *esi_id),
            (None, [only]) => Some(only),
            (Some(MeterChoice::NoneOfThese), _) | (None, _) => None,
        }
    }

    /// Whether the typed ESI ID is not that of a residence NRG knows.
    pub fn esi_id_unknown(&self) -> bool {
        matches!(self.typed, Typed::Meter(_)) && self.cleaned == Some(Cleaned::NotVerified)
    }

    /// The meters, if there are several and the person has not chosen.
    pub fn meter_unpicked(&self) -> Option<&[Meter]> {
        match (&self.meters, &self.choice) {
            (Some(Meters::Residential(meters)), None) if meters.len() > 1 => Some(meters),
            _ => None,
        }
    }

    /// The stop that is certain before `identity` is called, if there is one.
    pub fn early_stop(&self, transaction: Transaction) -> Option<Stop> {
        if self.meters == Some(Meters::Business) {
            return Some(Stop::new(StopKind::BusinessMeter));
        }
        let meter = self.meter()?;
        match transaction {
            Transaction::Switch if meter.own_customer => Some(Stop::new(StopKind::OwnCustomer)),
            Transaction::Switch if meter.switch_hold => Some(Stop::new(StopKind::SwitchHold)),
            Transaction::Switch | Transaction::MoveIn => None,
        }
    }
}

/// The billing address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// The service address.
    SameAsService,
    /// Another address.
    Other(Box<OtherBilling>),
}

/// A billing address other than the service address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherBilling {
    /// The address as typed.
    pub typed: BillingAddress,
    /// The answer of `cleanup-address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleaned: Option<Cleaned<BillingAddress>>,
    /// The address to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<BillingAddress>,
}
