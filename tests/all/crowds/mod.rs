//! More connections than the server may have open, and more tries than a limit allows: straight at the server, and
//! through a real proxy where nginx is installed. The server is a process of its own, which may have 1024 files open.

mod nginx;
mod server;

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use self::{nginx::Nginx, server::Server};
use crate::support::{Browser, Page, Person, Walk};

/// Whose crowd it is, and somebody else. Every address of 127.0.0.0/8 is one of this machine.
const STRANGER: [u8; 4] = [127, 0, 0, 9];
const VISITOR: [u8; 4] = [127, 0, 0, 2];
/// How soon a page must be there. It took 17 to 53 seconds when every connection was held until its time limit.
const SOON: Duration = Duration::from_secs(10);
/// A form of which the end never comes.
const HALF_A_FORM: &[u8] = b"POST /identity HTTP/1.1\r\nhost: x\r\n\
    content-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\nfirst_name=";
const HALF_A_HEAD: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ";

/// This many connections to `to` from the address, each of which has sent `sent`.
async fn crowd(to: SocketAddr, from: [u8; 4], connections: usize, sent: &[u8]) -> Vec<TcpStream> {
    nrg_enroll::server::process::raise_open_files();
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        // A server that accepts none any more has all that this crowd can do.
        let Ok(connected) = timeout(Duration::from_secs(1), socket.connect(to)).await else { break };
        // One that the server ends at once is ended.
        let Ok(mut stream) = connected else { continue };
        let _ = stream.write_all(sent).await;
        open.push(stream);
    }
    open
}

fn browser(at: SocketAddr, from: [u8; 4]) -> Browser {
    Browser::at_address(&format!("http://{at}"), Some(IpAddr::from(from)))
}

/// A visitor at `at` sees plans, which NRG has been asked for, and the server says that it is ready.
async fn is_served(server: &Server, at: SocketAddr) {
    let walk = Walk::new(browser(at, VISITOR), Person::default());
    let plans = timeout(SOON, walk.zip()).await.expect("a page in time");
    plans.is_at("/plans");
    plans.says("Choose your plan");
    let operator = browser(server.private, VISITOR);
    let ready = timeout(SOON, operator.ask("GET", "/readyz", &[])).await.expect("an answer in time");
    assert_eq!(ready.status(), 200);
}

#[tokio::test]
async fn server_has_all_files_it_may_have_and_dumps_no_core() {
    let server = Server::start(&[]).await;
    let limits = server.limits();
    assert_eq!(limits("Max open files"), ["1024", "1024"]);
    assert_eq!(limits("Max core file size"), ["0", "0"]);
}

#[tokio::test]
async fn idle_connections_of_one_address_leave_pages_and_readiness() {
    let server = Server::start(&[]).await;
    let idle = crowd(server.address, STRANGER, 1100, b"").await;
    is_served(&server, server.address).await;
    drop(idle);
}

#[tokio::test]
async fn half_sent_requests_of_one_address_leave_pages_and_readiness() {
    let server = Server::start(&[]).await;
    let mut slow = crowd(server.address, STRANGER, 600, HALF_A_FORM).await;
    slow.extend(crowd(server.address, STRANGER, 600, HALF_A_HEAD).await);
    is_served(&server, server.address).await;
    drop(slow);
}

#[tokio::test]
async fn half_sent_requests_of_many_addresses_leave_pages_and_readiness() {
    let server = Server::start(&[]).await;
    let mut slow = Vec::new();
    for last in 10..40 {
        slow.extend(crowd(server.address, [127, 0, 1, last], 40, HALF_A_FORM).await);
    }
    is_served(&server, server.address).await;
    drop(slow);
}

#[tokio::test]
async fn half_sent_forms_through_a_proxy_leave_pages_and_readiness() {
    let server = Server::start(&[("SERVER__TRUSTED_PROXIES", "1")]).await;
    let Some(nginx) = Nginx::start(server.address).await else { return };
    let slow = crowd(nginx.address, STRANGER, 1100, HALF_A_FORM).await;
    is_served(&server, nginx.address).await;
    drop(slow);
}

/// How the identity form is answered that somebody at this address sends about this home with this number.
async fn identity(at: SocketAddr, from: [u8; 4], ssn: &'static str, first_name: &'static str) -> Page {
    let walk = Walk::new(browser(at, from), Person { ssn, first_name, ..Person::default() });
    let page = walk.to_identity().await;
    walk.identity(&page).await
}

#[tokio::test]
async fn strangers_tries_through_a_proxy_lock_nobody_out() {
    let server = Server::start(&[("SERVER__TRUSTED_PROXIES", "1")]).await;
    let Some(nginx) = Nginx::start(server.address).await else { return };
    let at = nginx.address;
    // Twenty about the home, as many as its limit, and among them five with the number.
    for n in 0..20 {
        let ssn = if n < 5 { "900-45-6789" } else { "900-45-6788" };
        identity(at, STRANGER, ssn, "Robin").await;
    }
    assert_eq!(identity(at, STRANGER, "900-45-6789", "Robin").await.status, 429);
    identity(at, VISITOR, "900-45-6789", "Jordan").await.is_at("/start-date");
}
