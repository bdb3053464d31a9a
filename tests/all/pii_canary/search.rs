//! A search for values in all the ways they may be written.

use std::collections::{BTreeSet, HashMap};

use base64::{Engine, engine::general_purpose::STANDARD};

/// A value as it may be written: as it is, in lower case, escaped for addresses, JSON and HTML, in hexadecimal, in
/// base64 at each of its three positions, and in UTF-16.
fn writings(value: &str) -> Vec<Vec<u8>> {
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let json = serde_json::to_string(value).unwrap();
    let html =
        value.replace('&', "&amp;").replace('\'', "&#x27;").replace('"', "&quot;").replace('<', "&lt;");
    let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut all: Vec<Vec<u8>> = vec![
        value.into(),
        value.to_lowercase().into(),
        value.to_uppercase().into(),
        form.replace('+', "%20").into(),
        form.into(),
        json.trim_matches('"').into(),
        html.into(),
        hex.to_uppercase().into(),
        hex.into(),
        wide,
    ];
    for shift in 0..3 {
        let padded = [&vec![b' '; shift][..], value.as_bytes()].concat();
        // The characters that hang on what stands before and after are left out.
        let whole = &padded[..padded.len() - padded.len() % 3];
        let text = STANDARD.encode(whole);
        let text = text.get(if shift == 0 { 0 } else { 4 }..).unwrap_or_default();
        if text.len() >= 8 {
            all.push(text.into());
            all.push(text.replace('+', "-").replace('/', "_").into());
        }
    }
    all.sort();
    all.dedup();
    all
}

/// A search for many writings at once.
pub struct Search {
    /// Whether a writing begins with these two bytes.
    begins: Vec<bool>,
    by_start: HashMap<[u8; 4], Vec<(usize, Vec<u8>)>>,
}

impl Search {
    /// For each of `values` by its number, all its writings.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut search = Self { begins: vec![false; 1 << 16], by_start: HashMap::new() };
        for (number, value) in values.into_iter().enumerate() {
            for writing in writings(value) {
                let start: [u8; 4] = writing[..4].try_into().unwrap();
                search.begins[usize::from(u16::from_le_bytes([start[0], start[1]]))] = true;
                search.by_start.entry(start).or_default().push((number, writing));
            }
        }
        search
    }

    /// The numbers of the values that are in `bytes`.
    pub fn of(&self, bytes: &[u8]) -> BTreeSet<usize> {
        self.places(bytes).into_iter().map(|(number, _)| number).collect()
    }

    /// Every place in `bytes` where a value begins, with the value's number.
    pub fn places(&self, bytes: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (at, start) in bytes.windows(4).enumerate() {
            if !self.begins[usize::from(u16::from_le_bytes([start[0], start[1]]))] {
                continue;
            }
            for (number, writing) in self.by_start.get(start).into_iter().flatten() {
                if bytes[at..].starts_with(writing) {
                    found.push((*number, at));
                }
            }
        }
        found
    }
}

#[test]
fn search_finds_value_in_every_encoding() {
    let value = "912-83-7465 O'Hara&ñ";
    let search = Search::new([value]);
    for shift in 0..3 {
        let text = format!("{}{value} and more", "x".repeat(shift));
        for written in [
            text.clone(),
            text.to_uppercase(),
            serde_json::to_string(&text).unwrap(),
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            text.replace('&', "&amp;").replace('\'', "&#x27;"),
            text.bytes().map(|byte| format!("{byte:02x}")).collect(),
            STANDARD.encode(&text),
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&text),
        ] {
            assert!(search.of(written.as_bytes()).contains(&0), "{written}");
        }
        assert!(search.of(text.replace('7', "8").as_bytes()).is_empty());
    }
}
