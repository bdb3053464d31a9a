//! A load: connections kept open, one request after the other on each, over bare TCP, so that the load itself
//! takes little. It never sleeps while it measures: to wake it would count as the server's work.

use std::{
    net::SocketAddr,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection.
pub struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    /// The bytes of its head on the wire, and of its body.
    pub head: usize,
    pub body: usize,
}

impl Line {
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::with_capacity(64 * 1024) }
    }

    /// Sends one request and reads its answer.
    pub async fn ask(&mut self, request: &[u8]) -> Answer {
        self.stream.write_all(request).await.unwrap();
        self.read.clear();
        loop {
            if let Some(answer) = whole(&self.read) {
                return answer;
            }
            let read = self.stream.read_buf(&mut self.read).await.unwrap();
            assert!(read > 0, "the server closed a connection: {}", String::from_utf8_lossy(&self.read));
        }
    }
}

/// The answer, once all of it is there.
fn whole(read: &[u8]) -> Option<Answer> {
    let head = read.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(read.get(..head)?).unwrap();
    let status = text.get(9..12)?.parse().ok()?;
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let body = read.get(head + 4..)?;
    let length = match field("content-length") {
        Some(length) => length.parse().unwrap(),
        None if field("transfer-encoding").is_some() => body.ends_with(b"0\r\n\r\n").then_some(body.len())?,
        None => 0,
    };
    (body.len() >= length).then_some(Answer { status, head: head + 4, body: length })
}

/// A GET with the cookies of a visitor.
pub fn get(path: &str, cookies: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\ncookie: {cookies}\r\n\r\n").into_bytes()
}

/// The same as browsers ask for it: compressed.
pub fn get_compressed(path: &str, cookies: &str) -> Vec<u8> {
    let accepts = "accept-encoding: gzip, deflate, br, zstd";
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n{accepts}\r\ncookie: {cookies}\r\n\r\n").into_bytes()
}

/// A form as a browser posts it.
pub fn post(path: &str, cookies: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\ncookie: {cookies}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Answers a second, each connection asking what its `request` says next, for `time`.
pub async fn rate<R: FnMut() -> Vec<u8>>(
    address: SocketAddr,
    requests: Vec<R>,
    expected: u16,
    time: Duration,
) -> f64 {
    let began = Instant::now();
    let line = |mut request: R| async move {
        let mut line = Line::open(address).await;
        let mut answers = 0_u64;
        while began.elapsed() < time {
            let answer = line.ask(&request()).await;
            assert_eq!(answer.status, expected);
            answers += 1;
        }
        answers
    };
    let answers: u64 = awake(join_all(requests.into_iter().map(line))).await.into_iter().sum();
    answers as f64 / began.elapsed().as_secs_f64()
}

/// Waits for `work` without ever sleeping.
pub async fn awake<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        let turn = async {
            tokio::task::yield_now().await;
            None
        };
        let mut turn = pin!(turn);
        let done = std::future::poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => turn.as_mut().poll(cx),
        });
        if let Some(done) = done.await {
            return done;
        }
    }
}

/// At half of `most` answers a second: the milliseconds each took, from when it was due, so that a queue counts.
pub async fn paced<R: FnMut() -> Vec<u8>>(
    address: SocketAddr,
    requests: Vec<R>,
    expected: u16,
    time: Duration,
    most: f64,
) -> Vec<f64> {
    let pause = Duration::from_secs_f64(requests.len() as f64 * 2.0 / most);
    let step = pause / u32::try_from(requests.len()).unwrap();
    let began = Instant::now();
    let line = |(index, mut request): (usize, R)| async move {
        let mut line = Line::open(address).await;
        let mut took = Vec::new();
        let mut due = began + step * u32::try_from(index).unwrap();
        while due.duration_since(began) < time {
            while Instant::now() < due {
                tokio::task::yield_now().await;
            }
            assert_eq!(line.ask(&request()).await.status, expected);
            took.push(due.elapsed().as_secs_f64() * 1000.0);
            due += pause;
        }
        took
    };
    awake(join_all(requests.into_iter().enumerate().map(line))).await.concat()
}
