//! New credentials for NRG without a restart: the settings are read again when the process gets SIGHUP, and every few
//! seconds. User name and password take effect at once; everything else waits for the next start.
//!
//! Contents are compared, not times of files: a secret that an orchestrator swaps in by a link is seen as well.

use std::time::Duration;

use tokio::{sync::mpsc, time};

use crate::{
    config::{Problems, Settings},
    nrg::Nrg,
};

/// How often the settings are looked at.
pub const EVERY: Duration = Duration::from_secs(10);

/// Reads the settings with `read` on each of `hangups` and once in `every`, and hands NRG's credentials to `nrg`.
/// Settings that cannot be read change nothing. Never ends.
pub async fn keep_up(
    nrg: Nrg,
    every: Duration,
    mut hangups: mpsc::Receiver<()>,
    read: impl Fn() -> Result<Settings, Problems>,
) {
    let mut told = None;
    loop {
        let asked = match time::timeout(every, hangups.recv()).await {
            Ok(Some(())) => true,
            Ok(None) => {
                time::sleep(every).await;
                false
            }
            Err(_) => false,
        };
        match take_over(&nrg, &read) {
            Ok(true) => tracing::info!("NRG's credentials were read anew"),
            Ok(false) if asked => tracing::info!("NRG's credentials are as they were"),
            Ok(false) => {}
            Err(problem) if asked || told.as_ref() != Some(&problem) => {
                tracing::error!(problem, "the settings cannot be read anew; those in force stay");
                told = Some(problem);
                continue;
            }
            Err(_) => continue,
        }
        told = None;
    }
}

fn take_over(nrg: &Nrg, read: impl Fn() -> Result<Settings, Problems>) -> Result<bool, String> {
    let client = read().map_err(|problems| problems.to_string())?.nrg.client;
    nrg.use_credentials(&client.username, &client.password).map_err(|error| error.to_string())
}
