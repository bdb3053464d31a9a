//! The abbreviations of USPS Publication 28: whether two spellings of an address name the same delivery point.

use super::{address::ServiceAddress, fold::fold};

/// Street suffixes: the word, and its standard abbreviation (appendix C1).
#[rustfmt::skip]
const SUFFIXES: [(&str, &str); 182] = [
    ("ALLEY", "ALY"), ("ANEX", "ANX"), ("ARCADE", "ARC"), ("AVENUE", "AVE"), ("BAYOU", "BYU"),
    ("BEACH", "BCH"), ("BEND", "BND"), ("BLUFF", "BLF"), ("BLUFFS", "BLFS"), ("BOTTOM", "BTM"),
    ("BOULEVARD", "BLVD"), ("BRANCH", "BR"), ("BRIDGE", "BRG"), ("BROOK", "BRK"), ("BROOKS", "BRKS"),
    ("BURG", "BG"), ("BURGS", "BGS"), ("BYPASS", "BYP"), ("CAMP", "CP"), ("CANYON", "CYN"), ("CAPE", "CPE"),
    ("CAUSEWAY", "CSWY"), ("CENTER", "CTR"), ("CENTERS", "CTRS"), ("CIRCLE", "CIR"), ("CIRCLES", "CIRS"),
    ("CLIFF", "CLF"), ("CLIFFS", "CLFS"), ("CLUB", "CLB"), ("COMMON", "CMN"), ("COMMONS", "CMNS"),
    ("CORNER", "COR"), ("CORNERS", "CORS"), ("COURSE", "CRSE"), ("COURT", "CT"), ("COURTS", "CTS"),
    ("COVE", "CV"), ("COVES", "CVS"), ("CREEK", "CRK"), ("CRESCENT", "CRES"), ("CREST", "CRST"),
    ("CROSSING", "XING"), ("CROSSROAD", "XRD"), ("CROSSROADS", "XRDS"), ("CURVE", "CURV"), ("DALE", "DL"),
    ("DAM", "DM"), ("DIVIDE", "DV"), ("DRIVE", "DR"), ("DRIVES", "DRS"), ("ESTATE", "EST"),
    ("ESTATES", "ESTS"), ("EXPRESSWAY", "EXPY"), ("EXTENSION", "EXT"), ("EXTENSIONS", "EXTS"),
    ("FALLS", "FLS"), ("FERRY", "FRY"), ("FIELD", "FLD"), ("FIELDS", "FLDS"), ("FLAT", "FLT"),
    ("FLATS", "FLTS"), ("FORD", "FRD"), ("FORDS", "FRDS"), ("FOREST", "FRST"), ("FORGE", "FRG"),
    ("FORGES", "FRGS"), ("FORK", "FRK"), ("FORKS", "FRKS"), ("FORT", "FT"), ("FREEWAY", "FWY"),
    ("GARDEN", "GDN"), ("GARDENS", "GDNS"), ("GATEWAY", "GTWY"), ("GLEN", "GLN"), ("GLENS", "GLNS"),
    ("GREEN", "GRN"), ("GREENS", "GRNS"), ("GROVE", "GRV"), ("GROVES", "GRVS"), ("HARBOR", "HBR"),
    ("HARBORS", "HBRS"), ("HAVEN", "HVN"), ("HEIGHTS", "HTS"), ("HIGHWAY", "HWY"), ("HILL", "HL"),
    ("HILLS", "HLS"), ("HOLLOW", "HOLW"), ("INLET", "INLT"), ("ISLAND", "IS"), ("ISLANDS", "ISS"),
    ("JUNCTION", "JCT"), ("JUNCTIONS", "JCTS"), ("KEY", "KY"), ("KEYS", "KYS"), ("KNOLL", "KNL"),
    ("KNOLLS", "KNLS"), ("LAKE", "LK"), ("LAKES", "LKS"), ("LANDING", "LNDG"), ("LANE", "LN"),
    ("LIGHT", "LGT"), ("LIGHTS", "LGTS"), ("LOAF", "LF"), ("LOCK", "LCK"), ("LOCKS", "LCKS"),
    ("LODGE", "LDG"), ("MANOR", "MNR"), ("MANORS", "MNRS"), ("MEADOW", "MDW"), ("MEADOWS", "MDWS"),
    ("MILL", "ML"), ("MILLS", "MLS"), ("MISSION", "MSN"), ("MOTORWAY", "MTWY"), ("MOUNT", "MT"),
    ("MOUNTAIN", "MTN"), ("MOUNTAINS", "MTNS"), ("NECK", "NCK"), ("ORCHARD", "ORCH"), ("OVERPASS", "OPAS"),
    ("PARKWAY", "PKWY"), ("PASSAGE", "PSGE"), ("PINE", "PNE"), ("PINES", "PNES"), ("PLACE", "PL"),
    ("PLAIN", "PLN"), ("PLAINS", "PLNS"), ("PLAZA", "PLZ"), ("POINT", "PT"), ("POINTS", "PTS"),
    ("PORT", "PRT"), ("PORTS", "PRTS"), ("PRAIRIE", "PR"), ("RADIAL", "RADL"), ("RANCH", "RNCH"),
    ("RAPID", "RPD"), ("RAPIDS", "RPDS"), ("REST", "RST"), ("RIDGE", "RDG"), ("RIDGES", "RDGS"),
    ("RIVER", "RIV"), ("ROAD", "RD"), ("ROADS", "RDS"), ("ROUTE", "RTE"), ("SHOAL", "SHL"),
    ("SHOALS", "SHLS"), ("SHORE", "SHR"), ("SHORES", "SHRS"), ("SKYWAY", "SKWY"), ("SPRING", "SPG"),
    ("SPRINGS", "SPGS"), ("SQUARE", "SQ"), ("SQUARES", "SQS"), ("STATION", "STA"), ("STRAVENUE", "STRA"),
    ("STREAM", "STRM"), ("STREET", "ST"), ("STREETS", "STS"), ("SUMMIT", "SMT"), ("TERRACE", "TER"),
    ("THROUGHWAY", "TRWY"), ("TRACE", "TRCE"), ("TRACK", "TRAK"), ("TRAFFICWAY", "TRFY"), ("TRAIL", "TRL"),
    ("TRAILER", "TRLR"), ("TUNNEL", "TUNL"), ("TURNPIKE", "TPKE"), ("UNDERPASS", "UPAS"), ("UNION", "UN"),
    ("UNIONS", "UNS"), ("VALLEY", "VLY"), ("VALLEYS", "VLYS"), ("VIADUCT", "VIA"), ("VIEW", "VW"),
    ("VIEWS", "VWS"), ("VILLAGE", "VLG"), ("VILLAGES", "VLGS"), ("VILLE", "VL"), ("VISTA", "VIS"),
    ("WELL", "WL"), ("WELLS", "WLS"),
];

