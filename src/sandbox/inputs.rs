//! The test inputs: which value of which field selects which outcome. The tables drive the endpoints and the
//! documentation, so neither can be out of date.
//!
//! With a value that is in no table the call succeeds.

use std::sync::LazyLock;

/// A row of the table of test inputs, for the documentation.
#[derive(Clone, Debug)]
pub struct TestInput {
    /// The label of the field, for example `Last name`.
    pub field: &'static str,
    /// The value to enter.
    pub value: &'static str,
    /// The outcome.
    pub outcome: &'static str,
}

/// A row of a table: the value, its meaning for the endpoints, and its outcome for the documentation.
type Row<T> = (&'static str, T, &'static str);

/// A failure that any call can have.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Failure {
    /// HTTP 500 `TECHNICAL_ERROR`.
    Technical,
    /// HTTP 204.
    NoContent,
    /// A good answer after a delay.
    Slow,
    /// HTTP 200 with an HTML page.
    Garbage,
    /// A good answer without `statusCode`.
    NoStatus,
    /// A good answer with the `statusCode` 07.
    OddStatus,
    /// HTTP 401.
    Unauthorized,
    /// HTTP 403.
    Forbidden,
    /// The connection is lost in the middle of the answer.
    Cut,
}

/// The meaning of a ZIP.
#[derive(Clone, Copy, Debug)]
pub enum Area {
    /// Served by these utilities.
    Served(&'static [&'static str]),
    /// Served, but not by the brand with this id.
    NotBy(&'static str),
    /// Not served by any brand.
    Unserved,
    /// `tdsp` fails.
    Failure(Failure),
}

const ZIPS: &[Row<Area>] = &[
    ("77999", Area::Served(&["D0001"]), "CenterPoint Energy (D0001)"),
    ("75999", Area::Served(&["D0002"]), "ONCOR (D0002)"),
    ("77998", Area::Served(&["D0003"]), "Texas-New Mexico Power (D0003)"),
    ("78999", Area::Served(&["D0004"]), "AEP Texas Central (D0004)"),
    ("79699", Area::Served(&["D0005"]), "AEP Texas North (D0005)"),
    ("78599", Area::Served(&["D0009"]), "Sharyland Utilities (D0009)"),
    ("79499", Area::Served(&["D0011"]), "Lubbock Power & Light (D0011)"),
    (
        "77997",
        Area::Served(&["D0001", "D0003"]),
        "two utilities, CenterPoint and TNMP; odd street numbers are TNMP's",
    ),
    ("77990", Area::Unserved, "not served (AREA_NOT_SERVICED)"),
    ("77991", Area::NotBy("RE"), "not served by Reliant, but by the other brands"),
    (
        "77979",
        Area::Served(&["D0079"]),
        "utility D0079: every plan is spelled otherwise than the contract has it, and is sold",
    ),
    ("77984", Area::Served(&["D0084"]), "utility D0084: offer-details finds no plan, offers does"),
    ("77985", Area::Served(&["D0085"]), "utility D0085: offer-details fails (500), offers does not"),
    (
        "77986",
        Area::Served(&["D0086"]),
        "utility D0086: prices that need paperless bills (RE), automatic payment (GM), or both",
    ),
    ("77987", Area::Served(&["D0087"]), "utility D0087: the plans of Direct Energy are prepaid"),
    ("77988", Area::Served(&["D0088"]), "utility D0088: nine editions of every plan"),
    ("77989", Area::Served(&["D0089"]), "utility D0089: offers says AREA_NOT_SERVICED"),
    ("77992", Area::Served(&["D0092"]), "utility D0092: no plans (01, empty list)"),
    ("77993", Area::Served(&["D0093"]), "utility D0093: PROMO_INVALID as a stop"),
    ("77994", Area::Served(&["D0094"]), "utility D0094: PROMO_INVALID as advice, with default plans"),
    ("77995", Area::Served(&["D0095"]), "utility D0095: pricing fails (500)"),
    (
        "77996",
        Area::Served(&["D0096"]),
        "utility D0096: each plan but one is defective in another way and must not be sold",
    ),
    ("77980", Area::Failure(Failure::Technical), "tdsp fails (500)"),
    ("77981", Area::Failure(Failure::NoContent), "tdsp answers 204"),
    ("77982", Area::Failure(Failure::Slow), "tdsp is slow"),
    ("77983", Area::Failure(Failure::Garbage), "tdsp answers with HTML"),
];

