//! A server in a process of its own.

use std::{net::SocketAddr, path::Path, process::Child, time::Duration};

/// The public and the private address of the server that runs as `child` and logs to the file `log`, once it serves.
pub async fn addresses(child: &mut Child, log: &Path) -> [SocketAddr; 2] {
    for _ in 0..300 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let log = std::fs::read_to_string(log).unwrap();
        let mut lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        if let Some(line) = lines.find(|line| line["private"].is_string()) {
            return ["address", "private"].map(|name| line[name].as_str().unwrap().parse().unwrap());
        }
        assert!(child.try_wait().unwrap().is_none(), "{log}");
    }
    let _ = child.kill();
    panic!("it does not serve");
}
