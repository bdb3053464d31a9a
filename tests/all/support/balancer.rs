//! A load balancer as small as one can be: asks each server's `/readyz`, and leads each connection to one that is ready.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use nrg_enroll::{cli::health, server::Server};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

#[derive(Clone)]
pub struct Balancer {
    pub address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Public and private addresses.
    servers: Mutex<Vec<(SocketAddr, SocketAddr)>>,
    ready: Mutex<Vec<SocketAddr>>,
    next: AtomicUsize,
}

impl Balancer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let balancer = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&balancer.state);
        tokio::spawn(async move {
            loop {
                let servers = state.servers.lock().unwrap().clone();
                let mut ready = Vec::new();
                for (public, private) in servers {
                    if health::ask(private, true).await.is_ok() {
                        ready.push(public);
                    }
                }
                *state.ready.lock().unwrap() = ready;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let state = Arc::clone(&balancer.state);
        tokio::spawn(async move {
            while let Ok((mut browser, _)) = listener.accept().await {
                let server = {
                    let ready = state.ready.lock().unwrap();
                    ready[state.next.fetch_add(1, Ordering::Relaxed) % ready.len()]
                };
                tokio::spawn(async move {
                    // A connection that fails is a request that fails, which the browser tells.
                    if let Ok(mut server) = TcpStream::connect(server).await {
                        copy_bidirectional(&mut browser, &mut server).await.ok();
                    }
                });
            }
        });
        balancer
    }

    /// Leads to `server` from when it is ready on, and returns then.
    pub async fn add(&self, server: &Server) {
        self.state.servers.lock().unwrap().push((server.address, server.private_address));
        while !self.state.ready.lock().unwrap().contains(&server.address) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
