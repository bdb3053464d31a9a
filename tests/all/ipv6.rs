//! A network that has only IPv6: pages, admin listener, NRG, a target of postbacks and the database, each at `[::1]`.

use std::{sync::Arc, time::Duration};

use nrg_enroll::{
    cli::{check, health},
    clock::Clock,
    entropy::Entropy,
    server::Server,
    store::Store,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

use crate::{
    postbacks::Receiver,
    support::{Browser, Person, Walk, database::Database, demo_sandbox, settings},
};

/// Somebody who listens at `[::1]`; None where the machine has no IPv6.
async fn listener() -> Option<TcpListener> {
    let listener = TcpListener::bind("[::1]:0").await.ok();
    if listener.is_none() {
        println!("IPv6 tests skipped");
    }
    listener
}

#[tokio::test]
async fn journey_over_ipv6_alone_is_enrolled_and_posted_back() {
    let Some(listener) = listener().await else { return };
    let nrg = format!("http://{}", listener.local_addr().unwrap());
    let (clock, entropy) = (Clock::system(), Entropy::system());
    let _sandbox = demo_sandbox(listener, clock.clone(), entropy.clone(), Duration::from_millis(1));
    let receiver = Receiver::at("[::1]:0", &[]).await;
    let target = receiver.env("enrolled");
    let mut env: Vec<(&str, &str)> = target.iter().map(|(name, value)| (*name, value.as_str())).collect();
    env.extend([
        ("ENROLL__SERVER__LISTEN", "[::]:0"),
        ("ENROLL__SERVER__PRIVATE_LISTEN", "[::1]:0"),
        ("ENROLL__SERVER__PUBLIC_URL", "http://[::1]:8080"),
        ("ENROLL__POSTBACKS__OWN__WITHOUT_CLICK", "true"),
    ]);
    let data = Arc::new(tempfile::tempdir().unwrap());
    let settings = settings(data.path(), &nrg, &env);
    check::execute(&settings, clock.clone(), entropy.clone(), &mut Vec::new()).await.unwrap();

    let server = Server::start(&settings, clock, entropy).await.unwrap();
    let port = server.address.port();
    assert!(health::ask(server.private_address, true).await.unwrap().starts_with("ready"));
    let walk = Walk::new(Browser::new(&format!("http://[::1]:{port}")), Person::default());
    let review = walk.through_start_date().await;
    assert_eq!(walk.review(&review).await.path, "/confirmation");
    receiver.receives(1).await;
    // `[::]` is every address of the machine, those of IPv4 too.
    let four = Browser::new(&format!("http://127.0.0.1:{port}"));
    assert_eq!(four.get("/").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn postgres_address_of_ipv6_is_opened() {
    let (Some(listener), Some(database)) = (listener().await, Database::new().await) else { return };
    let mut url = url::Url::parse(&database.url).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
    url.set_ip_host("::1".parse().unwrap()).unwrap();
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let server = server.clone();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(server).await?;
                copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    assert!(url.as_str().contains("@[::1]:"), "{url}");
    let store = Store::open(url.as_str()).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    database.drop().await;
}