/// Other spellings of suffixes that people write.
#[rustfmt::skip]
const SPELLINGS: [(&str, &str); 36] = [
    ("AV", "AVE"), ("AVEN", "AVE"), ("AVN", "AVE"), ("BOUL", "BLVD"), ("BOULV", "BLVD"), ("CRCL", "CIR"),
    ("CIRC", "CIR"), ("CRT", "CT"), ("CRSSNG", "XING"), ("DRV", "DR"), ("EXPR", "EXPY"),
    ("EXPRESS", "EXPY"), ("FRWY", "FWY"), ("FREEWY", "FWY"), ("HIWAY", "HWY"), ("HIGHWY", "HWY"),
    ("HT", "HTS"), ("HLLW", "HOLW"), ("LA", "LN"), ("MNTN", "MTN"), ("PARKWY", "PKWY"), ("PKY", "PKWY"),
    ("PKWAY", "PKWY"), ("PLZA", "PLZ"), ("RNCHS", "RNCH"), ("RVR", "RIV"), ("SQR", "SQ"), ("STR", "ST"),
    ("STRT", "ST"), ("TERR", "TER"), ("TR", "TRL"), ("TRLS", "TRL"), ("TRNPK", "TPKE"), ("VST", "VIS"),
    ("VLLY", "VLY"), ("VILL", "VLG"),
];

/// Directionals (section 233).
const DIRECTIONALS: [(&str, &str); 8] = [
    ("NORTH", "N"),
    ("SOUTH", "S"),
    ("EAST", "E"),
    ("WEST", "W"),
    ("NORTHEAST", "NE"),
    ("NORTHWEST", "NW"),
    ("SOUTHEAST", "SE"),
    ("SOUTHWEST", "SW"),
];

impl ServiceAddress {
    /// Whether both are one address to the postal service: capitals, abbreviations of street suffixes and
    /// directionals, and the ZIP+4 do not count. Of two spellings that only a person would take for one it says no.
    pub fn same_delivery_point(&self, other: &Self) -> bool {
        let key = |address: &Self| {
            let Self { street, unit, city, zip, plus_four: _ } = address;
            (
                words(street.number()),
                street_name(street.name()),
                unit.clone(),
                words(city.as_str()),
                zip.clone(),
            )
        };
        key(self) == key(other)
    }

