//! Keys: a rotation in the documented order loses nothing while servers restart one after the other, and a server that does
//! not know a key leaves alone what is encrypted with it.

use std::{
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

use http::StatusCode;
use nrg_enroll::server::Server;

use crate::{
    check::checked,
    multi_server::second_server,
    support::{Person, Walk, World, database::Database, settings},
};

const KEYS: &str = "ENROLL__SESSION__KEYS";
const OLD: &str = "old:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const NEW: &str = "new:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=";

fn base(server: &Server) -> String {
    format!("http://{}", server.address)
}

/// A journey begun on one server continues on the other.
async fn crosses(world: &World, from: &Server, to: &Server) -> Walk {
    let walk = Walk::new(world.browser().moved_to(&base(from)), Person::default());
    walk.to_plans().await.is_at("/plans");
    let walk = Walk { browser: walk.browser.moved_to(&base(to)), ..walk };
    let plans = walk.browser.get("/plans").await;
    walk.plan(&plans).await.is_at("/address");
    walk
}

#[tokio::test]
async fn rotation_in_the_documented_order_loses_no_journey_at_any_stage() {
    let Some(database) = Database::new().await else { return };
    let (last, first) = (format!("{OLD},{NEW}"), format!("{NEW},{OLD}"));
    let url = ("ENROLL__STORE__URL", database.url.as_str());
    let world = World::with(&[url, (KEYS, OLD)]).await;
    let start = async |keys: &str| second_server(&world, &[url, (KEYS, keys)]).await;
    let mut servers = [start(OLD).await, start(OLD).await];
    let begun = crosses(&world, &servers[0], &servers[1]).await;
    for keys in [&last, &last, &first, &first] {
        // The other one next time.
        servers.reverse();
        let [restarted, _] = &mut servers;
        std::mem::replace(restarted, start(keys).await).stop().await;
        let [one, two] = &servers;
        crosses(&world, one, two).await;
        crosses(&world, two, one).await;
        for server in [one, two] {
            begun.browser.moved_to(&base(server)).get("/address").await.is_at("/address");
        }
    }
    let [one, two] = servers;
    let walk = Walk { browser: begun.browser.moved_to(&base(&one)), ..begun };
    walk.on_from_address(&walk.browser.get("/address").await).await.is_at("/confirmation");
    one.stop().await;
    two.stop().await;
    world.server.stop().await;
    database.drop().await;
}

#[tokio::test]
async fn server_without_the_key_of_a_session_leaves_it_to_the_others() {
    let Some(database) = Database::new().await else { return };
    let url = ("ENROLL__STORE__URL", database.url.as_str());
    let world = World::with(&[url, (KEYS, OLD)]).await;
    let ahead = second_server(&world, &[url, (KEYS, &format!("{NEW},{OLD}"))]).await;
    let walk = Walk::new(world.browser().moved_to(&base(&ahead)), Person::default());
    walk.to_plans().await.is_at("/plans");
    let cookies = walk.browser.cookies();
    for path in ["/plans", "/", "/address"] {
        let page = walk.browser.moved_to(&world.base).get(path).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    assert_eq!(walk.browser.cookies(), cookies, "the browser keeps its session");
    let plans = walk.browser.get("/plans").await;
    walk.plan(&plans).await.is_at("/address");
    ahead.stop().await;
    world.server.stop().await;
    database.drop().await;
}

#[tokio::test]
async fn check_says_where_the_order_of_keys_is_a_risk() {
    let world = World::with(&[(KEYS, OLD)]).await;
    let check = async |keys: &str| {
        let settings = settings(world.data.path(), &format!("http://{}", world.nrg), &[(KEYS, keys)]);
        checked(&settings, world.server.app.clock.clone()).await
    };
    let risk = "session.keys: nothing in the database is encrypted with its first key, new, yet";
    let (said, error) = check(NEW).await;
    assert!(error.is_none() && !said.contains("session.keys"), "nothing is encrypted yet: {said}");
    Walk::new(world.browser(), Person::default()).to_plans().await.is_at("/plans");
    for (keys, says) in
        [(OLD.to_owned(), false), (format!("{OLD},{NEW}"), false), (format!("{NEW},{OLD}"), true)]
    {
        let (said, error) = check(&keys).await;
        assert!(error.is_none() && said.contains(risk) == says, "{keys}: {said}");
    }
    let (_, error) = check(NEW).await;
    assert!(error.unwrap().contains("session.keys: the key old is missing"), "rows cannot be read");
}

/// Runs the script with nothing on its path but `commands`, and a folder of its own.
fn secrets(home: &Path, commands: &[&str]) -> Output {
    let bin = home.join("bin");
    std::fs::create_dir(&bin).unwrap();
    for command in commands {
        let found = ["/bin", "/usr/bin"].map(|folder| Path::new(folder).join(command));
        symlink(found.iter().find(|path| path.exists()).unwrap(), bin.join(command)).unwrap();
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/secrets.sh");
    let mut sh = Command::new("/bin/sh");
    let sh = sh.arg(script).arg(home.join("secrets")).env_clear().env("PATH", &bin);
    sh.env("NRG_USERNAME", "user").env("NRG_PASSWORD", "word").output().unwrap()
}

#[test]
fn secrets_are_made_without_openssl_or_not_at_all() {
    let tools = ["head", "od", "tr", "base64", "mkdir", "chmod", "date", "cat"];
    let made = tempfile::tempdir().unwrap();
    assert!(secrets(made.path(), &tools).status.success());
    let read = |name: &str| std::fs::read_to_string(made.path().join("secrets").join(name)).unwrap();
    assert_eq!([read("ledger-key").len(), read("database-password").len()], [45, 49]);
    assert_eq!(read("session-keys").split_once(':').unwrap().1.len(), 45);
    for missing in ["head", "od", "tr", "base64"] {
        let home = tempfile::tempdir().unwrap();
        let rest: Vec<&str> = tools.into_iter().filter(|tool| *tool != missing).collect();
        assert!(!secrets(home.path(), &rest).status.success(), "{missing}");
        assert_eq!(std::fs::read_dir(home.path().join("secrets")).unwrap().count(), 0, "{missing}");
    }
}