/// The meaning of a ZIP (or ZIP+4). Any other Texas ZIP is served, by a stable rule.
pub fn area(zip: &str) -> Area {
    let zip = zip.get(..5).unwrap_or(zip);
    find(ZIPS, zip).unwrap_or_else(|| match zip.get(..3).and_then(|head| head.parse::<u16>().ok()) {
        Some(755 | 764) => Area::Served(&["D0003"]),
        Some(750..=769) => Area::Served(&["D0002"]),
        Some(780..=785) => Area::Served(&["D0004"]),
        Some(794) => Area::Served(&["D0011"]),
        Some(790..=799 | 885) => Area::Served(&["D0005"]),
        Some(770..=789) => Area::Served(&["D0001"]),
        Some(733) if zip == "73301" => Area::Served(&["D0002"]),
        _ => Area::Unserved,
    })
}

/// What a promo code does to `offers`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Promo {
    Empty,
    Invalid,
    Defaults,
    Defective,
    /// Spelled otherwise than in the contract, but clear.
    Odd,
    Many,
    Unserved,
    /// The price counts discounts.
    Discounts,
    /// One brand's plans are prepaid.
    Prepaid,
    /// Only `offer-details` finds nothing.
    DetailsEmpty,
    /// Only `offer-details` fails.
    DetailsFail,
    Failure(Failure),
}

const PROMOS: &[Row<Promo>] = &[
    ("NOPLANS", Promo::Empty, "no plans (01, empty list)"),
    ("BADPROMO", Promo::Invalid, "PROMO_INVALID as a stop"),
    ("OLDPROMO", Promo::Defaults, "PROMO_INVALID as advice, with default plans"),
    ("BADPLANS", Promo::Defective, "each plan but one is defective in another way and must not be sold"),
    ("ODDPLANS", Promo::Odd, "every plan is spelled otherwise than the contract has it, and is sold"),
    ("MANYPLANS", Promo::Many, "nine editions of every plan"),
    ("DISCOUNTS", Promo::Discounts, "prices that need paperless bills, automatic payment, or both"),
    ("PREPAID", Promo::Prepaid, "the plans of Direct Energy are prepaid"),
    ("NODETAILS", Promo::DetailsEmpty, "offer-details finds no plan, offers does"),
    ("BADDETAILS", Promo::DetailsFail, "offer-details fails (500), offers does not"),
    ("NOPRICES", Promo::Failure(Failure::Technical), "pricing fails (500)"),
    ("SLOWPLANS", Promo::Failure(Failure::Slow), "offers is slow"),
    ("NOJSON", Promo::Failure(Failure::Garbage), "offers answers with HTML"),
];

/// What `offers` does for this promo code or, if it is an ordinary one, at this utility.
pub fn promo(code: &str, utility: &str) -> Option<Promo> {
    find(PROMOS, code).or(match utility {
        "D0079" => Some(Promo::Odd),
        "D0084" => Some(Promo::DetailsEmpty),
        "D0085" => Some(Promo::DetailsFail),
        "D0086" => Some(Promo::Discounts),
        "D0087" => Some(Promo::Prepaid),
        "D0088" => Some(Promo::Many),
        "D0089" => Some(Promo::Unserved),
        "D0092" => Some(Promo::Empty),
        "D0093" => Some(Promo::Invalid),
        "D0094" => Some(Promo::Defaults),
        "D0095" => Some(Promo::Failure(Failure::Technical)),
        "D0096" => Some(Promo::Defective),
        _ => None,
    })
}

/// What a street number means for the address and its meter.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Place {
    Plain,
    Similar,
    /// A building with this many units, counted from the number given.
    Building {
        first: u32,
        units: u32,
    },
    Unknown,
    Unverified,
    CleanerError,
    HiddenNull,
    HiddenEcho,
    Business,
    NonResidential,
    Held,
    Own,
    NoMeter,
    NoMeterStop,
    ManyMeters,
    ManyMetersStop,
    SlowMeter,
    Blocked,
    Inactive,
    MismatchLate,
    OtherUtility,
    UnservedLate,
    NoDates,
    Cleaner(Failure),
    Meters(Failure),
    Dates(Failure),
}

