//! New credentials for NRG and outages without a restart: the settings are read again when the process gets SIGHUP, and
//! every few seconds. User name, password and what is switched off take effect at once; everything else waits for the
//! next start.
//!
//! Contents are compared, not times of files: a secret that an orchestrator swaps in by a link is seen as well.

use std::time::Duration;

use tokio::{sync::mpsc, time};

use crate::{
    config::{Problems, Settings},
    nrg::Nrg,
    web::outage::OutageState,
};

/// How often the settings are looked at.
pub const EVERY: Duration = Duration::from_secs(10);

/// Reads the settings with `read` on each of `hangups` and once in `every`, and manual NRG's credentials to `nrg` and what
/// is switched off to `outages`. Settings that cannot be read change nothing. Never ends.
pub async fn keep_up(
    nrg: Nrg,
    outages: OutageState,
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
        match take_over(&nrg, &outages, &read) {
            Ok(changed) => {
                let known = [("NRG's credentials", changed.credentials), ("outages", changed.outages)];
                for (what, changed) in known.into_iter().filter(|(_, changed)| *changed || asked) {
                    tracing::info!(what, changed, "settings were read anew");
                }
            }
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

/// What is another than before.
struct Changed {
    credentials: bool,
    outages: bool,
}

fn take_over(
    nrg: &Nrg,
    outages: &OutageState,
    read: impl Fn() -> Result<Settings, Problems>,
) -> Result<Changed, String> {
    let settings = read().map_err(|problems| problems.to_string())?;
    let off = settings.outages();
    let client = settings.nrg.client;
    let credentials = nrg.use_credentials(&client.username, &client.password);
    let outages = outages.replace(off);
    Ok(Changed { credentials: credentials.map_err(|error| error.to_string())?, outages })
}
