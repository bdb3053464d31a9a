//! `nrg-enroll demo`: the pages and the sandbox of NRG's API, in one process on this machine.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::Args;
use url::Url;

use super::{output, sandbox, signals};
use crate::{
    clock::Clock,
    config::{Settings, environment, settings_file},
    entropy::Entropy,
    logging, sandbox as nrg_sandbox,
    server::{Server, listen},
};

/// The options of the command.
#[derive(Args)]
pub struct Options {
    /// The folder for the database and the keys.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// The address on which the sandbox listens.
    #[arg(long, default_value = "127.0.0.1:8081")]
    sandbox_listen: SocketAddr,
    /// Print the demo's settings as a file to start from, and end.
    #[arg(long)]
    print_config: bool,
}

/// Serves the demo until Ctrl-C or SIGTERM.
///
/// # Errors
/// An address cannot be listened on, the data folder cannot be used, or `file` is settings that it does not read.
pub async fn run(
    options: Options,
    file: Option<&Path>,
    clock: Clock,
    entropy: Entropy,
) -> anyhow::Result<()> {
    let Options { data, sandbox_listen, print_config } = options;
    if print_config {
        let nrg = Url::parse(&format!("http://{sandbox_listen}"))?;
        output::text(&Settings::demo_text(&data, &nrg))?;
        return Ok(());
    }
    if let Some(file) = settings_file(file, environment()) {
        anyhow::bail!(
            "the demo does not read {}: its settings are its own, so that it never calls NRG. To try yours without NRG, \
             serve them (nrg-enroll serve) against `nrg-enroll sandbox`; `nrg-enroll demo --print-config` prints a file to \
             start from. Without a file, environment variables (ENROLL__SECTION__KEY) change the demo",
            file.display()
        );
    }
    let listener = listen(sandbox_listen, "--sandbox-listen")?;
    let nrg = Url::parse(&format!("http://{}", listener.local_addr()?))?;
    let settings = settings(&data, &nrg, &entropy)?;
    logging::start(&settings.log);
    let client = &settings.nrg.client;
    sandbox::spawn(
        listener,
        nrg_sandbox::Settings {
            username: client.username.to_string(),
            password: client.password.to_string(),
            affiliate_id: settings.main.site.affiliate_id.clone(),
            documents_url: Url::parse(nrg_sandbox::DOCUMENTS_URL)?,
            clock: clock.clone(),
            entropy: entropy.clone(),
            slow: sandbox::SLOW,
        },
    );
    let server = Server::start(&settings, clock, entropy).await?;
    output::line(&format!(
        "{}\nOpen http://{} in a browser. Ctrl-C stops the demo. Its mails are shown at http://{}/mails.\nThe sandbox of NRG's API is at {nrg}, the data are in {}.",
        sandbox::inputs(),
        server.address,
        server.private_address,
        data.display(),
    ))?;
    signals::termination().await?;
    server.stop().await;
    Ok(())
}

/// The settings of the demo with its data in the folder `data` and the sandbox at `nrg`.
pub(super) fn settings(data: &Path, nrg: &Url, entropy: &Entropy) -> anyhow::Result<Settings> {
    Ok(Settings::demo(data, nrg, entropy, environment())?)
}