const STREET_NUMBERS: &[Row<Place>] = &[
    ("100", Place::Plain, "verified, one smart meter"),
    ("200", Place::Similar, "PARTIAL_MATCH: the street name with AVE is suggested"),
    (
        "300",
        Place::Building { first: 1, units: 3 },
        "units 1 to 3: UNIT_NEEDED without, INCORRECT_UNIT with another; three meters",
    ),
    ("310", Place::Building { first: 101, units: 18 }, "units 101 to 118: as 300, with eighteen meters"),
    ("320", Place::Building { first: 1, units: 48 }, "units 1 to 48: as 300, with forty-eight meters"),
    ("400", Place::Unknown, "NO_MATCH"),
    ("410", Place::Unverified, "UNVERIFIED_ADDRESS"),
    ("420", Place::CleanerError, "cleanup-address answers 02 without a code"),
    ("430", Place::HiddenNull, "cleanup-address answers 00 with nothing (hidden failure)"),
    ("431", Place::HiddenEcho, "cleanup-address answers 00 and echoes (hidden failure)"),
    ("440", Place::Cleaner(Failure::Technical), "cleanup-address fails (500)"),
    ("441", Place::Cleaner(Failure::Slow), "cleanup-address is slow"),
    ("450", Place::Meters(Failure::Technical), "esid and esid/residential fail (500)"),
    ("451", Place::Meters(Failure::Slow), "esid and esid/residential are slow"),
    ("500", Place::Business, "business meter: no residential meter; BUSINESS_METER"),
    ("510", Place::NonResidential, "the marker NRESID instead of a meter; BUSINESS_METER at the dates"),
    ("600", Place::Held, "switch hold: a switch stops, a move-in gets a notice (NOTIFY_SWITCH_HOLD)"),
    ("610", Place::Own, "ESID_ACTIVE on a switch"),
    ("700", Place::NoMeter, "no meter: NESID with 00, later dates"),
    ("710", Place::NoMeterStop, "no meter and no utility: NESID with 01"),
    ("720", Place::ManyMeters, "two meters that no unit tells apart: MESID with 00, later dates"),
    ("730", Place::ManyMetersStop, "two meters and no utility: MESID with 01"),
    ("740", Place::SlowMeter, "a meter that is read by hand: later dates"),
    ("750", Place::Blocked, "blocked and recently disconnected meter"),
    ("760", Place::Inactive, "a residential meter out of service: esid lists it, esid/residential does not"),
    ("800", Place::MismatchLate, "TDSP_MISMATCH at the dates, once: the same person's next record goes well"),
    ("810", Place::OtherUtility, "the meter belongs to another utility than the ZIP"),
    ("820", Place::UnservedLate, "AREA_NOT_SERVICED at the dates"),
    ("830", Place::NoDates, "the dates come blank with 00 (hidden failure)"),
    ("840", Place::Dates(Failure::Technical), "available-dates fails (500)"),
    ("841", Place::Dates(Failure::Slow), "available-dates is slow"),
];

/// The meaning of the street number.
pub fn place(street_number: &str) -> Place {
    find(STREET_NUMBERS, street_number).unwrap_or(Place::Plain)
}

/// What a last name does to `identity` and the quiz.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Person {
    Plain,
    /// Fails on every call; the fourth is the last, or gives a hold.
    Fails {
        hold_at_last: bool,
    },
    FailsForGood,
    /// Goes on with an identity hold, which `enroll` accepts or not.
    Held {
        permitted: bool,
    },
    HeldPastDue,
    HeldPastService,
    HeldRestricted,
    PastService,
    PastBalance,
    Current,
    Restricted,
    Undecided,
    Exact,
    /// Not verified, and a quiz is suggested.
    Quiz(Quiz),
    TokenDown,
    TokenBroken,
    NotStored,
    InvalidBirthDate,
    OddCode,
    /// The record's `trackingId` is no number.
    OpaqueId,
    Failure(Failure),
}

