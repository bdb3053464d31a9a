//! Unit numbers.

use super::{designator::Designator, nothing, problem::Problem, typed};

/// A unit as NRG's one field of at most 10 characters takes it (contract 5.3), in capitals: the number without the word
/// before it, "12B"; of a home in a part of the building both numbers, "2-105"; a home without a number by its USPS
/// abbreviation, "REAR".
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unit(String);

impl Unit {
    const MAX: usize = 10;

    /// Reads "12b", "Apt 12B", "#12B", "Apto. 12B", "Bldg 2 Apt 105", "2nd floor", "Rear".
    ///
    /// # Errors
    /// [`Problem::Missing`], also of what says that there is none ("N/A", "casa", the word "Apt" alone),
    /// [`Problem::TooLong`], [`Problem::AddressCharacters`].
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let text = typed::tidy(typed, usize::MAX)?.to_uppercase();
        let mut parts: Vec<Part> = Vec::new();
        for word in words(&text) {
            let (designator, number) = match Designator::of(word) {
                Some((designator, number)) => (Some(designator), number),
                None => (None, word),
            };
            match parts.last_mut() {
                Some(part) if designator.is_none() => part.add(number),
                // "2nd floor".
                Some(part) if number.is_empty() && part.is_ordinal_of(designator) => {
                    part.take_designator(designator)
                }
                _ => parts.push(Part { designator, number: number.to_owned() }),
            }
        }
        if nothing::is_said(&text) || parts.iter().all(Part::is_nothing) {
            return Err(Problem::Missing);
        }
        Self::stored(&written(parts))
    }

    /// A unit as it is kept, which an older version may have read otherwise.
    fn stored(text: &str) -> Result<Self, Problem> {
        let text = typed::tidy(text, Self::MAX)?;
        if !text.chars().all(typed::is_address_character) {
            return Err(Problem::AddressCharacters);
        }
        Ok(Self(text))
    }

    /// Takes the unit off the end of a tidy street line, "100 Example Oak Ln Apt 12", or off its beginning, "Apt 12, 100
    /// Example Oak Ln".
    pub(super) fn off_street(line: &str) -> Option<(String, Self)> {
        let words: Vec<&str> = line.split(' ').collect();
        let capitals: Vec<String> =
            words.iter().map(|word| word.trim_matches(['.', ',']).to_uppercase()).collect();
        let is_value = |word: &String| {
            let number = Designator::of(word).map_or(word.as_str(), |(_, number)| number);
            number.chars().any(|c| c.is_ascii_digit()) || number.chars().count() <= 1
        };
        let (unit, street) = if words.first()?.starts_with(|c: char| c.is_ascii_digit()) {
            // Behind a number and at least one word of the name.
            let begins = |at: &usize| {
                let after = capitals.get(at + 1..).unwrap_or_default();
                capitals.get(*at).is_some_and(|word| {
                    Designator::follows_street(word, after.is_empty()) && after.iter().all(is_value)
                })
            };
            let at = (2..words.len()).find(begins)?;
            (words.get(at..)?, words.get(..at)?)
        } else {
            // Before the number of the street.
            capitals.first().filter(|word| Designator::follows_street(word, false))?;
            let number =
                |word: &String| !Designator::of(word).map_or(word.as_str(), |(_, number)| number).is_empty();
            let at = capitals.iter().position(number)? + 1;
            words.get(at)?.starts_with(|c: char| c.is_ascii_digit()).then_some(())?;
            (words.get(..at)?, words.get(at..)?)
        };
        let unit = Self::parse(&unit.join(" ")).ok()?;
        let street = street.join(" ");
        Some((street.trim_end_matches([',', ' ']).to_owned(), unit))
    }

    /// The unit that two fields name, this one and `other`: the same, or one of them a part of the building that the other
    /// is in.
    ///
    /// # Errors
    /// [`Problem::OtherUnit`], [`Problem::TooLong`].
    pub fn with(self, other: Self) -> Result<Self, Problem> {
        let is_in =
            |home: &Self, whole: &Self| whole.0.rsplit_once('-').is_some_and(|(_, last)| last == home.0);
        let part = |unit: &Self| {
            let (word, number) = unit.0.split_once(' ')?;
            let (Designator::Part(_), "") = Designator::of(word)? else { return None };
            Some(number.to_owned())
        };
        match (part(&self), part(&other)) {
            _ if self == other || is_in(&other, &self) => Ok(self),
            _ if is_in(&self, &other) => Ok(other),
            (Some(part), None) if other.0.starts_with(&format!("{part}-")) => Ok(other),
            (None, Some(part)) if self.0.starts_with(&format!("{part}-")) => Ok(self),
            (Some(part), None) => Self::stored(&format!("{part}-{}", other.0)),
            (None, Some(part)) => Self::stored(&format!("{part}-{}", self.0)),
            (Some(_), Some(_)) | (None, None) => Err(Problem::OtherUnit),
        }
    }

    /// Whether `typed` says that there is no unit, and is not merely left blank or begun.
    pub fn is_denied(typed: &str) -> bool {
        let says = |word: &str| nothing::is_word(word) || HOUSES.contains(&word) || HOMES.contains(&word);
        Self::parse(typed) == Err(Problem::Missing) && words(&typed.to_uppercase()).any(says)
    }

    /// The one of `listed` that this unit is in other words: of "2-105" it is "2105", or else "105".
    pub fn among<'a>(&self, listed: &'a [Self]) -> Option<&'a Self> {
        let (_, home) = self.0.rsplit_once('-')?;
        let bare = |unit: &Self| unit.0.replace(|c: char| !c.is_alphanumeric(), "");
        let same = listed.iter().find(|unit| bare(unit) == bare(self));
        same.or_else(|| listed.iter().find(|unit| unit.0 == home))
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

