//! Who may ask: a partner with its key or, where that is open, anybody.

use http::{HeaderMap, header};

use super::{
    problem::{Kind, Problem},
    state::Api,
};
use crate::{partners::Partner, web::error::PageError};

/// The partner that calls the site named `site`; `None`: somebody without a key, and that is allowed.
pub(super) async fn caller(api: &Api, headers: &HeaderMap, site: &str) -> Result<Option<Partner>, Problem> {
    if api.open && key(headers) == Key::Absent {
        return Ok(None);
    }
    partner(api, headers, site).await.map(Some)
}

/// The partner that calls the site named `site`.
pub(super) async fn partner(api: &Api, headers: &HeaderMap, site: &str) -> Result<Partner, Problem> {
    let partner = match key(headers) {
        Key::Absent => return Err(Problem::of(Kind::KeyNeeded)),
        Key::Odd => None,
        Key::Given(key) => api.app.partners.recognize(key).await.map_err(PageError::from)?,
    };
    let partner = partner.ok_or_else(|| Problem::of(Kind::KeyUnknown))?;
    if partner.may_call(site) { Ok(partner) } else { Err(Problem::of(Kind::OtherSite)) }
}

/// What a request says of a key.
#[derive(Debug, PartialEq, Eq)]
enum Key<'a> {
    Absent,
    /// Several, or under another scheme, or not text.
    Odd,
    Given(&'a str),
}

fn key(headers: &HeaderMap) -> Key<'_> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Key::Absent };
    let only = line.to_str().ok().filter(|_| lines.next().is_none());
    let given = only.and_then(|line| line.split_once(' '));
    match given {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Key::Given(key.trim()),
        _ => Key::Odd,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_read_from_a_single_bearer_header() {
        for (lines, expected) in [
            (&[][..], Key::Absent),
            (&["Bearer abc"], Key::Given("abc")),
            (&["bearer  abc "], Key::Given("abc")),
            (&["Bearer "], Key::Given("")),
            (&["Bearer"], Key::Odd),
            (&["Basic abc"], Key::Odd),
            (&["abc"], Key::Odd),
            (&["Bearer ñ"], Key::Odd),
            (&["Bearer abc", "Bearer abc"], Key::Odd),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::AUTHORIZATION, line.parse().unwrap());
            }
            assert_eq!(key(&headers), expected, "{lines:?}");
        }
    }
}
