//! The memory of the sandbox: one record for each enrollment (contract 7.4), the meters it has listed, and the log of
//! calls. Nothing is stored on disk, and the oldest entries are dropped.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use jiff::{Timestamp, civil::Date};

use super::{
    inputs::{Person, Place, Quiz},
    log::Call,
    premise::{Address, Meter},
};

/// The most records in memory.
const CAPACITY: usize = 10_000;

/// Everything that is stored.
#[derive(Default)]
pub struct Memory {
    records: BTreeMap<u64, Record>,
    /// The number of the last record.
    last_id: u64,
    /// The meters that were listed, with their addresses, by ESI ID.
    pub meters: HashMap<String, (Address, Meter)>,
    /// The persons (see [`Record::person_key`]) who were answered with `TDSP_MISMATCH`: their next record succeeds.
    mismatches: HashSet<String>,
    pub calls: VecDeque<Call>,
    pub gateway_cookie: GatewayCookie,
}

/// What the gateway in front of NRG thinks of the cookie `SMCHALLENGE=YES` (contract 1 and 11.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GatewayCookie {
    /// It makes no difference.
    #[default]
    Ignored,
    /// A call without it is answered with 403.
    Required,
    /// A call with it is answered with 403.
    Refused,
}

/// Move-in or switch.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Transaction {
    MoveIn,
    Switch,
}

/// Whether the identity of the customer is verified.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Identity {
    Verified,
    Unverified,
    /// Not verified, with a hold that `enroll` permits or not.
    Held {
        permitted: bool,
    },
}

/// The result of the match with existing customers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Match {
    Clear,
    /// Past service: the customer's answer clears it.
    PastService,
    /// Cannot be cleared: `enroll` accepts without an account number.
    Unresolved,
    Current,
    Restricted,
}

/// The result of the last credit check.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Credit {
    Never,
    NoDeposit,
    /// A deposit is owed.
    Owed,
    Blocked,
    NoResult,
}

/// What `available-dates` found at the address.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Site {
    Fine,
    HeldSwitch,
    Business,
    Own,
}

/// An account that `enroll` issued.
#[derive(Clone, Debug)]
pub struct Issued {
    pub number: String,
    pub check_digit: String,
    pub partner: String,
}

/// One enrollment.
pub struct Record {
    pub tracking_id: String,
    pub guid: String,
    pub first_name: String,
    /// Name, birth date and address: the same key means the same person at the same address.
    pub person_key: String,
    pub person: Person,
    pub transaction: Option<Transaction>,
    pub address: Address,
    pub billing_zip: String,
    /// The last four of the SSN token or, without one, of the license token.
    pub last_four: String,
    pub by_ssn: bool,
    pub pre_approved: bool,
    pub attempts: u32,
    pub identity: Identity,
    pub matched: Match,
    /// Keys of the quizzes asked, and whether each has been answered.
    pub quizzes: HashMap<String, bool>,
    pub dates_checked: bool,
    pub site: Site,
    /// The single meter; once found, it is kept (contract 5.15).
    pub meter: Option<Meter>,
    /// The outcomes of the street number that the meter was found at.
    pub meter_place: Option<Place>,
    /// Whether this record was answered with `TDSP_MISMATCH`; decided once.
    pub mismatch: Option<bool>,
    pub start_date: Option<Date>,
    pub offer: Option<String>,
    pub credit: Credit,
    pub credit_checks: u32,
    pub refusals: u32,
    pub processed: usize,
    pub submitted: bool,
    pub issued: Option<Issued>,
}

impl Record {
    /// A record without any data.
    pub fn open(tracking_id: String, guid: String) -> Self {
        Self {
            tracking_id,
            guid,
            first_name: String::new(),
            person_key: String::new(),
            person: Person::Plain,
            transaction: None,
            address: Address::default(),
            billing_zip: String::new(),
            last_four: String::new(),
            by_ssn: false,
            pre_approved: false,
            attempts: 0,
            identity: Identity::Unverified,
            matched: Match::Clear,
            quizzes: HashMap::new(),
            dates_checked: false,
            site: Site::Fine,
            meter: None,
            meter_place: None,
            mismatch: None,
            start_date: None,
            offer: None,
            credit: Credit::Never,
            credit_checks: 0,
            refusals: 0,
            processed: 0,
            submitted: false,
            issued: None,
        }
    }

    /// The number that its tracking id is made of.
    pub fn number(&self) -> Option<u64> {
        number_in(&self.tracking_id)
    }

    /// The outcome of the quiz for this person.
    pub fn quiz(&self) -> Quiz {
        match self.person {
            Person::Quiz(quiz) => quiz,
            Person::Held { permitted: true } => Quiz::AsksHeld,
            _ => Quiz::Asks,
        }
    }
}

/// A tracking id is a number, or an opaque one: a letter and a number with zeros in front.
fn number_in(tracking_id: &str) -> Option<u64> {
    tracking_id.strip_prefix('S').unwrap_or(tracking_id).parse().ok()
}

impl Memory {
    /// The record with this tracking id, compared as it was issued.
    pub fn record(&self, tracking_id: &str) -> Option<&Record> {
        self.records.get(&number_in(tracking_id)?).filter(|record| record.tracking_id == tracking_id)
    }

    /// Likewise, to change it.
    pub fn record_mut(&mut self, tracking_id: &str) -> Option<&mut Record> {
        self.records.get_mut(&number_in(tracking_id)?).filter(|record| record.tracking_id == tracking_id)
    }

    /// The record whose account has this number.
    pub fn account(&self, number: &str) -> Option<&Record> {
        self.records.values().find(|record| record.issued.as_ref().is_some_and(|a| a.number == number))
    }

    /// A new tracking id. It follows the clock, so that a restarted sandbox does not issue ids that a ledger already has.
    pub fn next_tracking_id(&mut self, now: Timestamp) -> u64 {
        let second = u64::try_from(now.as_second()).unwrap_or_default();
        self.last_id = second.max(self.last_id + 1);
        self.last_id
    }

    /// Stores a new record.
    pub fn insert(&mut self, record: Record) {
        if self.records.len() >= CAPACITY {
            self.records.pop_first();
        }
        if let Some(number) = record.number() {
            self.records.insert(number, record);
        }
    }

    /// Whether the current record of a person is answered with `TDSP_MISMATCH`: the first is, the next is not.
    pub fn report_mismatch(&mut self, person_key: &str) -> bool {
        if self.mismatches.remove(person_key) {
            return false;
        }
        if self.mismatches.len() >= CAPACITY {
            self.mismatches.clear();
        }
        self.mismatches.insert(person_key.to_owned())
    }

    /// Stores the address of a meter for `esidValidation`.
    pub fn register_meter(&mut self, meter: &Meter, address: &Address) {
        if self.meters.len() >= CAPACITY {
            self.meters.clear();
        }
        self.meters.insert(meter.esid.clone(), (address.clone(), meter.clone()));
    }
}
