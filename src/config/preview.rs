//! `[preview]`: what previews of a site's links show, and whether search engines list its pages.

use super::{section::Section, words::read_words};
use crate::web::preview_settings::{OwnWords, PICTURE_SIZE, Picture, PreviewSettings};

/// What [`picture`] accepts.
const PICTURE: &str = "the path of a PNG or JPEG file of 1200 by 630 pixels and at most 300 kB";
/// WhatsApp shows no larger one.
const MAX_PICTURE_BYTES: usize = 300 * 1024;

pub(super) fn read(section: &mut Section<'_>) -> Option<PreviewSettings> {
    let title = read_words(section, "title");
    let description = read_words(section, "description");
    let picture = section.file("picture", PICTURE, picture);
    let search_engines = section.switch("search_engines");
    Some(PreviewSettings {
        words: OwnWords { title: title?, description: description? },
        picture: picture?,
        search_engines: search_engines?,
    })
}

/// The picture in `bytes`. Its type is detected from the content, whatever the file is called.
fn picture(bytes: Vec<u8>) -> Option<Picture> {
    let (extension, size) = match bytes.as_slice() {
        [0x89, b'P', b'N', b'G', rest @ ..] => ("png", png_size(rest)?),
        [0xff, 0xd8, rest @ ..] => ("jpg", jpeg_size(rest)?),
        _ => return None,
    };
    (size == PICTURE_SIZE && bytes.len() <= MAX_PICTURE_BYTES).then_some(Picture { extension, bytes })
}

/// Width and height of a PNG file, behind its first four bytes: they are in its first chunk.
fn png_size(rest: &[u8]) -> Option<(u32, u32)> {
    let [b'\r', b'\n', 0x1a, b'\n', _, _, _, _, b'I', b'H', b'D', b'R', rest @ ..] = rest else {
        return None;
    };
    let (width, rest) = rest.split_first_chunk()?;
    let (height, _) = rest.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

/// Width and height of a JPEG file, behind its first two bytes: they are in its frame header, which other segments may
/// precede.
fn jpeg_size(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        match rest {
            // Any number of these bytes may stand before a marker.
            [0xff, 0xff, ..] => rest = rest.get(1..)?,
            // DHT, JPG and DAC, among the numbers of the frame headers.
            [0xff, 0xc0..=0xcf, _, _, _, h1, h2, w1, w2, ..]
                if !matches!(rest, [_, 0xc4 | 0xc8 | 0xcc, ..]) =>
            {
                return Some((u16::from_be_bytes([*w1, *w2]).into(), u16::from_be_bytes([*h1, *h2]).into()));
            }
            // The image data or its end: there was no frame header.
            [0xff, 0xd9 | 0xda, ..] => return None,
            [0xff, _, length @ ..] => {
                let (length, _) = length.split_first_chunk()?;
                rest = rest.get(2 + usize::from(u16::from_be_bytes(*length))..)?;
            }
            _ => return None,
        }
    }
}