redacted_debug!(Unit);
stored_as_text!(Unit, as_str, stored);

/// A number, and the word before it.
struct Part {
    designator: Option<Designator>,
    number: String,
}

/// What people call a home that has no unit, beside the designators.
const HOUSES: [&str; 5] = ["SINGLE", "FAMILY", "SINGLE-FAMILY", "UNIFAMILIAR", "PRIVATE"];

/// Designators that alone say the same.
const HOMES: [&str; 3] = ["HOUSE", "HOME", "CASA"];

impl Part {
    fn add(&mut self, number: &str) {
        if !self.number.is_empty() {
            self.number.push(' ');
        }
        self.number.push_str(number);
    }

    /// Whether it is an ordinal, and the word after it names a part of the building.
    fn is_ordinal_of(&self, designator: Option<Designator>) -> bool {
        let ending = self.number.trim_start_matches(|c: char| c.is_ascii_digit());
        self.designator.is_none()
            && matches!(designator, Some(Designator::Part(_)))
            && ending.len() < self.number.len()
            && ["ST", "ND", "RD", "TH", "ER", "DO", "RO", "TO", "º"].contains(&ending)
    }

    fn take_designator(&mut self, designator: Option<Designator>) {
        self.designator = designator;
        self.number.retain(|c| c.is_ascii_digit());
    }

    /// Whether it says that there is no unit.
    fn is_nothing(&self) -> bool {
        matches!(self.designator, None | Some(Designator::Home))
            && self
                .number
                .split(' ')
                .all(|word| word.is_empty() || nothing::is_word(word) || HOUSES.contains(&word))
    }
}

/// The words of a unit in capitals. A "#" begins one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c == ' ' || ",;:".contains(c));
    let parts = parts.flat_map(|word| {
        let (before, number) = word.split_at(word.find('#').unwrap_or(word.len()));
        [before, number]
    });
    let bare = parts.map(|word| word.trim_matches(['.', '(', ')', '-']));
    bare.filter(|word| !word.is_empty())
}

