//! The pages in a real browser: Chromium, driven by the scripts in `tests/browser`.
//!
//! They run where Chromium, Node, npm and Java are, and say plainly where they are not. Pictures and markup of
//! every page are written to `target/browser`.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use axum::{Router, extract, routing::get};
use serde_json::json;

use crate::support::{
    World,
    fault_proxy::{self, Reply},
};

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser");

/// The first of `names` on the path.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// Installs what the scripts import, once per lock file.
fn install() -> Result<(), String> {
    let installed = Path::new(TESTS).join("node_modules/.package-lock.json");
    let of_lock = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    if of_lock(&installed) > of_lock(&Path::new(TESTS).join("package-lock.json")) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(TESTS);
    match npm.output() {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => Err(format!("npm ci failed: {}", String::from_utf8_lossy(&done.stderr))),
        Err(error) => Err(format!("npm cannot be started: {error}")),
    }
}

/// Lets a script move the clock of `world`, count what its sandbox was asked, and have a call answered, or fail, after some seconds. A `World` for each, since what
/// one test does to the clock ends the sessions of the others.
async fn control(world: &World) -> String {
    let (time, sandbox, proxy) = (world.time(), world.sandbox.clone(), world.fault_proxy.clone());
    let router = Router::new()
        .route(
            "/forward/{seconds}",
            get(move |extract::Path(seconds): extract::Path<u64>| async move {
                *time.lock().unwrap() += Duration::from_secs(seconds);
            }),
        )
        .route(
            "/count/{endpoint}",
            get(move |extract::Path(endpoint): extract::Path<String>| async move {
                sandbox.count(&endpoint).to_string()
            }),
        )
        .route(
            "/late/{endpoint}/{seconds}/{how}",
            get(move |extract::Path((endpoint, seconds, how)): extract::Path<(String, u64, String)>| async move {
                let reply = if how == "fails" { fault_proxy::html(500) } else { Reply::Changed(json!({})) };
                proxy.unwrap().once(&endpoint, Reply::Later(Duration::from_secs(seconds), Box::new(reply)));
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

async fn site(world: &World) -> serde_json::Value {
    json!({ "base": format!("http://{}", world.server.address), "control": control(world).await })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_pass_all_browser_tests_in_chromium() {
    let chromium = program(&["chromium", "chromium-browser", "google-chrome"]);
    let missing: Vec<&str> = [
        ("Chromium", chromium.is_some()),
        ("node", program(&["node"]).is_some()),
        ("npm", program(&["npm"]).is_some()),
        ("java", program(&["java"]).is_some()),
    ]
    .into_iter()
    .filter_map(|(name, found)| (!found).then_some(name))
    .collect();
    if !missing.is_empty() {
        println!("browser tests skipped: {} not found", missing.join(", "));
        return;
    }
    if let Err(why) = install() {
        println!("browser tests skipped: {why}");
        return;
    }

    let logo = Path::new(TESTS).join("logo.svg").display().to_string();
    let (seen, walked) = (World::new().await, World::new().await);
    // Sessions before a birth date are deleted there as anywhere.
    let clock = World::with(&[("ENROLL__SESSION__KEEP_TIMED_OUT", "true")]).await;
    let themed = World::with(&[
        ("ENROLL__AFFILIATE__NAME", "Sample Power Advisors"),
        ("ENROLL__THEME__LOGO", &logo),
        ("ENROLL__THEME__LIGHT__ACCENT", "#8a1c4a"),
        ("ENROLL__THEME__DARK__ACCENT", "#ffb3cf"),
    ])
    .await;
    // Visitors who wait: longer than anybody looks at the page, and not so long.
    let patience = ("ENROLL__SERVER__PATIENCE", "1s");
    let waited = ["TDSP", "OFFERS", "CLEANUP_ADDRESS", "IDENTITY", "AVAILABLE_DATES", "CHECK_CREDIT"];
    let limits = waited.map(|call| format!("ENROLL__NRG__TIMEOUTS__{call}"));
    let mut endless: Vec<(&str, &str)> = limits.iter().map(|limit| (limit.as_str(), "20m")).collect();
    endless.push(patience);
    let waiting = World::slow(Duration::from_secs(3600), &endless).await;
    let impatient = World::slow(Duration::from_secs(10), &[patience]).await;
    // Another server of the same visitors and the same NRG, on which nothing begins and Reliant is out.
    let nrg = format!("http://{}", seen.nrg);
    let late = World::over(
        seen.data.clone(),
        &[
            ("ENROLL__NRG__BASE_URL", &nrg),
            ("ENROLL__OUTAGE__WINDOWS", "2030-06-18T00:00/2031-01-01T00:00"),
            ("ENROLL__BRANDS__RE__OUTAGE", "true"),
        ],
    )
    .await;
    let given = json!({
        "chromium": chromium,
        "out": concat!(env!("CARGO_MANIFEST_DIR"), "/target/browser"),
        "seen": site(&seen).await,
        "walked": site(&walked).await,
        "clock": site(&clock).await,
        "themed": site(&themed).await,
        "late": site(&late).await,
        "waiting": site(&waiting).await,
        "impatient": site(&impatient).await,
    });
    // Written as it goes, so that a run that hangs can be looked at.
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/browser");
    std::fs::create_dir_all(&out).unwrap();
    let log = out.join("log");
    let mut node = Command::new("node");
    node.arg("run.mjs").current_dir(TESTS).env("ENROLL_BROWSER", given.to_string());
    node.stdout(File::create(&log).unwrap()).stderr(File::options().append(true).open(&log).unwrap());
    let done = tokio::task::spawn_blocking(move || node.status()).await.unwrap().unwrap();
    let said = std::fs::read_to_string(log).unwrap();
    println!("{said}");
    assert!(done.success(), "{said}");
    if std::env::var_os("ENROLL_BROWSER_ONLY").is_none() {
        crate::lists::every_shown(&out.join("pages"));
    }
}
