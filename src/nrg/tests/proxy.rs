//! By way of a proxy: what it does not pass on was not sent.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

use super::{
    enroll_request,
    fake::{client, settings},
    record, site,
};
use crate::{
    egress::{self, Credentials, Proxy},
    fields::{Brand, Language, Transaction, Zip},
    nrg::{Enrollment, Kind, Nrg},
};

/// A client whose calls go by a proxy that answers with `head`; None: there is nobody.
async fn by_proxy(head: Option<&'static str>) -> Nrg {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = egress::address(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    if let Some(head) = head {
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let read = connection.read(&mut [0; 4096]).await.unwrap();
                assert!(read > 0);
                connection.write_all(head.as_bytes()).await.unwrap();
            }
        });
    }
    let mut settings = settings("127.0.0.1:1".parse().unwrap());
    settings.base_url = Url::parse("https://nrg.invalid").unwrap();
    settings.proxy = Some(Proxy::new(address, Credentials::parse("user:canary-word")));
    client(settings)
}

#[tokio::test]
async fn proxy_that_does_not_connect_means_that_nothing_was_sent() {
    for (head, cause) in [
        (None, "Connection refused"),
        (Some("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), "proxy authorization required"),
        (Some("HTTP/1.1 403 Forbidden\r\n\r\n"), "unsuccessful"),
        (Some("HTTP/1.1 502 Bad Gateway\r\n\r\n"), "unsuccessful"),
        (Some("HTTP/1.1 401 Unauthorized\r\n\r\n"), "unsuccessful"),
        // It says that it connects, and breaks off before a byte of the request.
        (Some("HTTP/1.1 200 OK\r\n\r\n"), "eof"),
    ] {
        let (nrg, site) = (by_proxy(head).await, site());
        let caller = nrg.brand_client(&site, Brand::Reliant, Language::English);
        let zip = Zip::parse("77999").unwrap();
        let error = caller.tdsp(&zip, Transaction::MoveIn).await.unwrap_err();
        assert_eq!((error.kind, error.may_have_arrived()), (Kind::Unreachable, false), "{head:?}");
        assert_eq!(error.to_string(), "tdsp: not reachable by way of nrg.proxy");
        let chain = format!("{:#}", anyhow::Error::from(error));
        assert!(chain.contains(cause) && !chain.contains("canary"), "{head:?}: {chain}");
        assert_eq!(nrg.refusal(), None, "NRG refuses nobody");
        let reply = caller.enroll(&record().tracking_id, &enroll_request()).await;
        assert_eq!(reply.enrollment, Enrollment::NotSent, "{head:?}");
    }
}
