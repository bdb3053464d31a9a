//! The words that people write beside the number of a unit: those of USPS Publication 28 (appendix C2), and the Spanish
//! ones.

/// What such a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Designator {
    /// That a number follows. The number alone is the unit: "Apt 12" is 12.
    Home,
    /// A part of the building, with the word that stands for it where no home inside is named.
    Part(&'static str),
    /// A home by its place, with or without a number.
    Place(&'static str),
}

use Designator::{Home, Part, Place};

/// The designators with their words, in capitals and without dots.
#[rustfmt::skip]
const DESIGNATORS: [(Designator, &[&str]); 15] = [
    (Home, &[
        "#", "APARTMENT", "APARTMENTS", "APT", "APTS", "APART", "UNIT", "SUITE", "STE", "NUMBER", "NUM", "NO", "NBR",
        "ROOM", "RM", "SPACE", "SPC", "SP", "LOT", "TRAILER", "TRLR", "DEPARTMENT", "DEPT", "HANGAR", "HNGR", "KEY", "PIER",
        "SLIP", "STOP", "CONDO", "TOWNHOUSE", "TOWNHOME", "HOUSE", "HOME",
        "APARTAMENTO", "APTO", "DEPARTAMENTO", "DEPTO", "DPTO", "UNIDAD", "NÚMERO", "NUMERO", "NÚM", "Nº", "HABITACIÓN",
        "HABITACION", "ESPACIO", "LOTE", "TRÁILER", "REMOLQUE", "TRAILA", "MUELLE", "INTERIOR", "INT", "PUERTA", "VIVIENDA",
        "CONDOMINIO", "CASA",
    ]),
    (Part("BLDG"), &["BUILDING", "BLDG", "BLD", "BLDNG", "EDIFICIO", "EDIF"]),
    (Part("TWR"), &["TOWER", "TWR", "TORRE"]),
    (Part("BLK"), &["BLOCK", "BLK", "BLOQUE"]),
    (Part("FL"), &["FLOOR", "FL", "FLR", "LEVEL", "LVL", "PISO", "PLANTA", "NIVEL"]),
    (Place("BSMT"), &["BASEMENT", "BSMT", "SÓTANO", "SOTANO"]),
    (Place("FRNT"), &["FRONT", "FRNT", "FRENTE"]),
    (Place("REAR"), &["REAR", "BACK", "ATRÁS", "ATRAS", "FONDO"]),
    (Place("SIDE"), &["SIDE", "LADO"]),
    (Place("UPPR"), &["UPPER", "UPPR", "UPSTAIRS", "ARRIBA", "ALTOS"]),
    (Place("LOWR"), &["LOWER", "LOWR", "DOWNSTAIRS", "ABAJO", "BAJOS"]),
    (Place("LBBY"), &["LOBBY", "LBBY"]),
    (Place("OFC"), &["OFFICE", "OFC", "OFICINA"]),
    (Place("PH"), &["PENTHOUSE", "PH"]),
    (Place("GRG"), &["GARAGE", "GARAJE"]),
];

/// The designators that the end of a street line has: the others are also words of street names.
#[rustfmt::skip]
const AFTER_STREETS: [&str; 33] = [
    "#", "APARTMENT", "APT", "UNIT", "SUITE", "STE", "ROOM", "RM", "SPACE", "SPC", "LOT", "TRAILER", "TRLR", "HANGAR", "HNGR",
    "SLIP", "CONDO", "APARTAMENTO", "APTO", "DEPARTAMENTO", "DEPTO", "DPTO", "UNIDAD", "ESPACIO", "LOTE", "INTERIOR", "INT",
    "BUILDING", "BLDG", "EDIFICIO", "EDIF", "FLOOR", "PISO",
];

/// Those that need no number there.
const PLACES_AFTER_STREETS: [&str; 5] = ["REAR", "BASEMENT", "BSMT", "PENTHOUSE", "PH"];

impl Designator {
    /// The designator of a word in capitals, and what follows it in the word: "APT12" is 12 after "APT".
    pub(super) fn of(word: &str) -> Option<(Self, &str)> {
        if let Some(number) = word.strip_prefix('#') {
            return Some((Home, number));
        }
        let letters = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
        let (name, number) = word.split_at(letters);
        let number = number.trim_start_matches(['.', ':', '-']);
        let found = DESIGNATORS.iter().find(|(_, words)| words.contains(&name))?.0;
        (number.is_empty() || number.starts_with(|c: char| c.is_ascii_digit() || c == '#'))
            .then_some((found, number.trim_start_matches('#')))
    }

    /// Whether a word in capitals can begin the unit at the end of a street line; `ends`: it is the line's last word.
    pub(super) fn follows_street(word: &str, ends: bool) -> bool {
        let name = word.split(|c: char| !c.is_alphabetic() && c != '#').next().unwrap_or_default();
        let name = if name.starts_with('#') { "#" } else { name };
        let alone = ends && Self::of(word).is_some_and(|(_, number)| number.is_empty());
        match alone {
            true => PLACES_AFTER_STREETS.contains(&name),
            false => AFTER_STREETS.contains(&name) || ["PENTHOUSE", "PH"].contains(&name),
        }
    }
}
