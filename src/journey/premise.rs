//! The service address and the billing address: what a person typed, what NRG made of it, and the
//! meter behind it.

use serde::{Deserialize, Serialize};

use crate::fields::{BillingAddress, EsiId, ServiceAddress, TdspCode, Transaction, Unit, Zip};

use super::{Stop, StopKind};

/// Two ways to say where the power is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Typed {
    /// Street, unit, city; the ZIP is the one of the first step.
    Address(ServiceAddress),
    /// "I know my ESI ID".
    Meter(EsiId),
}

/// The service address, from typing to meter. Replaced whole when it is typed anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Premise {
    /// The ZIP of the first step when it was typed; with another one it counts as absent.
    pub zip: Zip,
    /// As typed.
    pub typed: Typed,
    /// What `cleanup-address` (or `esidValidation`) made of it.
    pub cleaned: Option<Cleaned<ServiceAddress>>,
    /// The units of the building, where one is asked for and the meters there name theirs.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// The address that goes on: verified, or the person's choice.
    pub settled: Option<ServiceAddress>,
    /// Whether NRG verified the settled address.
    pub verified: bool,
    /// The meters at the settled address.
    pub meters: Option<Meters>,
    /// Which of several meters.
    pub choice: Option<MeterChoice>,
}

/// What `cleanup-address` answered (contract 5.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cleaned<A> {
    /// `COMPLETE_MATCH`.
    Verified(A),
    /// `PARTIAL_MATCH`: a similar address.
    Suggested(A),
    /// `UNIT_NEEDED`.
    UnitNeeded,
    /// `INCORRECT_UNIT`.
    UnitUnknown,
    /// `NO_MATCH`, `UNVERIFIED_ADDRESS`, a cleaner's error, or a `00` that verified nothing.
    NotVerified,
}

/// What `esid/residential` (and `esid`, where that list was empty) found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meters {
    /// No meter at all: goes on with advice.
    None,
    /// Meters, but none residential.
    Business,
    /// One or more.
    Residential(Vec<Meter>),
}

/// One residential meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// 17 or 22 digits.
    pub esi_id: EsiId,
    /// `tdspCodeCCS`.
    pub tdsp: Option<TdspCode>,
    /// `switchHoldStatus` is `ON`.
    pub switch_hold: bool,
    /// `esidStatusBrand` is `ACTIVE`: already served by this company.
    pub own_customer: bool,
    /// Its unit, where `esidValidation` named it.
    pub unit: Option<Unit>,
}

/// The answer to "which of these meters".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeterChoice {
    /// This one.
    Picked(EsiId),
    /// None of these: go on with the address as it stands.
    NoneOfThese,
}

impl Premise {
    /// An address just typed.
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

    /// The one meter this address stands for, if it is known.
    pub fn meter(&self) -> Option<&Meter> {
        let Some(Meters::Residential(meters)) = &self.meters else { return None };
        match (&self.choice, meters.as_slice()) {
            (Some(MeterChoice::Picked(esi_id)), all) => all.iter().find(|meter| meter.esi_id == *esi_id),
            (None, [only]) => Some(only),
            (Some(MeterChoice::NoneOfThese), _) | (None, _) => None,
        }
    }

    /// The ESI ID that was typed names no home.
    pub fn esi_id_unknown(&self) -> bool {
        matches!(self.typed, Typed::Meter(_)) && self.cleaned == Some(Cleaned::NotVerified)
    }

    /// Several meters and no choice yet.
    pub fn meter_unpicked(&self) -> Option<&[Meter]> {
        match (&self.meters, &self.choice) {
            (Some(Meters::Residential(meters)), None) if meters.len() > 1 => Some(meters),
            _ => None,
        }
    }

    /// Why this address cannot be enrolled in this way, known before identity is asked.
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

/// Where the bill goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// To the service address.
    SameAsService,
    /// Elsewhere.
    Other(Box<OtherBilling>),
}

/// A billing address of its own, from typing to settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherBilling {
    /// As typed.
    pub typed: BillingAddress,
    /// What `cleanup-address` made of it.
    pub cleaned: Option<Cleaned<BillingAddress>>,
    /// The address that goes on.
    pub settled: Option<BillingAddress>,
}
