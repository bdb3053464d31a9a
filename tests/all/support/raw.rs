//! Bytes on a socket, as no browser sends them.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

/// What came back until the server closed the connection, and after how long; or until ten seconds were over.
pub struct Received {
    pub text: String,
    pub closed_after: Option<Duration>,
}

impl Received {
    /// The statuses of the answers.
    pub fn statuses(&self) -> Vec<u16> {
        let lines = self.text.split("HTTP/1.1 ").skip(1);
        lines.filter_map(|line| line.get(..3)?.parse().ok()).collect()
    }
}

/// Sends `parts`, with `pause` before each but the first, and listens.
pub async fn send(address: SocketAddr, parts: &[&[u8]], pause: Duration) -> Received {
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let parts: Vec<Vec<u8>> = parts.iter().map(|part| part.to_vec()).collect();
    let began = Instant::now();
    let writing = tokio::spawn(async move {
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                tokio::time::sleep(pause).await;
            }
            if writer.write_all(&part).await.is_err() {
                break;
            }
        }
        // Held open: it is the server that has to end it.
        tokio::time::sleep(Duration::from_secs(20)).await;
        drop(writer);
    });
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let mut closed_after = None;
    while let Ok(read) = timeout(Duration::from_secs(10), reader.read(&mut buffer)).await {
        match read {
            Ok(0) | Err(_) => {
                closed_after = Some(began.elapsed());
                break;
            }
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
    writing.abort();
    Received { text: String::from_utf8_lossy(&bytes).into_owned(), closed_after }
}