/// What the quiz does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Quiz {
    Asks,
    /// There are questions, and a hold is permitted if the answers are wrong.
    AsksHeld,
    NoQuestions,
    Down,
    ResultFails,
}

const LAST_NAMES: &[Row<Person>] = &[
    (
        "Posidfail",
        Person::Fails { hold_at_last: false },
        "POSID_FAIL until the name is corrected; the fourth time POSID_FAIL_MAX",
    ),
    ("Posidlate", Person::Fails { hold_at_last: true }, "POSID_FAIL three times, then POSIDHOLD with 00"),
    ("Failmax", Person::FailsForGood, "POSID_FAIL_MAX at once"),
    ("Hold", Person::Held { permitted: true }, "POSIDHOLD with 00; enroll accepts it"),
    ("Holdrefused", Person::Held { permitted: false }, "POSIDHOLD with 00; enroll refuses it (E5)"),
    ("Holdpastdue", Person::HeldPastDue, "POSID_PASTDUE"),
    ("Holdpastservice", Person::HeldPastService, "POSID_PASTSERVICE"),
    ("Holdrestricted", Person::HeldRestricted, "POSIDHOLD with 01"),
    (
        "Pastservice",
        Person::PastService,
        "PAST_SERVICE_HISTORY; answered no: accepted without account number",
    ),
    ("Pastbalance", Person::PastBalance, "PAST_BALANCE; then accepted without account number"),
    ("Current", Person::Current, "CURRENT_CUSTOMER"),
    ("Restricted", Person::Restricted, "BP_RESTRICTION"),
    ("Undecided", Person::Undecided, "00 with bpMatchFlag BPSD; then accepted without account number"),
    ("Exact", Person::Exact, "00, an exact match of an earlier account"),
    ("Kba", Person::Quiz(Quiz::Asks), "POSID_FAIL and a quiz; a failed quiz ends in E5"),
    ("Kbahold", Person::Quiz(Quiz::AsksHeld), "POSID_FAIL and a quiz; a failed quiz is still accepted"),
    ("Kbanone", Person::Quiz(Quiz::NoQuestions), "a quiz without questions (POSIDHOLD with 00)"),
    ("Kbadown", Person::Quiz(Quiz::Down), "the quiz service fails (POSIDHOLD with 00, errorCode 1)"),
    ("Kbaerror", Person::Quiz(Quiz::ResultFails), "the answers cannot be processed (01, errorCode 1)"),
    ("Tokendown", Person::TokenDown, "TOKEN_SERVER_DOWN (200)"),
    ("Tokenbroken", Person::TokenBroken, "TOKEN_SERVER_DOWN (500)"),
    ("Notstored", Person::NotStored, "the record is not stored (500 INTERNAL_SERVER_ERROR)"),
    ("Invaliddob", Person::InvalidBirthDate, "INVALID_DOB (400)"),
    ("Oddcode", Person::OddCode, "01 with a code nobody knows"),
    ("Opaqueid", Person::OpaqueId, "a trackingId of 26 characters that begins with a letter, then as usual"),
    ("Technical", Person::Failure(Failure::Technical), "identity fails (500)"),
    ("Nocontent", Person::Failure(Failure::NoContent), "identity answers 204"),
    ("Slow", Person::Failure(Failure::Slow), "identity is slow"),
    ("Garbage", Person::Failure(Failure::Garbage), "identity answers with HTML"),
    ("Nostatus", Person::Failure(Failure::NoStatus), "identity answers without statusCode"),
    ("Oddstatus", Person::Failure(Failure::OddStatus), "identity answers with statusCode 07"),
    ("Unauthorized", Person::Failure(Failure::Unauthorized), "identity answers 401"),
    ("Forbidden", Person::Failure(Failure::Forbidden), "identity answers 403"),
];

/// What the last name does.
pub fn person(last_name: &str) -> Person {
    find(LAST_NAMES, last_name).unwrap_or(Person::Plain)
}

/// What the last four of the SSN (of the license, if there is no SSN) do to the token and the credit check.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum LastFour {
    Plain,
    Deposit {
        dollars: u32,
        factors: Factors,
    },
    /// A deposit that is spelled so, and not as the contract has it.
    Spelled(&'static str),
    /// A deposit that is no amount.
    Unreadable,
    Freeze,
    FreezeOnce,
    Fraud,
    NoAmount,
    Credit(Failure),
    Token(Failure),
    /// The token ends in letters, which `identity` answers as a failure of the token service.
    TokenUnusable,
}

