//! The formats of the metrics, and which one a client asks for.
//!
//! The library writes OpenMetrics alone. Prometheus's older text format says the same with other names in its comments, and
//! is what a client gets that asks for nothing in particular.

use http::{HeaderMap, header};

/// What `/metrics` can answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `text/plain; version=0.0.4`
    Text,
    /// `application/openmetrics-text; version=1.0.0`
    OpenMetrics,
}

impl Format {
    /// The one that `headers` ask for: OpenMetrics where it is named and nothing is preferred to it.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
        let (mut text, mut open) = (0.0_f32, 0.0_f32);
        for range in lines.flat_map(|line| line.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            match name.as_str() {
                "application/openmetrics-text" => open = open.max(weight),
                "text/plain" | "text/*" | "*/*" => text = text.max(weight),
                _ => {}
            }
        }
        if open > 0.0 && open >= text { Self::OpenMetrics } else { Self::Text }
    }

    /// The content type.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The page in this format, of one in OpenMetrics.
    pub(super) fn of_open_metrics(self, page: String) -> String {
        match self {
            Self::OpenMetrics => page,
            Self::Text => text(&page),
        }
    }
}

/// Names that newer ones replace. They stay in OpenMetrics, where they have always been.
const REPLACED: [&str; 1] = ["enroll_nrg_refuses_us"];

/// Prometheus's text format: a counter is called as its samples are, an info is a gauge, and there are neither units nor an
/// end.
fn text(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    // The type, which follows the help, decides what both are called.
    let mut help = None;
    let is_replaced = |line: &&str| REPLACED.iter().any(|name| line.contains(name));
    for line in page.lines().filter(|line| !is_replaced(line)) {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("HELP"), Some(_), Some(about)) => help = Some(about),
            (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                let (suffix, kind) = match kind {
                    "counter" => ("_total", "counter"),
                    "info" => ("_info", "gauge"),
                    "unknown" => ("", "untyped"),
                    kind => ("", kind),
                };
                let about = help.take().unwrap_or_default();
                text.push_str(&format!("# HELP {name}{suffix} {about}\n# TYPE {name}{suffix} {kind}\n"));
            }
            (Some("#"), ..) => {}
            _ => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_is_what_accept_prefers_and_text_otherwise() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;\
            q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, open) in [
            (&[][..], false),
            (&["*/*"], false),
            (&["text/html,application/xhtml+xml,*/*;q=0.8"], false),
            (&["application/openmetrics-text"], true),
            (&["Application/OpenMetrics-Text; version=1.0.0; charset=utf-8"], true),
            (&[prometheus], true),
            (&["application/openmetrics-text;q=0.3, text/plain;q=0.5"], false),
            (&["application/openmetrics-text;q=0"], false),
            (&["text/plain;q=0.1", "application/openmetrics-text;q=0.2"], true),
            (&["application/openmetrics-text;q=much"], true),
        ] {
            let mut headers = HeaderMap::new();
            for line in accept {
                headers.append(header::ACCEPT, line.parse().unwrap());
            }
            assert_eq!(Format::wanted(&headers) == Format::OpenMetrics, open, "{accept:?}");
        }
    }

    #[test]
    fn text_format_names_counters_and_infos_as_their_samples() {
        let page = "# HELP e_calls Calls made.\n# TYPE e_calls counter\ne_calls_total{to=\"# TYPE\"} 1\n\
            # HELP e_build The program.\n# TYPE e_build info\ne_build_info{version=\"1\"} 1\n\
            # HELP e_time_seconds Time.\n# TYPE e_time_seconds histogram\n# UNIT e_time_seconds seconds\n\
            e_time_seconds_sum 0.5\n# HELP e_up Up.\n# TYPE e_up gauge\ne_up 1\n\
            # HELP enroll_nrg_refuses_us Old.\n# TYPE enroll_nrg_refuses_us gauge\nenroll_nrg_refuses_us 0\n# EOF\n";
        let text = "# HELP e_calls_total Calls made.\n# TYPE e_calls_total counter\ne_calls_total{to=\"# TYPE\"} 1\n\
            # HELP e_build_info The program.\n# TYPE e_build_info gauge\ne_build_info{version=\"1\"} 1\n\
            # HELP e_time_seconds Time.\n# TYPE e_time_seconds histogram\n\
            e_time_seconds_sum 0.5\n# HELP e_up Up.\n# TYPE e_up gauge\ne_up 1\n";
        assert_eq!(Format::Text.of_open_metrics(page.to_owned()), text);
        assert_eq!(Format::OpenMetrics.of_open_metrics(page.to_owned()), page);
    }
}
