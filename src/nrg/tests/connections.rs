//! Which connections are kept, and who waits for whom, over a real socket.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
    time::timeout,
};

use crate::{
    fields::{Brand, Language, Ssn, Transaction, Zip},
    journey::Proof,
    nrg::{BrandClient, Caller, Nrg},
};

use super::{
    applicant,
    fake::{Fake, Scripted, client, json, settings},
    service, site, token,
};

/// Longer than any of these calls may be held up, and far shorter than the answers that hold them up.
const SOON: Duration = Duration::from_secs(5);

#[tokio::test]
async fn connection_of_token_ends_with_its_answer_and_those_of_reads_are_kept() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let opened = Arc::new(AtomicUsize::new(0));
    let (ended, mut ends) = mpsc::unbounded_channel();
    let count = Arc::clone(&opened);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let ended = ended.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                while connection.read(&mut request).await.is_ok_and(|read| read > 0) {
                    let body = r#"{"statusCode":"01"}"#;
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                    connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
                }
                ended.send(number)
            });
        }
    });
    let (nrg, site) = (client(settings(address)), site());
    let caller = nrg.brand_client(&site, Brand::Reliant, Language::English);
    let _ = caller.token_ssn(&Ssn::parse("900456789").unwrap()).await;
    assert_eq!(
        timeout(SOON, ends.recv()).await,
        Ok(Some(0)),
        "nothing of it is in the buffers of a connection"
    );
    for _ in 0..2 {
        let _ = caller.tdsp(&Zip::parse("77999").unwrap(), Transaction::MoveIn).await;
    }
    assert_eq!(opened.load(Ordering::SeqCst), 2, "one for the token, one for both reads");
}

async fn slow() -> (Fake, Nrg) {
    let never = Scripted { after: Duration::from_secs(600), ..json(200, "{}") };
    let fake = Fake::start([never]).await;
    let nrg = client(settings(fake.address));
    (fake, nrg)
}

/// Waits until `fake` was asked `calls` of `path`.
async fn asked(fake: &Fake, path: &str, calls: usize) {
    let mut seen = 0;
    let all = async {
        while seen < calls {
            seen += fake.asked().iter().filter(|asked| asked.path.ends_with(path)).count();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, all).await.unwrap_or_else(|_| panic!("{path} waits for other calls"));
}

#[tokio::test]
async fn sixty_slow_look_ups_of_one_client_delay_nobody_else() {
    let ((fake, nrg), site, service) = (slow().await, site(), service());
    let client = |number: u8, session| {
        let caller = Caller { network: Some([203, 0, 113, number].into()), session: Some(session) };
        nrg.brand_client(&site, Brand::Reliant, Language::English).on_behalf_of(caller)
    };
    let look_up = async |client: BrandClient<'_>| drop(client.cleanup_service(&service).await);
    let (sixty, stranger) = (client(1, "one"), client(2, "two"));
    let others = async {
        asked(&fake, "cleanup-address", 12).await;
        tokio::select! { () = look_up(stranger) => {}, () = asked(&fake, "cleanup-address", 1) => {} }
    };
    tokio::select! { _ = join_all((0..60).map(|_| look_up(sixty))) => {}, () = others => {} }
}

#[tokio::test]
async fn lane_full_of_look_ups_delays_neither_first_page_nor_identity() {
    let ((fake, nrg), site, service) = (slow().await, site(), service());
    let client = nrg.brand_client(&site, Brand::Reliant, Language::English);
    let (zip, applicant) = (Zip::parse("77999").unwrap(), applicant(Proof::Ssn(token())));
    let others = async {
        asked(&fake, "cleanup-address", 64).await;
        tokio::select! {
            _ = client.tdsp(&zip, Transaction::MoveIn) => {},
            () = asked(&fake, "tdsp", 1) => {},
        }
        tokio::select! {
            _ = client.identity(&applicant, None) => {},
            () = asked(&fake, "identity", 1) => {},
        }
    };
    let look_ups = join_all((0..100).map(|_| client.cleanup_service(&service)));
    tokio::select! { _ = look_ups => {}, () = others => {} }
}
