//! The release before is updated to this one, one server after the other, while visitors post.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{load::Load, rolling::Pair, site::PROGRAM};
use crate::{proxies::proxy::Proxy, support::cluster::Cluster};

/// Builds the program of the release before, from the commit that `tests/previous-release` names.
#[allow(clippy::disallowed_methods, reason = "where cargo is, is not a setting of the program")]
fn previous() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let recorded = std::fs::read_to_string(root.join("tests/previous-release")).unwrap();
    let commit = recorded.lines().find(|line| !line.starts_with('#')).unwrap().trim();
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let (checkout, target) = (target.join("previous/checkout"), target.join("previous/target"));
    let run = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?}");
    if checkout.exists() {
        let git =
            |arguments: &[&str]| Command::new("git").current_dir(&checkout).args(arguments).output().unwrap();
        let here = String::from_utf8(git(&["rev-parse", "HEAD"]).stdout).unwrap();
        assert_eq!(here.trim(), commit, "{} is another release", checkout.display());
    } else {
        run(Command::new("git").args(["clone", "--quiet", "--shared"]).arg(root).arg(&checkout));
        run(Command::new("git").current_dir(&checkout).args(["checkout", "--quiet", commit]));
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(Command::new(cargo).current_dir(&checkout).env("CARGO_TARGET_DIR", &target).args([
        "build",
        "--quiet",
        "--locked",
        "--bin",
        "nrg-enroll",
    ]));
    target.join("debug/nrg-enroll")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "builds the release before: cargo drills"]
async fn update_from_the_release_before_fails_no_form() {
    let previous = previous();
    let cluster = Cluster::start().expect("the drill needs PostgreSQL");
    let store = cluster.database().await;
    // One that asks /readyz: behind nginx, the release before sometimes lost a form when it was stopped.
    let mut pair = Pair::start(&previous, &store, Proxy::haproxy).await.expect("the drill needs HAProxy");
    let load = Load::start(&pair.front, 8);
    for nth in [0, 1] {
        pair.replace(nth, PROGRAM.as_ref()).await;
    }
    let figures = load.end().await;
    println!(
        "update from the release before: {} posts, {} journeys ({} forms shown again, as their consent text has \
         changed), failed: {:?}",
        figures.posts, figures.journeys, figures.shown_again, figures.failed
    );
    assert!(figures.journeys > 0 && figures.failed.is_empty(), "{:?}", figures.failed);
    assert_eq!(pair.site.sandbox.count("enroll"), figures.journeys, "each is submitted once");
    pair.site.run(PROGRAM.as_ref(), &["ledger", "verify"], &[]).succeeds();
    pair.stop().await;
}
