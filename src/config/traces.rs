//! `[traces]`: the collector of OpenTelemetry spans.

use url::Url;

use super::section::Section;
use crate::tracing_context::{AVAILABLE, Export};

/// The settings of spans.
pub struct Traces {
    /// The collector, if spans are sent to one.
    pub export: Option<Export>,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Traces> {
    let endpoint = section.optional("endpoint", "an http or https address", |text| {
        Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
    });
    let authorization = section.optional_secret("authorization", "the value of a header", |value| {
        http::HeaderValue::from_str(&value).is_ok().then_some(value)
    });
    const PERCENT: &str = "a whole number up to 100";
    let percent = section.number("percent", PERCENT).and_then(|percent: u8| {
        if percent <= 100 { Some(percent) } else { section.must_be("percent", PERCENT, None) }
    });
    let (authorization, percent) = (authorization?, percent?);
    let export = endpoint?.map(|endpoint| Export { endpoint, authorization, percent });
    if export.is_some() && !AVAILABLE {
        return section.must_be("endpoint", "blank: this program was built without the feature otel", None);
    }
    Some(Traces { export })
}
