//! A proxy as an affiliate's network has one: it passes connections on, by CONNECT or by SOCKS5, to whom is let in.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use super::fault_proxy::read_request;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Connect,
    Socks5,
}

#[derive(Clone)]
pub struct EgressProxy {
    pub address: SocketAddr,
    protocol: Protocol,
    /// `user:password`, if it asks.
    wants: Option<&'static str>,
    /// Where it was asked to connect to, as it was asked.
    asked: Arc<Mutex<Vec<String>>>,
    refused: Arc<AtomicUsize>,
}

impl EgressProxy {
    pub async fn start(protocol: Protocol, wants: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (asked, refused) = (Arc::default(), Arc::default());
        let proxy = Self { address: listener.local_addr().unwrap(), protocol, wants, asked, refused };
        let own = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let proxy = own.clone();
                // A connection that breaks is the client's business.
                tokio::spawn(async move {
                    match proxy.protocol {
                        Protocol::Connect => proxy.connect(client).await,
                        Protocol::Socks5 => proxy.socks5(client).await,
                    }
                });
            }
        });
        proxy
    }

    /// The setting that names it.
    pub fn url(&self) -> String {
        let scheme = if self.protocol == Protocol::Connect { "http" } else { "socks5h" };
        format!("{scheme}://{}", self.address)
    }

    /// Where it was asked to connect to, one after the other.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// How many it let not in.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    async fn connect(&self, mut client: TcpStream) -> std::io::Result<()> {
        let head = String::from_utf8(read_request(&mut client).await?).unwrap();
        let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let shown = lines.filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
        let shown = shown.map(|(_, value)| value).next();
        if shown != self.wants.map(|wants| format!("Basic {}", STANDARD.encode(wants))).as_deref() {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
        }
        let mut server = self.open(target).await?;
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        copy_bidirectional(&mut client, &mut server).await.map(drop)
    }

    async fn socks5(&self, mut client: TcpStream) -> std::io::Result<()> {
        let [_, methods] = bytes(&mut client).await?;
        let mut offered = vec![0; methods.into()];
        client.read_exact(&mut offered).await?;
        let method = if self.wants.is_some() { 2 } else { 0 };
        if !offered.contains(&method) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return client.write_all(&[5, 0xff]).await;
        }
        client.write_all(&[5, method]).await?;
        if let Some(wants) = self.wants {
            let [_] = bytes(&mut client).await?;
            let shown = format!("{}:{}", text(&mut client).await?, text(&mut client).await?);
            let is_let_in = shown == wants;
            client.write_all(&[1, u8::from(!is_let_in)]).await?;
            if !is_let_in {
                self.refused.fetch_add(1, Ordering::SeqCst);
                return Ok(());
            }
        }
        let [_, _, _, kind] = bytes(&mut client).await?;
        let host = match kind {
            1 => std::net::Ipv4Addr::from(bytes::<4>(&mut client).await?).to_string(),
            3 => text(&mut client).await?,
            _ => format!("[{}]", std::net::Ipv6Addr::from(bytes::<16>(&mut client).await?)),
        };
        let port = u16::from_be_bytes(bytes(&mut client).await?);
        let mut server = self.open(&format!("{host}:{port}")).await?;
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
        copy_bidirectional(&mut client, &mut server).await.map(drop)
    }

    /// Names end where the tests' servers are: the proxy resolves them, and nobody else could.
    async fn open(&self, target: &str) -> std::io::Result<TcpStream> {
        self.asked.lock().unwrap().push(target.to_owned());
        let (host, port) = target.rsplit_once(':').unwrap();
        let host = if host.ends_with(".invalid") { "127.0.0.1" } else { host };
        TcpStream::connect(format!("{host}:{port}")).await
    }
}

async fn bytes<const N: usize>(client: &mut TcpStream) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// A text with its length before it.
async fn text(client: &mut TcpStream) -> std::io::Result<String> {
    let [length] = bytes(client).await?;
    let mut text = vec![0; length.into()];
    client.read_exact(&mut text).await?;
    Ok(String::from_utf8(text).unwrap())
}
