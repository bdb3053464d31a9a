//! What the program is installed with: the unit of systemd, the Debian package, and the manifests for containers.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use nrg_enroll::clock::Clock;

use crate::support::sandbox;

const PROGRAM: &str = env!("CARGO_BIN_EXE_nrg-enroll");

fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

fn unit() -> String {
    std::fs::read_to_string(deploy("nrg-enroll.service")).unwrap()
}

fn all_of(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", all_of(&output));
    all_of(&output)
}

#[test]
fn unit_is_valid_and_exposes_little() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("unit not checked: systemd-analyze not found");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nrg-enroll.service");
    std::fs::write(&file, unit().replace("/usr/bin/nrg-enroll", PROGRAM)).unwrap();
    let said = succeeds(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file));
    assert_eq!(said, "", "warnings");
    // Ten times the exposure that it prints: "OK" is below 5.
    succeeds(
        Command::new("systemd-analyze").args(["security", "--offline=yes", "--threshold=15"]).arg(&file),
    );
}

#[test]
fn unit_and_package_name_only_settings_and_credentials_that_are_loaded() {
    let unit = unit();
    let of = |key: &'static str| {
        let lines = unit.lines().map(|line| line.trim_start_matches('#'));
        lines.filter_map(move |line| line.strip_prefix(key)?.strip_prefix('=')?.split_once(['=', ':']))
    };
    let environment: Vec<_> = of("Environment").filter(|(name, _)| name.starts_with("ENROLL__")).collect();
    for (name, value) in &environment {
        let credential = value.strip_prefix("%d/").unwrap();
        assert!(of("LoadCredential").any(|(loaded, _)| loaded == credential), "{name}");
    }
    // It names the secrets where the settings file does, for root.
    let settings = std::fs::read_to_string(deploy("package.toml")).unwrap();
    for (_, path) in of("LoadCredential") {
        assert!(settings.contains(&format!("\"{path}\"")), "{path}");
    }
    let mut config = Command::new(PROGRAM);
    config.env_clear().envs(environment).arg("config").arg("--config").arg(deploy("package.toml"));
    let shown = succeeds(&mut config);
    assert!(!shown.contains("not a setting"), "{shown}");
    assert!(shown.contains("store.url_file = \"%d/store-url\"  # ENROLL__STORE__URL_FILE"), "{shown}");
}

#[test]
fn unit_waits_for_submissions_longer_than_the_server_does() {
    let unit = unit();
    let stop: u64 =
        unit.lines().find_map(|line| line.strip_prefix("TimeoutStopSec=")).unwrap().parse().unwrap();
    let settings = nrg_enroll::config::reference();
    assert!(
        settings.contains("`server.drain` = `\"150s\"`")
            && settings.contains("`server.unready_seconds` = `5`")
    );
    assert!(stop > 150 + 5 + 10);
}

/// `cargo test --test all -- --ignored debian_package`, where cargo-deb and dpkg are: seconds, but neither is everywhere.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cargo-deb and dpkg"]
async fn debian_package_installs_in_clean_root_and_its_program_checks() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    // As a release would be built, but with the program that the tests have.
    let target = folder.path().join("target");
    std::fs::create_dir_all(target.join("release")).unwrap();
    std::fs::copy(PROGRAM, target.join("release/nrg-enroll")).unwrap();
    let package = folder.path().join("nrg-enroll.deb");
    let mut deb = Command::new(env!("CARGO"));
    deb.current_dir(env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", &target);
    succeeds(deb.args(["deb", "--no-build", "--no-strip", "--no-dbgsym", "--fast", "-o"]).arg(&package));

    let state = root.join("var/lib/dpkg");
    for folder in ["info", "updates"] {
        std::fs::create_dir_all(state.join(folder)).unwrap();
    }
    for file in ["status", "available"] {
        std::fs::write(state.join(file), "").unwrap();
    }
    let dpkg = |arguments: &[&str]| {
        let mut dpkg = Command::new("dpkg");
        dpkg.arg(format!("--root={}", root.display())).args(["--force-not-root", "--force-bad-path"]);
        // The root has no C library: the program runs with this machine's.
        succeeds(dpkg.arg("--force-depends").args(arguments))
    };
    let file = package.to_str().unwrap();
    dpkg(&["--install", file]);
    assert!(dpkg(&["--verify", "nrg-enroll"]).is_empty());
    let listed = dpkg(&["--listfiles", "nrg-enroll"]);
    for path in [
        "/usr/bin/nrg-enroll",
        "/usr/lib/systemd/system/nrg-enroll.service",
        "/etc/nrg-enroll/enroll.toml",
        "/usr/share/doc/nrg-enroll/third-party-notices.md",
        "/usr/share/doc/nrg-enroll/sbom.cdx.json",
        "/usr/share/doc/nrg-enroll/examples/away.html",
    ] {
        assert!(listed.lines().any(|line| line == path), "{path} is not in\n{listed}");
    }
    let scripts: Vec<_> = ["preinst", "postinst", "prerm", "postrm"]
        .into_iter()
        .filter(|script| state.join(format!("info/nrg-enroll.{script}")).exists())
        .collect();
    assert!(scripts.is_empty(), "{scripts:?}");

    let program = root.join("usr/bin/nrg-enroll");
    let version = succeeds(Command::new(&program).arg("--version"));
    assert_eq!(version.trim(), concat!("nrg-enroll ", env!("CARGO_PKG_VERSION")));
    let settings = root.join("etc/nrg-enroll/enroll.toml");
    let check = || {
        let mut check = Command::new(&program);
        check.env_clear().arg("--config").arg(&settings).arg("check").output().unwrap()
    };
    let refused = check();
    assert!(!refused.status.success() && all_of(&refused).contains("affiliate.id"), "{}", all_of(&refused));

    // What the page says an operator does.
    let secrets = root.join("usr/share/doc/nrg-enroll/examples/secrets.sh");
    let mut secrets = Command::new(secrets);
    secrets.arg(root.join("etc/nrg-enroll/secrets"));
    succeeds(secrets.env("NRG_USERNAME", "package").env("NRG_PASSWORD", "package-password"));
    let (nrg, _sandbox) = sandbox(Clock::system(), "AFF-PACKAGE", "package", "package-password").await;
    let mut text = std::fs::read_to_string(&settings).unwrap();
    for (example, own) in [
        ("https://enroll.example.com", "https://enroll.affiliate.test"),
        ("AFF-EXAMPLE", "AFF-PACKAGE"),
        ("Example Affiliate", "Affiliate"),
        ("https://www.example.com/privacy", "https://www.affiliate.test/privacy"),
        ("docs.example.com", "docs.nrg.test"),
        ("\"EXAMPLE\"", "\"DEMORE\""),
        ("https://stg-api.nrg.com", &format!("http://{nrg}")),
        ("\"/etc/", &format!("\"{}/etc/", root.display())),
        ("sqlite:///", &format!("sqlite://{}/", root.display())),
    ] {
        assert!(text.contains(example), "{example}");
        text = text.replace(example, own);
    }
    std::fs::write(&settings, &text).unwrap();
    let checked = check();
    let said = all_of(&checked);
    assert!(checked.status.success() && said.contains("The settings are complete."), "{said}");

    // An upgrade keeps them, and so does a removal; only a purge does not.
    dpkg(&["--install", file]);
    dpkg(&["--remove", "nrg-enroll"]);
    assert_eq!(std::fs::read_to_string(&settings).unwrap(), text);
    assert!(!program.exists());
    dpkg(&["--purge", "nrg-enroll"]);
    assert!(!settings.exists());
}
