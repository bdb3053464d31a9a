//! Several servers on one PostgreSQL: they share journeys, come and go, and nobody notices.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use nrg_enroll::{entropy::Entropy, server::Server, store::Store};

use crate::support::{Browser, Person, Walk, World, balancer::Balancer, database::Database, settings};

/// One more server of `world`: the same keys, NRG, database and clock.
pub async fn second_server(world: &World, env: &[(&str, &str)]) -> Server {
    let nrg = world.fault_proxy.as_ref().map_or(world.nrg, |proxy| proxy.address);
    let settings = settings(world.data.path(), &format!("http://{nrg}"), env);
    Server::start(&settings, world.server.app.clock.clone(), Entropy::system()).await.unwrap()
}

#[tokio::test]
async fn concurrent_server_starts_migrate_database_without_error() {
    let Some(database) = Database::new().await else { return };
    let starts = (0..6).map(|_| async {
        let store = Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        store.close().await;
    });
    futures_util::future::join_all(starts).await;
    database.drop().await;
}

#[tokio::test]
async fn journey_begun_on_one_server_continues_on_another() {
    let Some(database) = Database::new().await else { return };
    let env = [("ENROLL__STORE__URL", database.url.as_str())];
    let world = World::with(&env).await;
    let other = second_server(&world, &env).await;
    let other_base = format!("http://{}", other.address);

    let walk = Walk::new(world.browser(), Person::default());
    walk.through_identity().await.is_at("/start-date");
    // The connections of both break on the way.
    database.cut_connections().await;
    let walk = Walk { browser: walk.browser.moved_to(&other_base), ..walk };
    let dates = walk.browser.get("/start-date").await;
    let review = walk.start_date(&dates).await;
    walk.review(&review).await.is_at("/confirmation");
    let back = walk.browser.moved_to(&format!("http://{}", world.server.address));
    back.get("/").await.is_at("/confirmation");
    assert_eq!(world.sandbox.count("enroll"), 1);

    other.stop().await;
    world.server.stop().await;
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rolling_restart_under_load_fails_no_request() {
    let Some(database) = Database::new().await else { return };
    let env = [("ENROLL__STORE__URL", database.url.as_str()), ("ENROLL__SERVER__UNREADY_SECONDS", "1")];
    let world = World::with(&env).await;
    let second = second_server(&world, &env).await;
    let balancer = Balancer::start().await;
    balancer.add(&world.server).await;
    balancer.add(&second).await;

    let over = Arc::new(AtomicBool::new(false));
    let visitors: Vec<_> = (0..4_u8)
        .map(|visitor| {
            let (over, base) = (Arc::clone(&over), format!("http://{}", balancer.address));
            tokio::spawn(async move {
                let mut walked = 0_u8;
                while !over.load(Ordering::Relaxed) {
                    // Another home each time: the same one again would be asked about.
                    let unit = format!("{}{walked}", ["A", "B", "C", "D"][usize::from(visitor)]).leak();
                    let person = Person { unit, ..Person::default() };
                    let walk = Walk::new(Browser::new(&base), person);
                    // Every page on the way is looked at: one that failed is not at its path.
                    let review = walk.through_start_date().await;
                    walk.review(&review).await.is_at("/confirmation");
                    walked += 1;
                }
                usize::from(walked)
            })
        })
        .collect();

    let World { server: first, sandbox, nrg, data, .. } = world;
    let clock = first.app.clock.clone();
    let start = async || {
        let settings = settings(data.path(), &format!("http://{nrg}"), &env);
        Server::start(&settings, clock.clone(), Entropy::system()).await.unwrap()
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    first.stop().await;
    let third = start().await;
    balancer.add(&third).await;
    second.stop().await;
    let fourth = start().await;
    balancer.add(&fourth).await;
    tokio::time::sleep(Duration::from_millis(500)).await;

    over.store(true, Ordering::Relaxed);
    let mut walked = 0;
    for visitor in visitors {
        walked += visitor.await.expect("no request fails");
    }
    assert!(walked >= 4, "{walked} journeys only: no load");
    assert_eq!(sandbox.count("enroll"), walked, "each is submitted once");
    third.stop().await;
    fourth.stop().await;
    database.drop().await;
}
