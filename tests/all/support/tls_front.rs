//! NRG as it is in production: behind TLS, on connections that stay open from call to call.

use std::{net::SocketAddr, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::fault_proxy::{find, parts, read_request};

pub struct TlsFront {
    pub address: SocketAddr,
    /// Its certificate in PEM, which a client must trust.
    pub certificate: String,
}

impl TlsFront {
    /// Passes every request on to `behind`, which reads one of each connection.
    pub async fn start(behind: SocketAddr) -> Self {
        let own =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "nrg.invalid".to_owned()]).unwrap();
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
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                // A connection that breaks is what some tests are about.
                tokio::spawn(async move { serve(acceptor.accept(connection).await?, behind).await });
            }
        });
        let certificate = STANDARD.encode(own.cert.der());
        let certificate = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
        Self { address, certificate }
    }
}

async fn serve(mut client: TlsStream<TcpStream>, behind: SocketAddr) -> std::io::Result<()> {
    const CLOSE: &[u8] = b"connection: close\r\n";
    loop {
        let request = read_request(&mut client).await?;
        let mut nrg = TcpStream::connect(behind).await?;
        nrg.write_all(&request).await?;
        let mut answer = Vec::new();
        nrg.read_to_end(&mut answer).await?;
        if let Some(close) = find(&answer, CLOSE) {
            answer.drain(close..close + CLOSE.len());
        }
        client.write_all(&answer).await?;
        if !is_whole(&answer) {
            return client.shutdown().await;
        }
    }
}

/// Whether the answer is as long as it says.
fn is_whole(answer: &[u8]) -> bool {
    let (http, body) = parts(answer);
    let length = format!("content-length: {}\r\n", body.len());
    http == 204 || find(answer, length.as_bytes()).is_some()
}
