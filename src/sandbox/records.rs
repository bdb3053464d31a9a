//! What the sandbox remembers: one record per enrollment (contract 7.4), the meters it has named, and
//! the log of calls. In memory only; the oldest make room.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use jiff::{Timestamp, civil::Date};

use super::{
    envelope::Reply,
    inputs::{Person, Place, Quiz},
    log::Call,
    meters::{Address, Meter},
    request::Ask,
};

/// Records kept.
const KEPT: usize = 10_000;

/// Everything remembered.
#[derive(Default)]
pub struct State {
    records: BTreeMap<u64, Record>,
    /// The number of the last record.
    opened: u64,
    /// Where the meters are that were named so far, by ESI ID.
    pub meters: HashMap<String, (Address, Meter)>,
    /// Who has been told of another utility, and where: their next record goes well.
    told_of_mismatch: HashSet<String>,
    pub calls: VecDeque<Call>,
}

/// Move-in or switch.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Transaction {
    MoveIn,
    Switch,
}

/// How sure NRG is of who the customer is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Identity {
    Verified,
    Unverified,
    /// Not verified, going on under a hold, which `enroll` permits or not.
    Held {
        permitted: bool,
    },
}

/// What the match with existing customers found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Match {
    Clear,
    /// Past service: the customer's answer clears it.
    PastService,
    /// Cannot be cleared: accepted without account number.
    Unresolved,
    Current,
    Restricted,
}

/// What the last credit check left.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Credit {
    Never,
    Deposit(u32),
    Blocked,
    NoResult,
}

/// What was found at the address when the dates were asked for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Site {
    Fine,
    HeldSwitch,
    Business,
    Own,
}

/// An account, as issued.
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
    /// Name, birth date and address: whoever has the same is the same person at the same place.
    pub who: String,
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
    /// The single meter, kept once it was found (contract 5.15).
    pub meter: Option<Meter>,
    /// The street number the kept meter came from.
    pub kept_place: Option<Place>,
    /// Whether this record was told of another utility; decided once.
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
    /// A record that knows nothing yet.
    pub fn open(tracking_id: String, guid: String) -> Self {
        Self {
            tracking_id,
            guid,
            first_name: String::new(),
            who: String::new(),
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
            kept_place: None,
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

    /// What the quiz does for this person.
    pub fn quiz(&self) -> Quiz {
        match self.person {
            Person::Quiz(quiz) => quiz,
            Person::Held { permitted: true } => Quiz::AsksHeld,
            _ => Quiz::Asks,
        }
    }
}

impl State {
    /// The record with this tracking id.
    pub fn record(&self, tracking_id: &str) -> Option<&Record> {
        self.records.get(&tracking_id.parse().ok()?)
    }

    /// The same, to change it.
    pub fn record_mut(&mut self, tracking_id: &str) -> Option<&mut Record> {
        self.records.get_mut(&tracking_id.parse().ok()?)
    }

    /// The record whose account has this number.
    pub fn account(&self, number: &str) -> Option<&Record> {
        self.records.values().find(|record| record.issued.as_ref().is_some_and(|a| a.number == number))
    }

    /// The record a call is about.
    ///
    /// # Errors
    /// `NO_MATCH_FOUND` and `ENROLLMENT_ALREADY_REQUESTED`, as every tracked call answers (contract 3.4).
    pub fn tracked(&mut self, ask: &Ask) -> Result<&mut Record, Reply> {
        let guid = ask.text("guid");
        let record = ask
            .text("trackingId")
            .parse()
            .ok()
            .and_then(|id: u64| self.records.get_mut(&id))
            .filter(|record| record.guid.eq_ignore_ascii_case(guid))
            .ok_or_else(|| Reply::refuse("NO_MATCH_FOUND", "no record with this trackingId and guid"))?;
        if record.submitted {
            return Err(Reply::refuse("ENROLLMENT_ALREADY_REQUESTED", "the record was submitted before"));
        }
        Ok(record)
    }

    /// The number of the next record; every call gives another. It follows the clock, so that a sandbox
    /// started again does not give numbers that a ledger already knows.
    pub fn next_tracking_id(&mut self, now: Timestamp) -> u64 {
        let second = u64::try_from(now.as_second()).unwrap_or_default();
        self.opened = second.max(self.opened + 1);
        self.opened
    }

    /// Keeps a new record.
    pub fn keep(&mut self, record: Record) {
        if self.records.len() >= KEPT {
            self.records.pop_first();
        }
        if let Ok(id) = record.tracking_id.parse() {
            self.records.insert(id, record);
        }
    }

    /// Whether this person is told of another utility here: the first record is, the next is not.
    pub fn tell_of_mismatch(&mut self, who: &str) -> bool {
        if self.told_of_mismatch.remove(who) {
            return false;
        }
        if self.told_of_mismatch.len() >= KEPT {
            self.told_of_mismatch.clear();
        }
        self.told_of_mismatch.insert(who.to_owned())
    }

    /// Remembers where a meter is, so that `esidValidation` can tell.
    pub fn name_meter(&mut self, meter: &Meter, address: &Address) {
        if self.meters.len() >= KEPT {
            self.meters.clear();
        }
        self.meters.insert(meter.esid.clone(), (address.clone(), meter.clone()));
    }
}
