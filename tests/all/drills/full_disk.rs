//! The disk of the database becomes full while the server runs, and has room again.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;

use super::site::{Server, Site};
use crate::support::{Person, Walk, cluster::Cluster};

/// A disk of its own, in memory.
struct Disk(PathBuf);

impl Disk {
    /// None, and said so, where this user may not mount one.
    fn mount(folder: &Path, megabytes: u32) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder)
            .output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            println!("full disk skipped: this user cannot mount a disk in memory");
            return None;
        }
        Some(Self(folder.to_owned()))
    }

    /// Takes what room there is. What was being written frees a little a moment later, so it is taken twice.
    async fn fill(&self) {
        for name in ["filler", "filler2"] {
            let mut filler = std::fs::File::create(self.0.join(name)).unwrap();
            while filler.write(&[0; 4096]).is_ok() {}
            tokio::time::sleep(Duration::from_millis(1500)).await;
        }
    }

    fn free(&self) {
        for name in ["filler", "filler2"] {
            std::fs::remove_file(self.0.join(name)).unwrap();
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Tries until the room is used up that pages or a log have which are there already.
async fn is_refused(server: &Server) {
    for _ in 0..500 {
        if begin(server).await == 503 {
            return;
        }
    }
    panic!("the disk is not full");
}

async fn begin(server: &Server) -> u16 {
    Walk::new(server.browser(), Person::default()).zip().await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_sqlite_disk_makes_server_unready_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path(), 4) else { return };
    let site = Site::new(&format!("sqlite://{}/data/one.db", folder.path().display()), &[]).await;
    let server = site.start(&[]).await;
    let walk = Walk::new(server.browser(), Person::default());
    walk.to_identity().await.is_at("/identity");
    for _ in 0..2 {
        server.is_ready().await;
        disk.fill().await;
        is_refused(&server).await;
        let said = server.is_unready().await;
        assert!(said.contains("the database's disk is full"), "{said}");
        disk.free();
        server.is_ready().await;
        assert_eq!(begin(&server).await, 200);
    }
    // The journey that stood still goes on.
    let dates = walk.identity(&walk.browser.get("/identity").await).await;
    let review = walk.start_date(&dates).await;
    walk.review(&review).await.is_at("/confirmation");
    // A server that cannot write is stopped as soon as another.
    disk.fill().await;
    let took = server.stop().await;
    assert!(took < Duration::from_secs(20), "{took:?}");
    let again = {
        disk.free();
        site.start(&[]).await
    };
    walk.browser.at(&again.base).get("/").await.is_at("/confirmation");
    assert_eq!(site.sandbox.count("enroll"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_postgres_disk_makes_server_unready_until_there_is_room() {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path(), 110) else { return };
    let Some(cluster) = Cluster::start_in(folder) else { return };
    let site = Site::new(&cluster.database().await, &[]).await;
    let server = site.start(&[]).await;
    assert_eq!(begin(&server).await, 200);
    server.is_ready().await;
    disk.fill().await;
    let said = server.is_unready().await;
    assert!(said.contains("the database's disk is full (code 53100)"), "{said}");
    is_refused(&server).await;
    disk.free();
    server.is_ready().await;
    assert_eq!(begin(&server).await, 200);
    let took = server.stop().await;
    assert!(took < Duration::from_secs(20), "{took:?}");
}
