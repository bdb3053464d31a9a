//! Session IDs that were not given, are old, or have ended.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::Connection as _;

use super::walk;
use crate::support::{Browser, World};

#[tokio::test]
async fn https_cookie_is_bound_to_host_and_unknown_id_is_never_adopted() {
    let world = World::with(&[("ENROLL__SERVER__PUBLIC_URL", "https://enroll.test")]).await;
    let made_up = "A".repeat(43);
    let cookie = format!("__Host-enroll={made_up}");
    let landing = world.browser().get("/").await;
    let fields = landing.form("/").set("zip", "77999").set("transaction", "MVI").fields().to_vec();
    let answer = world.browser().post_only("/", &fields, &[("cookie", &cookie)]).await;
    let set: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert_eq!(set.len(), 1, "{set:?}");
    let parts: Vec<&str> = set[0].split("; ").collect();
    let (name, id) = parts[0].split_once('=').unwrap();
    assert_eq!((name, id.len()), ("__Host-enroll", 43), "128 random bits and as many zeros in base64");
    assert_ne!(id, made_up);
    let mut rest = parts[1..].to_vec();
    rest.sort_unstable();
    assert_eq!(rest, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    // A proxy may give the site another name on the way: what people see is the settings' to say.
    for (origin, status) in [("https://enroll.test", 303), ("https://enroll.test.evil.example", 403)] {
        let answer = world.browser().post_only("/", &fields, &[("origin", origin)]).await;
        assert_eq!(answer.status(), status, "{origin}");
    }
    // The cookie of the demo is not looked at here.
    let plain = world.browser().ask("GET", "/plans", &[("cookie", &format!("enroll={id}"))]).await;
    assert_eq!(plain.headers()["location"], "/");
    let own = world.browser().ask("GET", "/plans", &[("cookie", &format!("__Host-enroll={id}"))]).await;
    assert_eq!(own.status(), 200);
}

/// The session ID of the last cookie the browser got.
pub fn id_of(browser: &Browser) -> String {
    let cookie = browser
        .seen()
        .iter()
        .filter_map(|seen| Some(seen.head.split_once("set-cookie: enroll=")?.1.to_owned()))
        .next_back();
    cookie.unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn session_id_rotates_after_identity_and_submit_and_old_one_is_dead() {
    let world = World::new().await;
    let walk = walk(&world);
    let page = walk.to_identity().await;
    let before = id_of(&walk.browser);
    let dates = walk.identity(&page).await;
    let verified = id_of(&walk.browser);
    let review = walk.start_date(&dates).await;
    assert_eq!(id_of(&walk.browser), verified, "no other step changes it");
    walk.review(&review).await.is_at("/confirmation");
    let submitted = id_of(&walk.browser);
    assert!(before != verified && verified != submitted);

    let at = async |id: &str| {
        let cookie = format!("enroll={id}");
        let answer = world.browser().ask("GET", "/confirmation?cookie=set", &[("cookie", &cookie)]).await;
        (answer.status().as_u16(), answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()))
    };
    for dead in [&before, &verified] {
        assert_ne!(at(dead).await.0, 200);
        let cookie = format!("enroll={dead}");
        let ended = world.browser().ask("GET", "/review?cookie=set", &[("cookie", &cookie)]).await;
        assert_eq!(ended.headers()["location"], "/session-ended");
    }
    assert_eq!(at(&submitted).await, (200, None));
}

/// Whether a file in the folder `data` holds `bytes`.
fn is_on_disk(data: &Path, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| std::fs::read(path).unwrap()).any(|file| file.windows(bytes.len()).any(|at| at == bytes))
}

#[tokio::test]
async fn leave_erases_sealed_answers_from_every_file_soon_and_at_stop() {
    let world = World::new().await;
    let sealed = async || {
        let store = format!("sqlite://{}/demo.db", world.data.path().display());
        let mut store = sqlx::SqliteConnection::connect(&store).await.unwrap();
        let (data,): (Vec<u8>,) =
            sqlx::query_as("SELECT data FROM sessions").fetch_one(&mut store).await.unwrap();
        store.close().await.unwrap();
        // Short enough to lie within one page of the file.
        data[..64].to_vec()
    };
    let left = walk(&world);
    left.to_contact().await;
    let answers = sealed().await;
    assert!(is_on_disk(world.data.path(), &answers));
    left.browser.post("/leave", &[]).await;
    let begun = Instant::now();
    while is_on_disk(world.data.path(), &answers) {
        assert!(begun.elapsed() < Duration::from_secs(5), "still in a file");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let left = walk(&world);
    left.to_contact().await;
    let answers = sealed().await;
    left.browser.post("/leave", &[]).await;
    let World { server, data, .. } = world;
    server.stop().await;
    assert!(!is_on_disk(data.path(), &answers));
}

#[tokio::test]
async fn leave_and_expiry_delete_session_row_and_clear_site_data() {
    let world = World::new().await;
    let rows = async || {
        let store = format!("sqlite://{}/demo.db", world.data.path().display());
        let pool = sqlx::SqlitePool::connect(&store).await.unwrap();
        let (rows,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM sessions").fetch_one(&pool).await.unwrap();
        rows
    };
    let left = walk(&world);
    left.to_contact().await;
    assert_eq!(rows().await, 1);
    let answer = left.browser.post_only("/leave", &[], &[]).await;
    assert_eq!(rows().await, 0);
    assert_eq!(answer.headers()["clear-site-data"], "\"cache\", \"storage\"");
    let forgotten = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(forgotten.starts_with("enroll=;") && forgotten.contains("Max-Age=0"), "{forgotten}");

    for (minutes, times) in [(31, 1), (29, 25)] {
        let walk = walk(&world);
        walk.to_contact().await.is_at("/contact");
        assert_eq!(rows().await, 1);
        let mut answer = walk.browser.ask("GET", "/contact", &[]).await;
        for _ in 0..times {
            assert_eq!(answer.status(), 200, "idle for less than the limit");
            world.forward(Duration::from_secs(minutes * 60));
            answer = walk.browser.ask("GET", "/contact", &[]).await;
        }
        // Idle for too long, or used for longer than twelve hours.
        assert_eq!(answer.headers()["location"], "/session-ended");
        assert_eq!(answer.headers()["clear-site-data"], "\"cache\", \"storage\"");
        assert_eq!(rows().await, 0);
    }
}
