//! Servers that take every form and never answer one: what the proxy then sends again would be submitted twice.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

use super::proxy::Front;
use crate::support::fault_proxy::read_request;

#[derive(Default)]
pub struct Fake {
    forms: AtomicUsize,
    /// The head of the last page asked for.
    head: Mutex<String>,
}

impl Fake {
    /// Both servers of `front`, until the test ends.
    pub async fn start(front: &Front) -> Arc<Self> {
        let fake = Arc::new(Self::default());
        for address in front.servers {
            for port in [front.port, front.private_port] {
                let listener = TcpListener::bind(SocketAddr::from((address, port))).await.unwrap();
                let fake = Arc::clone(&fake);
                tokio::spawn(async move {
                    while let Ok((connection, _)) = listener.accept().await {
                        let fake = Arc::clone(&fake);
                        tokio::spawn(async move { fake.serve(connection).await });
                    }
                });
            }
        }
        fake
    }

    /// How many forms have come.
    pub fn forms(&self) -> usize {
        self.forms.load(Ordering::SeqCst)
    }

    /// The lines of the head of the last page asked for, in small letters.
    pub fn head(&self) -> Vec<String> {
        self.head.lock().unwrap().lines().map(str::to_ascii_lowercase).collect()
    }

    async fn serve(&self, mut connection: TcpStream) -> std::io::Result<()> {
        loop {
            let request = read_request(&mut connection).await?;
            let text = String::from_utf8_lossy(&request).into_owned();
            if text.starts_with("POST") {
                self.forms.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
            if text.starts_with("GET / ") {
                *self.head.lock().unwrap() = text;
            }
            connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await?;
        }
    }
}