    /// The address as one word for all spellings of it: as [`same_delivery_point`](Self::same_delivery_point) reads it, and
    /// without the accents, spaces, signs and leading zeros of street and unit. The city is left out, as its ZIP code
    /// stands for it. Two homes may, rarely, be folded to one; so it is good for a question, not for a decision.
    pub fn folded(&self) -> String {
        let Self { street, unit, city: _, zip, plus_four: _ } = self;
        let unit = unit.as_ref().map_or_else(Vec::new, |unit| words(unit.as_str()));
        let parts = [words(street.number()), street_name(street.name()), unit];
        let [number, name, unit] = parts.map(|words| {
            let signs: String = fold(&words.concat()).chars().filter(|c| c.is_alphanumeric()).collect();
            signs.trim_start_matches('0').to_owned()
        });
        format!("{number} {name} #{unit} {}", zip.as_str())
    }
}

/// The words of `text` in capitals, without the periods and commas at their ends.
fn words(text: &str) -> Vec<String> {
    let bare = text.split_whitespace().map(|word| word.trim_matches(['.', ',']).to_uppercase());
    bare.filter(|word| !word.is_empty()).collect()
}

fn abbreviated(words: &[String], tables: &[&[(&str, &str)]]) -> Vec<String> {
    let standard = |word: &String| {
        let found = tables.iter().copied().flatten().find(|(long, _)| long == word);
        found.map_or_else(|| word.clone(), |(_, short)| (*short).to_owned())
    };
    words.iter().map(standard).collect()
}

fn is_directional(word: &String) -> bool {
    DIRECTIONALS.iter().any(|(long, short)| long == word || short == word)
}

