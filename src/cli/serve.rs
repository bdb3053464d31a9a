//! `nrg-enroll serve`: runs the server until it is asked to stop.

use std::{path::PathBuf, time::Duration};

use anyhow::Context;

use super::signals;
use crate::{
    clock::Clock,
    config::{Settings, environment},
    entropy::Entropy,
    logging,
    server::{Server, process},
};

/// How often the settings are read again for what can change without a restart.
const RELOAD_PERIOD: Duration = Duration::from_secs(10);

/// Serves the settings of `file` until Ctrl-C or SIGTERM; then drains. SIGHUP reloads the settings.
///
/// # Errors
/// The memory cannot be sealed, the settings are invalid, or the server cannot start.
pub async fn run(file: Option<PathBuf>, clock: Clock, entropy: Entropy) -> anyhow::Result<()> {
    let read = move || Settings::load(file.as_deref(), environment());
    process::seal_memory().context("the kernel does not let the server seal its memory")?;
    let settings = read()?;
    logging::start(&settings.log);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "server: starting");
    let server = Server::start(&settings, clock, entropy).await?;
    let reloader = server.watch_settings(RELOAD_PERIOD, read);
    signals::on_hangup(move || reloader.reload(true))?;
    tracing::info!(address = %server.address, private = %server.private_address, "server: listening");
    signals::termination().await?;
    tracing::info!("server: asked to stop");
    server.stop().await;
    tracing::info!("server: stopped");
    Ok(())
}
