//! The text of `nrg-enroll config`: the settings in force, each with its origin; of a secret, only whether it is set.

use std::fmt::Write;

use config::{Map, Value, ValueKind};

use super::{layers::DEFAULT, reference};

/// The merged `keys`, sorted, one a line, whether they are valid or not. An unknown key may be a mistyped secret, so
/// that only its name is shown.
pub(super) fn show(keys: &Map<String, Value>) -> String {
    let mut lines = Vec::new();
    add_lines("", keys, &mut lines);
    lines.sort();
    lines.concat()
}

fn add_lines(path: &str, keys: &Map<String, Value>, lines: &mut Vec<String>) {
    for (key, value) in keys {
        let key = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if let ValueKind::Table(keys) = &value.kind {
            add_lines(&key, keys, lines);
            continue;
        }
        let shown = if !reference::knows(&key) {
            "(not a setting, not shown)".to_owned()
        } else if !reference::is_secret(&key) {
            literal(&value.kind)
        } else if matches!(&value.kind, ValueKind::String(text) if text.is_empty()) {
            "(not set)".to_owned()
        } else {
            "(secret, set)".to_owned()
        };
        let mut line = format!("{key} = {shown}");
        let from = value.origin().unwrap_or(DEFAULT);
        if from != DEFAULT {
            // Writing to a `String` cannot fail.
            let _ = write!(line, "  # {from}");
        }
        lines.push(line + "\n");
    }
}

fn literal(value: &ValueKind) -> String {
    match value {
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| literal(&value.kind)).collect();
            format!("[{}]", values.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;

    #[test]
    fn config_show_names_origin_of_each_value_and_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("enroll.toml");
        let text = "nrg.username = \"canary-user\"\nnrg.pasword = \"canary-typo\"\nserver.trusted_proxies = 1\n\
                    affiliate.link_hosts = [\"docs.nrg.test\"]\n";
        std::fs::write(&file, text).unwrap();
        let env = [
            ("ENROLL__NRG__PASSWORD", "canary-word"),
            ("ENROLL__STORE__URL", "postgres://enroll:canary-pass@db/enroll"),
            ("ENROLL__BRANDS__RE__DEPOSIT__HMAC_KEY", "canary-key"),
            ("ENROLL__NRG__PASSWROD", "canary-slip"),
            ("ENROLL__NRG__PASSWORD_FILE", "/run/secrets/nrg"),
            ("UNRELATED", "canary-other"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let shown = Settings::show(Some(&file), env).unwrap();
        assert!(!shown.contains("canary"), "{shown}");
        for line in [
            "log.format = \"json\"\n".to_owned(),
            format!("server.trusted_proxies = 1  # {}\n", file.display()),
            format!("affiliate.link_hosts = [\"docs.nrg.test\"]  # {}\n", file.display()),
            "nrg.password = (secret, set)  # ENROLL__NRG__PASSWORD\n".to_owned(),
            "nrg.password_file = \"/run/secrets/nrg\"  # ENROLL__NRG__PASSWORD_FILE\n".to_owned(),
            "session.keys = (not set)\n".to_owned(),
            "nrg.passwrod = (not a setting, not shown)  # ENROLL__NRG__PASSWROD\n".to_owned(),
        ] {
            assert!(shown.contains(&line), "{line} is not in\n{shown}");
        }
    }
}
