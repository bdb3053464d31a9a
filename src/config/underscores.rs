//! Environment variables that look like settings and are none, as there is one underscore where there must be two.

use super::{
    environment::{PREFIX, variable},
    problem::{Problem, Why},
    reference,
};

/// Those of `env`. Others that begin alike are not ours: Kubernetes names a service's address so (`ENROLL_SERVICE_HOST`).
pub(super) fn find(env: &[(String, String)]) -> Vec<Problem> {
    let names = env.iter().map(|(name, _)| name).filter(|name| !name.starts_with(PREFIX));
    let problem = |name: &String| {
        let why = Why::Underscore(meant(name.strip_prefix("ENROLL_")?)?);
        Some(Problem { key: name.clone(), why, origin: None })
    };
    names.filter_map(problem).collect()
}

/// The variable that is probably meant by `rest`, the name behind `ENROLL_`; none if it names no section.
fn meant(rest: &str) -> Option<String> {
    let flat = |name: &str| name.replace("__", "_");
    let name = flat(&format!("ENROLL_{rest}"));
    let exact = reference::keys().map(|key| variable(&key)).find(|known| flat(known) == name);
    let (section, key) = rest.split_once('_')?;
    let is_section =
        |key: String| key.split('.').next().is_some_and(|name| name.eq_ignore_ascii_case(section));
    let in_section = || format!("{PREFIX}{section}__{}", key.trim_start_matches('_'));
    exact.or_else(|| reference::keys().any(is_section).then(in_section))
}
