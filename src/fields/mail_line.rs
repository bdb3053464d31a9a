//! Lines that mail goes to and that begin with no house number (USPS Publication 28, sections 24 to 26): rural and
//! highway contract routes, military mail, general delivery.

/// The routes as people write them, without dots, and as the post office does.
#[rustfmt::skip]
const ROUTES: [(&[&str], &str); 18] = [
    (&["RURAL", "ROUTE"], "RR"), (&["RURAL", "RTE"], "RR"), (&["RURAL", "RT"], "RR"), (&["RUTA", "RURAL"], "RR"),
    (&["RR"], "RR"), (&["R", "R"], "RR"), (&["RFD"], "RR"), (&["ROUTE"], "RR"), (&["RTE"], "RR"), (&["RT"], "RR"),
    (&["HIGHWAY", "CONTRACT", "ROUTE"], "HC"), (&["HIGHWAY", "CONTRACT"], "HC"), (&["STAR", "ROUTE"], "HC"),
    (&["HCR"], "HC"), (&["HC"], "HC"), (&["PSC"], "PSC"), (&["CMR"], "CMR"), (&["UNIT"], "UNIT"),
];

const BOXES: [&str; 6] = ["BOX", "BX", "APARTADO", "APDO", "BUZÓN", "BUZON"];

const GENERAL: [&[&str]; 3] =
    [&["GENERAL", "DELIVERY"], &["ENTREGA", "GENERAL"], &["LISTA", "DE", "CORREOS"]];

/// The post offices of military mail, as cities.
const POST_OFFICES: [&str; 3] = ["APO", "FPO", "DPO"];

/// A line in the two parts of a [`Street`](super::Street), which one after the other read as the post office writes it:
/// "RR 2" and "BOX 152", the first of at most `max` characters. The line may end in its post office, "APO AE", which the
/// fields for city and state have too.
pub(super) fn parts(line: &str, max: usize) -> Option<(String, String)> {
    let capitals = line.to_uppercase().replace('.', "").replace('#', " BOX ");
    let words = capitals.split([' ', ',']).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.take_while(|word| !POST_OFFICES.contains(word)).flat_map(apart).collect();
    if GENERAL.contains(&words.as_slice()) {
        return Some(("GENERAL".to_owned(), "DELIVERY".to_owned()));
    }
    let (rest, route) =
        ROUTES.iter().find_map(|(written, route)| Some((words.strip_prefix(*written)?, *route)))?;
    let [number, rest @ ..] = rest else { return None };
    let boxes = rest.iter().take_while(|word| BOXES.contains(word)).count();
    let (1.., Some([at])) = (boxes, rest.get(boxes..)) else { return None };
    let is_number = |text: &str| {
        text.contains(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if !is_number(number) || !is_number(at) {
        return None;
    }
    let whole = format!("{route} {number}");
    Some(if whole.len() <= max {
        (whole, format!("BOX {at}"))
    } else {
        // The units of ships have six digits.
        (route.to_owned(), format!("{number} BOX {at}"))
    })
}

/// A word and the number that is written to it, "RR2".
fn apart(word: &str) -> Vec<&str> {
    let (letters, number) = word.split_at(word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len()));
    let is_known = BOXES.contains(&letters) || ROUTES.iter().any(|(written, _)| *written == [letters]);
    if is_known && !number.is_empty() { vec![letters, number] } else { vec![word] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_line_without_house_number_is_read_in_two_parts() {
        for (line, expected) in [
            ("PSC 1234 Box 5678", Some(("PSC 1234", "BOX 5678"))),
            ("PSC 1234 Box 5678, APO AE 09012", Some(("PSC 1234", "BOX 5678"))),
            ("Unit 2050 Box 4190", Some(("UNIT 2050", "BOX 4190"))),
            ("Unit 100100 Box 4120 FPO AP", Some(("UNIT", "100100 BOX 4120"))),
            ("CMR 450, Box 12", Some(("CMR 450", "BOX 12"))),
            ("RR 2 Box 152", Some(("RR 2", "BOX 152"))),
            ("R.R. 2, Box 152-A", Some(("RR 2", "BOX 152-A"))),
            ("rr2 box152", Some(("RR 2", "BOX 152"))),
            ("RR 2 #152", Some(("RR 2", "BOX 152"))),
            ("RR 2 Box # 152", Some(("RR 2", "BOX 152"))),
            ("Rural Route 2 Box 152", Some(("RR 2", "BOX 152"))),
            ("Ruta rural 2 buzón 152", Some(("RR 2", "BOX 152"))),
            ("Rt. 2 Box 152", Some(("RR 2", "BOX 152"))),
            ("HC 65 Box 12", Some(("HC 65", "BOX 12"))),
            ("Highway Contract Route 65 Box 12", Some(("HC 65", "BOX 12"))),
            ("general delivery", Some(("GENERAL", "DELIVERY"))),
            ("Entrega general", Some(("GENERAL", "DELIVERY"))),
            ("RR 2", None),
            ("RR 2 152", None),
            ("RR Box 152", None),
            ("RR 2 Box", None),
            ("RR 2 Box 152 Oak Ln", None),
            ("Unit 12", None),
            ("PO Box 12", None),
            ("100 Route 2 Box 12", None),
            ("General Delivery Ln", None),
            ("", None),
        ] {
            let read = parts(line, 10);
            assert_eq!(read.as_ref().map(|(one, two)| (one.as_str(), two.as_str())), expected, "{line:?}");
        }
    }
}