/// The form of `creditFactorsText`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Factors {
    Listed,
    OneBlank,
    Null,
}

const fn deposit(dollars: u32, factors: Factors) -> LastFour {
    LastFour::Deposit { dollars, factors }
}

const LAST_FOURS: &[Row<LastFour>] = &[
    ("0150", deposit(150, Factors::Null), "deposit of $150, reasons null"),
    ("0200", deposit(200, Factors::OneBlank), "deposit of $200, no reasons; another SSN lowers it"),
    ("0350", deposit(350, Factors::Listed), "deposit of $350, with reasons"),
    ("0213", LastFour::Spelled("213.45"), "deposit spelled 213.45"),
    ("0201", LastFour::Spelled("$200"), "deposit spelled $200"),
    ("1200", LastFour::Spelled("1,200"), "deposit spelled 1,200"),
    ("0009", LastFour::Unreadable, "a deposit that nobody can read (see letter); enroll refuses (E5)"),
    ("0001", LastFour::Freeze, "CREDIT_FREEZE"),
    ("0011", LastFour::FreezeOnce, "CREDIT_FREEZE, lifted at the second check"),
    ("0002", LastFour::Fraud, "CREDIT_FRAUD"),
    ("0003", LastFour::NoAmount, "the deposit amount comes as null; enroll refuses (E5)"),
    ("0004", LastFour::Credit(Failure::Technical), "the credit check fails (500)"),
    ("0005", LastFour::Credit(Failure::Slow), "the credit check is slow"),
    ("0006", LastFour::Credit(Failure::NoContent), "the credit check answers 204"),
    ("0500", LastFour::Token(Failure::Technical), "token fails (500)"),
    ("0501", LastFour::Token(Failure::Slow), "token is slow"),
    ("0502", LastFour::Token(Failure::Garbage), "token answers with HTML"),
    ("0503", LastFour::TokenUnusable, "the token is unusable: identity says TOKEN_SERVER_DOWN"),
];

/// What the last four digits do.
pub fn last_four(digits: &str) -> LastFour {
    find(LAST_FOURS, digits).unwrap_or(LastFour::Plain)
}

/// What a first name does to `enroll`, and to `holds` afterwards.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Submission {
    Plain,
    NoAccount,
    Zeros,
    Current,
    Unserved,
    RefusedOnce,
    Refused,
    Already,
    Duplicate,
    NoMatch,
    BadRequest,
    Hang,
    /// Enrolled; `holds` cannot be read.
    HoldsUnread,
    /// Enrolled; `holds` lists something.
    HoldsListed,
    /// The record is closed, but the answer is lost.
    Failure(Failure),
}

const FIRST_NAMES: &[Row<Submission>] = &[
    ("Blank", Submission::NoAccount, "enroll: accepted without account number (E2)"),
    ("Zeros", Submission::Zeros, "enroll: account number of zeros, checkDigit 0 (E2)"),
    ("Existing", Submission::Current, "enroll: CURRENT_CUSTOMER (E3)"),
    ("Nowhere", Submission::Unserved, "enroll: AREA_NOT_SERVICED (E4)"),
    ("Notyet", Submission::RefusedOnce, "enroll: ENROLLMENT_NOT_ALLOWED once, then enrolled (E5)"),
    ("Never", Submission::Refused, "enroll: ENROLLMENT_NOT_ALLOWED always (E5)"),
    ("Already", Submission::Already, "enroll: ENROLLMENT_ALREADY_REQUESTED (E6)"),
    ("Double", Submission::Duplicate, "enroll: DUPLICATE_SUBMISSION (E6)"),
    ("Nomatch", Submission::NoMatch, "enroll: NO_MATCH_FOUND (E7)"),
    ("Badrequest", Submission::BadRequest, "enroll: BAD_REQUEST (E8)"),
    ("Technical", Submission::Failure(Failure::Technical), "enroll: 500, and the record is closed (E9)"),
    ("Nocontent", Submission::Failure(Failure::NoContent), "enroll: 204, and the record is closed"),
    ("Garbage", Submission::Failure(Failure::Garbage), "enroll: HTML, and the record is closed"),
    ("Nostatus", Submission::Failure(Failure::NoStatus), "enroll: no statusCode, and the record is closed"),
    ("Cut", Submission::Failure(Failure::Cut), "enroll: the answer breaks off, and the record is closed"),
    ("Slow", Submission::Failure(Failure::Slow), "enroll: slow, then enrolled"),
    ("Hang", Submission::Hang, "enroll: twenty times as slow, then enrolled"),
    ("Unread", Submission::HoldsUnread, "enrolled; holds answers HOLD_LOOKUP_ERROR"),
    ("Listed", Submission::HoldsListed, "enrolled; holds lists a document that is missing"),
];

