//! The canaries: invented people with values that nobody and nothing else has.

/// An invented person with values that nobody and nothing else has.
#[derive(Clone, Copy)]
pub struct Canary {
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    /// Month, day, year.
    pub born: [&'static str; 3],
    pub street: &'static str,
    pub document: &'static str,
    pub number: &'static str,
}

/// Names choose what NRG answers where they are of its list, and are no canary then.
pub const PEOPLE: [Canary; 8] = [
    Canary {
        first_name: "Zephyrcanary",
        last_name: "Quillcanary",
        email: "plume.one@example.com",
        phone: "(713) 555-0161",
        born: ["11", "23", "1971"],
        street: "100 Featherbird Ln",
        document: "ssn",
        number: "987-45-0200",
    },
    Canary {
        first_name: "Ondinecanary",
        last_name: "Kba",
        email: "plume.two@example.com",
        phone: "(713) 555-0162",
        born: ["10", "24", "1972"],
        street: "101 Warblerbird Ln",
        document: "licence",
        number: "39481726",
    },
    Canary {
        first_name: "Mirthcanary",
        last_name: "Posidfail",
        email: "plume.three@example.com",
        phone: "(713) 555-0163",
        born: ["9", "25", "1973"],
        street: "102 Finchbird Ln",
        document: "ssn",
        number: "912 83 7465",
    },
    Canary {
        first_name: "Rowancanary",
        last_name: "Technical",
        email: "plume.four@example.com",
        phone: "(713) 555-0164",
        born: ["8", "26", "1974"],
        street: "103 Thrushbird Ln",
        document: "ssn",
        number: "913847562",
    },
    Canary {
        first_name: "Cut",
        last_name: "Larkcanary",
        email: "plume.five@example.com",
        phone: "(713) 555-0165",
        born: ["7", "27", "1975"],
        street: "104 Siskinbird Ln",
        document: "ssn",
        number: "914756382",
    },
    Canary {
        first_name: "Existing",
        last_name: "Wrencanary",
        email: "plume.six@example.com",
        phone: "(713) 555-0166",
        born: ["6", "28", "1976"],
        street: "105 Dunnockbird Ln",
        document: "ssn",
        number: "915665748",
    },
    Canary {
        first_name: "Orlacanary",
        last_name: "Garbage",
        email: "plume.seven@example.com",
        phone: "(713) 555-0167",
        born: ["5", "29", "1977"],
        street: "106 Robinbird Ln",
        document: "ssn",
        number: "916574839",
    },
    Canary {
        first_name: "Peregrinecanary",
        last_name: "Current",
        email: "plume.eight@example.com",
        phone: "(713) 555-0168",
        born: ["4", "30", "1978"],
        street: "200 Plumebird Ln",
        document: "ssn",
        number: "917483925",
    },
];

/// People who meet a slow NRG; the last name chooses what `identity` answers in the end. The rest of them is never
/// searched for.
const fn waiting(
    last_name: &'static str,
    street: &'static str,
    document: &'static str,
    number: &'static str,
) -> Canary {
    Canary {
        first_name: "Tanagercanary",
        last_name,
        email: "plume.nine@example.com",
        phone: "(713) 555-0169",
        born: ["11", "23", "1971"],
        street,
        document,
        number,
    }
}

pub const VERIFIED: Canary = waiting("Sparrowcanary", "110 Heronbird Ln", "ssn", "921-64-0200");
pub const WITH_LICENSE: Canary = waiting("Egretcanary", "111 Heronbird Ln", "licence", "48261937");
pub const FAILING: Canary = waiting("Technical", "112 Heronbird Ln", "ssn", "922 73 8164");
pub const REFUSED: Canary = waiting("Restricted", "113 Heronbird Ln", "ssn", "923738164");
pub const LEAVING: Canary = waiting("Kba", "114 Heronbird Ln", "licence", "59372816");
pub const HESITANT: Canary = waiting("Dovecanary", "117 Heronbird Ln", "ssn", "927-73-8168");
pub const TOKEN_SLOW: Canary = waiting("Plovercanary", "115 Heronbird Ln", "ssn", "924-73-8165");
pub const TOKEN_FAILING: Canary = waiting("Snipecanary", "116 Heronbird Ln", "ssn", "925-73-8166");
/// Typed at the deposit.
pub const OTHER_SSN: &str = "926-73-8167";

/// From April to November, in which they were born.
pub const MONTHS: [(&str, &str); 8] = [
    ("April", "abril"),
    ("May", "mayo"),
    ("June", "junio"),
    ("July", "julio"),
    ("August", "agosto"),
    ("September", "septiembre"),
    ("October", "octubre"),
    ("November", "noviembre"),
];