/// The words of a street's name, abbreviated where they are no part of the name itself: "N Example Street Northwest" is
/// "N EXAMPLE ST NW", but of "North Street" only the suffix is abbreviated, as there may be an N Street.
fn street_name(name: &str) -> Vec<String> {
    let words = words(name);
    let (mut rest, mut after) = (words.as_slice(), None);
    if let [name @ .., last] = rest
        && name.len() > 1
        && is_directional(last)
    {
        (rest, after) = (name, Some(last));
    }
    let mut suffix = None;
    if let [name @ .., last] = rest
        && !name.is_empty()
    {
        (rest, suffix) = (name, Some(last));
    }
    let mut before = None;
    if let [first, name @ ..] = rest
        && !name.is_empty()
        && is_directional(first)
    {
        (rest, before) = (name, Some(first));
    }
    let part = |word: Option<&String>, tables: &[&[(&str, &str)]]| {
        abbreviated(word.map_or(&[], std::slice::from_ref), tables)
    };
    [
        part(before, &[&DIRECTIONALS]),
        rest.to_vec(),
        part(suffix, &[&SUFFIXES, &SPELLINGS]),
        part(after, &[&DIRECTIONALS]),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{prelude::*, sample::select};

    use super::*;
    use crate::{
        fields::{City, PlusFour, Street, Unit, Zip, optional},
        testing::properties,
    };

    fn address(street: &str, unit: &str, city: &str, zip: &str) -> ServiceAddress {
        let (zip, plus_four) = Zip::parse_with_plus_four(zip).unwrap();
        ServiceAddress {
            street: Street::parse(street).unwrap(),
            unit: optional(unit, Unit::parse).unwrap(),
            city: City::parse(city).unwrap(),
            zip,
            plus_four,
        }
    }

    #[test]
    fn abbreviations_capitals_and_plus_four_name_the_same_delivery_point() {
        for (typed, cleaned, same) in [
            ("100 Example Oak Ln", "100 EXAMPLE OAK LN", true),
            ("100 Example Oak Lane", "100 EXAMPLE OAK LN", true),
            ("100 example oak ln.", "100 EXAMPLE OAK LN", true),
            ("100 North Example Street", "100 N EXAMPLE ST", true),
            ("100 N. Example Str", "100 N EXAMPLE ST", true),
            ("100 Example Blvd Northwest", "100 EXAMPLE BLVD NW", true),
            ("100 S Example Boulevard East", "100 S EXAMPLE BLVD E", true),
            ("100 Avenue B", "100 AVENUE B", true),
            ("100 West Ave", "100 WEST AVE", true),
            // Other streets.
            ("100 North St", "100 N ST", false),
            ("100 Avenue N", "100 AVENUE NORTH", false),
            ("100 Example Street", "100 EXAMPLE AVE", false),
            ("100 Example St", "100 EXAMPLE", false),
            ("100 N Example St", "100 S EXAMPLE ST", false),
            ("100 Example St", "100 N EXAMPLE ST", false),
            ("100 Example St", "101 EXAMPLE ST", false),
            ("100 Street Ln", "100 ST LN", false),
        ] {
            let typed = address(typed, "", "Sampleton", "77999");
            let cleaned = address(cleaned, "", "SAMPLETON", "77999-0001");
            assert_eq!(typed.same_delivery_point(&cleaned), same, "{} {}", typed.line(), cleaned.line());
        }
    }

    #[test]
    fn unit_city_and_zip_count_for_the_delivery_point() {
        let home = address("100 Example Oak Ln", "12b", "Sampleton", "77999");
        for (unit, city, zip, same) in [
            ("Apt 12B", "SAMPLETON", "77999-0001", true),
            ("# 12b", "Sampleton", "77999", true),
            ("12", "Sampleton", "77999", false),
            ("", "Sampleton", "77999", false),
            ("12b", "Otherville", "77999", false),
            ("12b", "Sampleton", "77998", false),
        ] {
            let other = address("100 Example Oak Ln", unit, city, zip);
            assert_eq!(home.same_delivery_point(&other), same, "{}", other.line());
        }
        let in_words = address("100 Example Oak Ln", "Building 2", "Sampleton", "77999");
        assert!(in_words.same_delivery_point(&address("100 Example Oak Ln", "BLDG 2", "Sampleton", "77999")));
    }

    #[test]
    fn folded_address_is_equal_for_spellings_of_one_home() {
        let home = address("100 Example Oak Ln", "12b", "Sampleton", "77999");
        for (street, unit, zip, same) in [
            ("100 EXAMPLE OAK LANE", "Apt 12-B", "77999-0001", true),
            ("100 Exámple Oak Ln.", "# 012 b", "77999", true),
            ("100 Example Oak Ln", "12", "77999", false),
            ("100 Example Oak Ln", "", "77999", false),
            ("1001 Example Oak Ln", "2b", "77999", false),
            ("100 Example Oak St", "12b", "77999", false),
            ("100 Example Oak Ln", "12b", "77998", false),
        ] {
            let other = address(street, unit, "Sample Town", zip);
            assert_eq!(home.folded() == other.folded(), same, "{}", other.line());
        }
        properties::run((any_address(), any_address()), |(one, other)| {
            prop_assert!(!one.same_delivery_point(&other) || one.folded() == other.folded());
            Ok(())
        });
    }

    #[test]
    fn each_word_has_one_abbreviation() {
        let all = || SUFFIXES.iter().chain(&SPELLINGS);
        let longs: BTreeSet<_> = all().map(|(long, _)| long).collect();
        assert_eq!(longs.len(), all().count());
        let standard: BTreeSet<_> = SUFFIXES.iter().map(|(_, short)| short).collect();
        assert_eq!(standard.len(), SUFFIXES.len(), "no two suffixes are abbreviated alike");
        assert!(SPELLINGS.iter().all(|(long, short)| standard.contains(short) && !standard.contains(long)));
    }

    fn any_address() -> impl Strategy<Value = ServiceAddress> {
        let word = || {
            let all = SUFFIXES.iter().chain(&DIRECTIONALS).flat_map(|(long, short)| [*long, *short]);
            select(all.chain(["Example", "B", "5th"]).collect::<Vec<_>>())
        };
        let street = (1_u32..3, prop::collection::vec(word(), 1..5));
        let street = street.prop_map(|(number, name)| format!("{number} {}", name.join(" ")));
        let unit = select(vec!["", "2", "Building 2", "bldg 2", "Apt 2"]);
        let zip = select(vec!["77999", "77999-0001", "77998"]);
        let parts = (street, unit, select(vec!["Sampleton", "Otherville"]), zip);
        parts.prop_map(|(street, unit, city, zip)| address(&street, unit, city, zip))
    }

    #[test]
    fn same_delivery_point_is_an_equivalence_blind_to_case() {
        properties::run((any_address(), any_address()), |(one, other)| {
            prop_assert!(one.same_delivery_point(&one));
            prop_assert_eq!(one.same_delivery_point(&other), other.same_delivery_point(&one));
            let lower = ServiceAddress {
                street: Street::parse(&one.street.line().to_lowercase()).unwrap(),
                plus_four: PlusFour::parse("0009").ok(),
                ..one.clone()
            };
            prop_assert!(one.same_delivery_point(&lower));
            prop_assert_eq!(lower.same_delivery_point(&other), one.same_delivery_point(&other));
            prop_assert!(!one.same_place(&other) || one.same_delivery_point(&other));
            Ok(())
        });
    }
}