/// What the first name does.
pub fn submission(first_name: &str) -> Submission {
    find(FIRST_NAMES, first_name).unwrap_or(Submission::Plain)
}

/// What a prospect id does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Prospect {
    Approved,
    Found,
    Unknown,
    Failure(Failure),
}

const PROSPECTS: &[Row<Prospect>] = &[
    ("P000123", Prospect::Approved, "pre-approved: never a deposit"),
    ("P000124", Prospect::Found, "found, not pre-approved"),
    ("P000404", Prospect::Unknown, "NO_PROSPECT_MATCH_FOUND"),
    ("P000500", Prospect::Failure(Failure::Technical), "prospect fails (500)"),
];

/// What the prospect id does.
pub fn prospect(id: &str) -> Prospect {
    find(PROSPECTS, id).unwrap_or(Prospect::Approved)
}

/// What a invented account number does to `holds`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Account {
    None,
    Deposit,
    Documents,
    Unreadable,
    Failure(Failure),
}

const ACCOUNTS: &[Row<Account>] = &[
    ("000000000101", Account::None, "NO_HOLD_ON_ACCOUNT"),
    ("000000000102", Account::Deposit, "a deposit hold"),
    ("000000000103", Account::Documents, "an identity hold without title and description"),
    ("000000000104", Account::Unreadable, "HOLD_LOOKUP_ERROR"),
    ("000000000105", Account::Failure(Failure::Technical), "holds fails (500)"),
];

/// What the account number does, if it is one of the invented ones.
pub fn account(number: &str) -> Option<Account> {
    find(ACCOUNTS, number)
}

/// Rules that are not in a table.
const NOTES: &[TestInput] = &[
    TestInput {
        field: "Affiliate id",
        value: "AFF-BLOCKED",
        outcome: "403, as every id but the configured one",
    },
    TestInput {
        field: "SSN",
        value: "900-45-6789",
        outcome: "any SSN from 900 to 999 is taken, others are refused",
    },
    TestInput {
        field: "E-mail",
        value: "jordan@example.com",
        outcome: "only example.com, .org, .net and .test are taken",
    },
    TestInput { field: "Phone", value: "713 555 0142", outcome: "only numbers that contain 555 are taken" },
    TestInput {
        field: "Quiz answer",
        value: "Sample …",
        outcome: "the option that begins with Sample is right",
    },
];

fn find<T: Copy>(table: &[Row<T>], value: &str) -> Option<T> {
    table.iter().find(|(known, ..)| known.eq_ignore_ascii_case(value.trim())).map(|(_, means, _)| *means)
}

/// Every test input, table by table.
pub fn all() -> &'static [TestInput] {
    fn rows<T>(field: &'static str, table: &'static [Row<T>]) -> impl Iterator<Item = TestInput> {
        table.iter().map(move |(value, _, outcome)| TestInput { field, value, outcome })
    }
    static ALL: LazyLock<Vec<TestInput>> = LazyLock::new(|| {
        rows("ZIP", ZIPS)
            .chain(rows("Promo code", PROMOS))
            .chain(rows("Street number", STREET_NUMBERS))
            .chain(rows("Last name", LAST_NAMES))
            .chain(rows("SSN or license, last four", LAST_FOURS))
            .chain(rows("First name", FIRST_NAMES))
            .chain(rows("Prospect id", PROSPECTS))
            .chain(rows("Account number", ACCOUNTS))
            .chain(NOTES.iter().cloned())
            .collect()
    });
    &ALL
}
