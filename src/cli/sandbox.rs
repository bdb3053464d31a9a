//! `nrg-enroll sandbox`: serves the sandbox of NRG's API.

use std::{net::SocketAddr, time::Duration};

use clap::Args;
use tokio::net::TcpListener;

use super::{output, signals};
use crate::{
    causes::Causes,
    clock::Clock,
    entropy::Entropy,
    sandbox::{Sandbox, Settings},
    server::listen,
};

/// How long the slow answers take: long enough to see the page that waits.
pub(super) const SLOW: Duration = Duration::from_secs(8);

/// The options of the command.
#[derive(Args)]
pub struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// The user name it accepts.
    #[arg(long, default_value = "sandbox-example")]
    username: String,
    /// The password it accepts. It protects nothing: this is not NRG.
    #[arg(long, default_value = "sandbox-example")]
    password: String,
    /// The affiliate it accepts.
    #[arg(long, default_value = "AFF-EXAMPLE")]
    affiliate_id: String,
}

/// Serves the sandbox until Ctrl-C or SIGTERM.
///
/// # Errors
/// The address cannot be listened on.
pub async fn run(options: Options, clock: Clock, entropy: Entropy) -> anyhow::Result<()> {
    let Options { listen: address, username, password, affiliate_id } = options;
    let listener = listen(address, "--listen").await?;
    output::line(&format!("Sandbox NRG API on http://{}\n\n{}", listener.local_addr()?, inputs()))?;
    spawn(listener, Settings { username, password, affiliate_id, clock, entropy, slow: SLOW });
    signals::termination().await?;
    Ok(())
}

/// Serves a sandbox with these settings on `listener`, in a task of its own.
pub(super) fn spawn(listener: TcpListener, settings: Settings) {
    let router = Sandbox::new(settings).router();
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(error = %Causes(&error), "sandbox: serving failed");
        }
    });
}

/// The table of the inputs with a special outcome.
pub(super) fn inputs() -> String {
    let all = Sandbox::inputs();
    let field = all.iter().map(|input| input.field.len()).max().unwrap_or(0);
    let value = all.iter().map(|input| input.value.len()).max().unwrap_or(0);
    let mut table = String::from("Test inputs (anything else sensible succeeds):\n");
    for input in all {
        table.push_str(&format!("  {:field$}  {:value$}  {}\n", input.field, input.value, input.outcome));
    }
    table
}
