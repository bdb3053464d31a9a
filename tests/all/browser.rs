//! The pages in real browsers, driven by the scripts in `tests/browser`: everything in Chromium, the plain ways in
//! Firefox and WebKitGTK, and there at length by a command of its own.
//!
//! They run where these browsers and Node, npm, Java and poppler are, and say plainly where they are not. Pictures and
//! markup of every page are written to `target/browser`.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use axum::{Router, extract, routing::get};
use nrg_enroll::partners::NewKey;
use serde_json::json;

use crate::support::{
    Person, World,
    fault_proxy::{self, Reply},
};

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser");

/// The first of `names` on the path.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// The first of `names`, or the word for it that is said where none is there.
fn needed<'n>(word: &'n str, names: &[&str]) -> Result<PathBuf, &'n str> {
    program(names).ok_or(word)
}

/// The programs of the two engines beside Chromium, where they are; what is missing is said.
fn engines() -> [Option<PathBuf>; 2] {
    // Debian's Python by its path: only that one has its modules.
    let gtk = "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('WebKit2', '4.1')";
    let window = Command::new("/usr/bin/python3").args(["-c", gtk]).output();
    let window = window.is_ok_and(|done| done.status.success());
    let firefox = needed("Firefox", &["firefox-esr", "firefox"]);
    let webkit = needed("WebKitWebDriver (webkit2gtk-driver)", &["WebKitWebDriver"])
        .and_then(|driver| needed("Xvfb", &["Xvfb"]).map(|_| driver))
        .and_then(|driver| window.then_some(driver).ok_or("python3-gi or gir1.2-webkit2-4.1"));
    [("Firefox", firefox), ("WebKitGTK", webkit)].map(|(engine, found)| {
        found.map_err(|word| println!("browser tests skipped in {engine}: {word} not found")).ok()
    })
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
    let new = NewKey { name: "shop", title: Some("The Shop & Sons"), site: None };
    let key = world.server.app.partners.add(new).await.unwrap();
    let key = key.map(|key| key.expose().to_owned());
    json!({ "base": format!("http://{}", world.server.address), "control": control(world).await, "key": key })
}

/// Chromium, once all is there that the scripts need. What is missing is said.
fn chromium() -> Option<PathBuf> {
    let chromium = needed("Chromium", &["chromium", "chromium-browser", "google-chrome"]);
    let beside = ["node", "npm", "java", "pdftotext"].map(|name| needed(name, &[name]));
    let missing: Vec<&str> =
        [&chromium].into_iter().chain(&beside).filter_map(|found| found.as_ref().err().copied()).collect();
    if !missing.is_empty() {
        println!("browser tests skipped: {} not found", missing.join(", "));
        return None;
    }
    install().inspect_err(|why| println!("browser tests skipped: {why}")).ok()?;
    chromium.ok()
}

/// Runs `script` on what it is `given`, with what it says in the file `log` of the folder `out`.
async fn run(script: &'static str, out: PathBuf, mut given: serde_json::Value) {
    given["out"] = json!(out);
    // Written as it goes, so that a run that hangs can be looked at.
    std::fs::create_dir_all(&out).unwrap();
    let log = out.join("log");
    let mut node = Command::new("node");
    node.arg(script).current_dir(TESTS).env("ENROLL_BROWSER", given.to_string());
    node.stdout(File::create(&log).unwrap()).stderr(File::options().append(true).open(&log).unwrap());
    let done = tokio::task::spawn_blocking(move || node.status()).await.unwrap().unwrap();
    let said = std::fs::read_to_string(log).unwrap();
    println!("{said}");
    assert!(done.success(), "{said}");
}

fn target(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(folder)
}

/// Every journey in Firefox and WebKitGTK at both widths and in both languages, and a look at every state of every page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long, see docs/testing.md: cargo engines"]
async fn every_journey_and_page_passes_in_firefox_and_webkit() {
    let Some(chromium) = chromium() else { return };
    let [firefox, webkit] = engines();
    let seen = World::with(&[("ENROLL__FOLLOW_UP__ENABLED", "true"), ("ENROLL__API__ENABLED", "true")]).await;
    let walked = World::new().await;
    let (late, waiting) = (outage(&seen).await, endless().await);
    let given = json!({
        "chromium": chromium,
        "firefox": firefox,
        "webkit": webkit,
        "engines": site(&walked).await,
        "seen": site(&seen).await,
        "late": site(&late).await,
        "waiting": site(&waiting).await,
    });
    run("engines-long.mjs", target("engines"), given).await;
}

/// A server on which visitors wait longer than anybody looks at the page.
async fn endless() -> World {
    let waited = ["TDSP", "OFFERS", "CLEANUP_ADDRESS", "IDENTITY", "AVAILABLE_DATES", "CHECK_CREDIT"];
    let limits = waited.map(|call| format!("ENROLL__NRG__TIMEOUTS__{call}"));
    let mut endless: Vec<(&str, &str)> = limits.iter().map(|limit| (limit.as_str(), "20m")).collect();
    endless.push(PATIENCE);
    World::slow(Duration::from_secs(3600), &endless).await
}

const PATIENCE: (&str, &str) = ("ENROLL__SERVER__PATIENCE", "1s");

/// Another server of the visitors of `seen` and of the same NRG, on which nothing begins and Reliant is out.
async fn outage(seen: &World) -> World {
    World::over(
        seen.data.clone(),
        &[
            ("ENROLL__NRG__BASE_URL", &format!("http://{}", seen.nrg)),
            ("ENROLL__OUTAGE__WINDOWS", "2030-06-18T00:00/2031-01-01T00:00"),
            ("ENROLL__BRANDS__RE__OUTAGE", "true"),
        ],
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_pass_all_browser_tests_in_three_engines() {
    let Some(chromium) = chromium() else { return };
    let [firefox, webkit] = engines();
    let logo = Path::new(TESTS).join("logo.svg").display().to_string();
    let seen = World::with(&[("ENROLL__FOLLOW_UP__ENABLED", "true"), ("ENROLL__API__ENABLED", "true")]).await;
    let walked = World::new().await;
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
    let (waiting, impatient) = (endless().await, World::slow(Duration::from_secs(10), &[PATIENCE]).await);
    let late = outage(&seen).await;
    let engines = World::new().await;
    let given = json!({
        "chromium": chromium,
        "firefox": firefox,
        "webkit": webkit,
        "engines": site(&engines).await,
        "seen": site(&seen).await,
        "walked": site(&walked).await,
        "clock": site(&clock).await,
        "themed": site(&themed).await,
        "late": site(&late).await,
        "waiting": site(&waiting).await,
        "impatient": site(&impatient).await,
    });
    let out = target("browser");
    run("run.mjs", out.clone(), given).await;
    if std::env::var_os("ENROLL_BROWSER_ONLY").is_none() {
        crate::lists::every_shown(&out.join("pages"));
    }
}

/// The desk at the widths of a phone and of a desk: `cargo test --test all browser::desk`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn desk_pages_pass_axe_at_both_widths() {
    let Some(chromium) = chromium() else { return };
    let desk = crate::desk::Desk::open(&[]).await;
    desk.enroll(Person { first_name: "Cut", ..Person::default() }).await;
    let base = format!("http://{}", desk.world.server.private_address);
    let site = json!({ "base": base, "name": "ana", "password": crate::desk::PASSWORD });
    run("desk.mjs", target("browser-desk"), json!({ "chromium": chromium, "desk": site })).await;
}
