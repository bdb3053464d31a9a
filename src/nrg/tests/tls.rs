//! Who is on the other end of the line is verified: nothing is sent to a server nobody vouches for.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio::{io::AsyncReadExt, net::TcpListener};
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::{
    fields::{Brand, Language, Ssn},
    nrg::{Enrollment, Kind},
};

use super::{
    enroll_request,
    fake::{client, settings},
    record, site,
};

#[tokio::test]
async fn untrusted_certificate_is_refused_before_anything_is_sent() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tried, heard) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counts = (Arc::clone(&tried), Arc::clone(&heard));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            counts.0.fetch_add(1, Ordering::SeqCst);
            let mut bytes = [0; 1024];
            if let Ok(mut tls) = acceptor.accept(connection).await {
                counts.1.fetch_add(tls.read(&mut bytes).await.unwrap_or(0), Ordering::SeqCst);
            }
        }
    });
    let mut settings = settings("127.0.0.1:1".parse().unwrap());
    settings.base_url = Url::parse(&format!("https://localhost:{port}")).unwrap();
    let (nrg, site) = (client(settings), site());
    let caller = nrg.brand_client(&site, Brand::Reliant, Language::English);
    let error = caller.token_ssn(&Ssn::parse("900456789").unwrap()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unreachable, "{error:?}");
    assert_eq!(caller.enroll(&record().tracking_id, &enroll_request()).await.enrollment, Enrollment::NotSent);
    assert!(tried.load(Ordering::SeqCst) >= 2, "the server was there");
    assert_eq!(heard.load(Ordering::SeqCst), 0, "and heard nothing");
}