/// The parts in one line, those of the building first.
fn written(mut parts: Vec<Part>) -> String {
    let is_building = |part: &Part| matches!(part.designator, Some(Designator::Part(_)));
    let names_home =
        parts.iter().any(|part| !is_building(part) && (!part.number.is_empty() || !part.is_nothing()));
    parts.sort_by_key(|part| !is_building(part));
    let mut line = String::new();
    let mut after_place = false;
    for Part { designator, number } in parts {
        let (text, is_place) = match designator {
            Some(Designator::Place(word)) => (format!("{word} {number}"), true),
            Some(Designator::Part(word)) if !number.is_empty() && !names_home && !number.contains('-') => {
                (format!("{word} {number}"), false)
            }
            Some(Designator::Home | Designator::Part(_)) | None => (number, false),
        };
        let text = text.trim_end();
        if text.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(if is_place || after_place { ' ' } else { '-' });
        }
        line.push_str(text);
        after_place = is_place;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_is_stripped_of_its_designator_or_refused() {
        for (typed, expected) in [
            ("12", Ok("12")),
            ("12b", Ok("12B")),
            ("12 b", Ok("12 B")),
            ("Apt 12", Ok("12")),
            ("apt.12", Ok("12")),
            ("Apt: 12", Ok("12")),
            ("Apt12", Ok("12")),
            ("APT # 12", Ok("12")),
            ("Apt 12, Unit", Ok("12")),
            ("#12", Ok("12")),
            ("#B", Ok("B")),
            ("Unit A", Ok("A")),
            ("Suite 200", Ok("200")),
            ("Apto. 4", Ok("4")),
            ("Lote 7", Ok("7")),
            ("No. 5", Ok("5")),
            ("Nº 5", Ok("5")),
            ("Int. 5", Ok("5")),
            ("Casa 5", Ok("5")),
            ("TRLR 5", Ok("5")),
            ("Rm 5", Ok("5")),
            ("Spc 5", Ok("5")),
            ("Slip 5", Ok("5")),
            ("Hngr 5", Ok("5")),
            ("Dept 5", Ok("5")),
            ("Stella", Ok("STELLA")),
            ("2-105", Ok("2-105")),
            // Without a number.
            ("Rear", Ok("REAR")),
            ("Back house", Ok("REAR")),
            ("Basement", Ok("BSMT")),
            ("sótano", Ok("BSMT")),
            ("Upstairs", Ok("UPPR")),
            ("Lowr", Ok("LOWR")),
            ("Front", Ok("FRNT")),
            ("Lobby", Ok("LBBY")),
            ("Office", Ok("OFC")),
            ("Garage apt", Ok("GRG")),
            ("Penthouse 3", Ok("PH 3")),
            ("PH3", Ok("PH 3")),
            ("Apt 2 Rear", Ok("2 REAR")),
            // A part of the building.
            ("Bldg 2 Apt 105", Ok("2-105")),
            ("Apartment 105, Building 2", Ok("2-105")),
            ("Edif. 3 #12", Ok("3-12")),
            ("Bldg. B Unit 12", Ok("B-12")),
            ("Torre 1 Depto 4", Ok("1-4")),
            ("2 #105", Ok("2-105")),
            ("Bldg 2-105", Ok("2-105")),
            ("Building 2", Ok("BLDG 2")),
            ("Piso 3", Ok("FL 3")),
            ("2nd floor", Ok("FL 2")),
            ("3er piso, Apto. 4", Ok("3-4")),
            ("Fl 3 Rear", Ok("3 REAR")),
            // None.
            ("", Err(Problem::Missing)),
            ("Apt", Err(Problem::Missing)),
            ("Apt #", Err(Problem::Missing)),
            ("Bldg", Err(Problem::Missing)),
            ("#", Err(Problem::Missing)),
            ("-", Err(Problem::Missing)),
            ("No", Err(Problem::Missing)),
            ("No apt", Err(Problem::Missing)),
            ("none", Err(Problem::Missing)),
            ("Apt: none", Err(Problem::Missing)),
            ("N/A", Err(Problem::Missing)),
            ("ninguno", Err(Problem::Missing)),
            ("ninguna", Err(Problem::Missing)),
            ("no tengo", Err(Problem::Missing)),
            ("sin número", Err(Problem::Missing)),
            ("S/N", Err(Problem::Missing)),
            ("casa", Err(Problem::Missing)),
            ("House", Err(Problem::Missing)),
            ("home", Err(Problem::Missing)),
            ("single family home", Err(Problem::Missing)),
            // Refused.
            ("12345678901", Err(Problem::TooLong { max: 10 })),
            ("Bldg 12345 Apt 67890", Err(Problem::TooLong { max: 10 })),
            ("12<", Err(Problem::AddressCharacters)),
        ] {
            assert_eq!(Unit::parse(typed).as_ref().map(Unit::as_str).map_err(|p| *p), expected, "{typed:?}");
        }
    }

    #[test]
    fn every_postal_designator_is_read_long_and_short() {
        let read = |typed: &str| Unit::parse(typed).map(|unit| unit.0);
        let homes = "APARTMENT APT DEPARTMENT DEPT HANGAR HNGR KEY LOT PIER ROOM RM SLIP SPACE SPC STOP SUITE STE TRAILER \
            TRLR UNIT";
        for word in homes.split_whitespace() {
            assert_eq!(read(&format!("{word} 5")).as_deref(), Ok("5"), "{word}");
            assert_eq!(read(word), Err(Problem::Missing), "{word}");
        }
        let places = "BASEMENT BSMT FRONT FRNT LOBBY LBBY LOWER LOWR OFFICE OFC PENTHOUSE PH REAR REAR SIDE SIDE UPPER UPPR";
        for pair in places.split_whitespace().collect::<Vec<_>>().chunks(2) {
            for word in pair {
                assert_eq!(read(word).as_deref(), Ok(pair[1]), "{word}");
                assert_eq!(read(&format!("{word} 5")), Ok(format!("{} 5", pair[1])));
            }
        }
        for (word, short) in [("BUILDING", "BLDG"), ("BLDG", "BLDG"), ("FLOOR", "FL"), ("FL", "FL")] {
            assert_eq!(read(&format!("{word} 2")), Ok(format!("{short} 2")));
            assert_eq!(read(&format!("{word} 2 APT 5")).as_deref(), Ok("2-5"));
        }
    }

    #[test]
    fn stored_unit_of_older_version_is_kept() {
        for stored in ["NONE", "TRAILER 2", "BUILDING 2", "12 - B"] {
            let unit: Unit = serde_json::from_value(stored.into()).unwrap();
            assert_eq!(unit.as_str(), stored);
        }
    }

    #[test]
    fn units_of_two_fields_are_one_or_differ() {
        for (one, other, expected) in [
            ("12", "Apt 12", Ok("12")),
            ("Bldg 2", "Apt 105", Ok("2-105")),
            ("105", "Bldg 2", Ok("2-105")),
            ("Bldg 2 Apt 105", "105", Ok("2-105")),
            ("105", "Bldg 2 Apt 105", Ok("2-105")),
            ("Bldg 2", "Bldg 2 Apt 105", Ok("2-105")),
            ("Bldg 2 Apt 105", "Bldg 2", Ok("2-105")),
            ("12", "13", Err(Problem::OtherUnit)),
            ("Bldg 2", "Bldg 3", Err(Problem::OtherUnit)),
            ("Bldg 12345", "Apt 67890", Err(Problem::TooLong { max: 10 })),
        ] {
            let [one, two] = [one, other].map(|unit| Unit::parse(unit).unwrap());
            assert_eq!(one.with(two).as_ref().map(Unit::as_str).map_err(|p| *p), expected, "{other}");
        }
    }

    #[test]
    fn unit_is_denied_only_in_words() {
        for (typed, denied) in [
            ("none", true),
            ("N/A", true),
            ("No.", true),
            ("casa", true),
            ("Apt none", true),
            ("", false),
            ("Apt", false),
            ("#", false),
            ("12", false),
            ("Casa 5", false),
        ] {
            assert_eq!(Unit::is_denied(typed), denied, "{typed:?}");
        }
    }

    #[test]
    fn unit_is_found_among_those_listed_in_other_words() {
        let listed = ["105", "205", "2205", "3-105"].map(|unit| Unit::parse(unit).unwrap());
        for (typed, found) in [
            ("Bldg 2 Apt 105", Some("105")),
            ("Bldg 2 Apt 205", Some("2205")),
            ("3 105", None),
            ("Bldg 3 Apt 105", Some("3-105")),
            ("Bldg 2 Apt 999", None),
            ("999", None),
        ] {
            let unit = Unit::parse(typed).unwrap();
            assert_eq!(unit.among(&listed).map(Unit::as_str), found, "{typed:?}");
        }
    }
}
