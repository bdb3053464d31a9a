//! `nrg-enroll sandbox`: serves the sandbox of NRG's API.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::serve::Listener;
use clap::Args;
use url::Url;

use super::{output, signals};
use crate::{
    causes::Causes,
    clock::Clock,
    entropy::Entropy,
    sandbox::{DOCUMENTS_URL, Sandbox, Settings, TlsListener},
    server::listen,
    tls,
};

/// How long the slow answers take: long enough to see the page that waits.
pub(super) const SLOW: Duration = Duration::from_secs(8);

/// The options of the command.
#[derive(Args)]
pub struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Speak TLS with this certificate: a file in PEM, with those of its authorities behind it.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Speak http on an address that other hosts reach, for a proxy in front that speaks TLS: the server calls NRG's API
    /// with https only, except on its own machine.
    #[arg(long, conflicts_with = "tls_cert")]
    plain_http: bool,
    /// The user name it accepts.
    #[arg(long, default_value = "sandbox-example")]
    username: String,
    /// The password it accepts. It protects nothing: this is not NRG.
    #[arg(long, default_value = "sandbox-example")]
    password: String,
    /// The affiliate it accepts.
    #[arg(long, default_value = "AFF-EXAMPLE")]
    affiliate_id: String,
    /// The address under which the documents of its plans lie, with a slash at the end. Settings other than the demo's
    /// refuse the default: name one whose host is in affiliate.link_hosts.
    #[arg(long, value_name = "URL", default_value = DOCUMENTS_URL, value_parser = documents_url)]
    documents_url: Url,
}

/// Serves the sandbox until Ctrl-C or SIGTERM.
///
/// # Errors
/// The address cannot be listened on, or only with TLS, the certificate or key is of no use, or there is a settings
/// `file`.
pub async fn run(
    options: Options,
    file: Option<&Path>,
    clock: Clock,
    entropy: Entropy,
) -> anyhow::Result<()> {
    anyhow::ensure!(file.is_none(), "the sandbox reads no settings file: its options say all there is");
    let Options { listen: address, username, password, affiliate_id, documents_url, .. } = options;
    let config = options.tls_cert.zip(options.tls_key);
    let config = config.map(|(certificates, key)| tls::server(&certificates, &key)).transpose()?;
    anyhow::ensure!(
        config.is_some() || options.plain_http || address.ip().is_loopback(),
        "other hosts reach {address}: name a certificate (--tls-cert, --tls-key), or say --plain-http if a proxy in front \
         speaks TLS"
    );
    let listener = listen(address, "--listen")?;
    let address = listener.local_addr()?;
    let settings = Settings { username, password, affiliate_id, documents_url, clock, entropy, slow: SLOW };
    let scheme = if config.is_some() { "https" } else { "http" };
    match config {
        Some(config) => spawn(TlsListener::new(listener, config)?, settings),
        None => spawn(listener, settings),
    }
    output::line(&format!("Sandbox NRG API on {scheme}://{address}\n\n{}", inputs()))?;
    signals::termination().await?;
    Ok(())
}

/// Serves a sandbox with these settings on `listener`, in a task of its own.
pub(super) fn spawn<L: Listener<Addr = SocketAddr>>(listener: L, settings: Settings) {
    let router = Sandbox::new(settings).router();
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(error = %Causes(&error), "sandbox: serving failed");
        }
    });
}

fn documents_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.path().ends_with('/'));
    let url = url.filter(|url| url.port().is_none() && url.query().is_none() && url.fragment().is_none());
    url.ok_or(
        "it must be an https address with a slash at its end, such as https://docs.staging.your-domain.com/",
    )
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
