//! The command line. No decisions: each command reads the settings and manual over.

use std::{
    alloc::System,
    io::ErrorKind,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use nrg_enroll::{
    cli::{check, health, ledger, postbacks},
    clock::Clock,
    config::{Problems, Settings, environment, reference},
    entropy::Entropy,
    logging, report,
    sandbox::{self, Sandbox},
    server::{Server, listen, open_ledger, open_outbox, open_reporter, reload},
    store::Store,
};
use tokio::net::TcpListener;
use url::Url;
use zeroizing_alloc::ZeroAlloc;

/// Memory is wiped when it is given back: what libraries copied of a request, a URL or a header is then gone, too.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

/// The web enrollment server of an NRG affiliate.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    /// Settings file (else ENROLL_CONFIG, else defaults and environment only).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the enrollment pages.
    Serve,
    /// Try it: the pages and a sandbox NRG on this machine, with data in ./data.
    Demo {
        /// Where database and keys are kept.
        #[arg(long, default_value = "data")]
        data: PathBuf,
        /// Where the sandbox NRG listens.
        #[arg(long, default_value = "127.0.0.1:8081")]
        sandbox_listen: SocketAddr,
    },
    /// Serve only the sandbox NRG API, for staging.
    Sandbox {
        /// Where it listens.
        #[arg(long, default_value = "127.0.0.1:8081")]
        listen: SocketAddr,
        /// The name it lets in.
        #[arg(long, default_value = "sandbox-example")]
        username: String,
        /// The password it lets in. No secret: it is not NRG.
        #[arg(long, default_value = "sandbox-example")]
        password: String,
        /// The affiliate it knows.
        #[arg(long, default_value = "AFF-EXAMPLE")]
        affiliate_id: String,
    },
    /// Check the settings and the store, and ask NRG for plans once.
    Check,
    /// Print the settings in force and where each came from, without secrets.
    Config {
        /// Print the reference of all settings instead.
        #[arg(long)]
        reference: bool,
    },
    /// Ask the server that runs with these settings whether it is alive.
    Health {
        /// Ask whether it is ready for visitors instead.
        #[arg(long)]
        ready: bool,
    },
    /// Bring the database up to date.
    Migrate,
    /// Look into the ledger of consents and submissions; settle what is unknown; export; verify.
    Ledger {
        /// The demo's ledger, whose data are in this folder.
        #[arg(long, value_name = "DATA")]
        demo: Option<PathBuf>,
        #[command(subcommand)]
        ask: ledger::Ask,
    },
    /// Tell how far journeys came, why they stopped and how they ended.
    Report {
        /// The demo's, whose data are in this folder.
        #[arg(long, value_name = "DATA")]
        demo: Option<PathBuf>,
        #[command(flatten)]
        ask: report::text::Ask,
    },
    /// Look into what the affiliate's targets are told of endings; send again what was given up.
    Postbacks {
        /// The demo's, whose data are in this folder.
        #[arg(long, value_name = "DATA")]
        demo: Option<PathBuf>,
        #[command(subcommand)]
        ask: postbacks::Ask,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref()),
    }
}

/// Says why, with every cause.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("nrg-enroll: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let settings = || Settings::load(cli.config.as_deref(), environment());
    let settings_of = || anyhow::Ok(settings()?);
    match cli.command {
        Command::Serve => {
            let settings = settings()?;
            logging::start(&settings.log);
            let server = Server::start(&settings, Clock::system(), Entropy::system()).await?;
            reload_on_hangup(&server, cli.config)?;
            tracing::info!(address = %server.address, private = %server.private_address, "serving");
            told_to_stop().await?;
            server.stop().await;
        }
        Command::Demo { data, sandbox_listen } => demo(data, sandbox_listen).await?,
        Command::Sandbox { listen: address, username, password, affiliate_id } => {
            let listener = listen(address, "--listen").await?;
            say(&format!("Sandbox NRG API on http://{}\n\n{}", listener.local_addr()?, inputs()));
            play_nrg(listener, username, password, affiliate_id);
            told_to_stop().await?;
        }
        Command::Check => {
            let settings = settings().map_err(|problems: Problems| anyhow::anyhow!(problems.explained()))?;
            say(&check::run(&settings, Clock::system(), Entropy::system()).await?);
        }
        Command::Config { reference: true } => print(&reference()),
        Command::Config { reference: false } => {
            print(&Settings::show(cli.config.as_deref(), environment())?);
        }
        Command::Health { ready } => {
            let settings = settings()?;
            say(&health::ask(settings.server.private_listen, ready).await?);
        }
        Command::Migrate => {
            let settings = settings()?;
            Store::open_with(&settings.store.url, settings.store.pool).await?.migrate().await?;
            say("The database is up to date.");
        }
        Command::Ledger { demo, ask } => {
            let settings = demo.map_or_else(settings_of, demo_of)?;
            let opened = open_ledger(&settings, Clock::system(), Entropy::system()).await?;
            match ledger::answer(&opened, ask, &mut std::io::stdout()).await {
                // Whoever read it has read enough.
                Err(ledger::CommandError::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {}
                answered => answered?,
            }
        }
        Command::Report { demo, ask } => {
            let settings = demo.map_or_else(settings_of, demo_of)?;
            let reporter = open_reporter(&settings, Clock::system(), Entropy::system()).await?;
            let report = reporter.report(ask.asked(reporter.funnel.today())).await?;
            match ask.tell(&report, &mut std::io::stdout()) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                told => told?,
            }
        }
        Command::Postbacks { demo, ask } => {
            let settings = demo.map_or_else(settings_of, demo_of)?;
            let outbox = open_outbox(&settings, Clock::system(), Entropy::system()).await?;
            match postbacks::answer(&outbox, ask, &mut std::io::stdout()).await {
                Err(postbacks::CommandError::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {}
                answered => answered?,
            }
        }
    }
    Ok(())
}

/// The settings of a demo that was run in the folder `data`.
fn demo_of(data: PathBuf) -> anyhow::Result<Settings> {
    anyhow::ensure!(data.is_dir(), "there is no demo in {}", data.display());
    demo_settings(&data, &Url::parse("http://127.0.0.1:8081")?)
}

fn demo_settings(data: &Path, nrg: &Url) -> anyhow::Result<Settings> {
    Ok(Settings::demo(data, nrg, &Entropy::system(), environment())?)
}

async fn demo(data: PathBuf, sandbox_listen: SocketAddr) -> anyhow::Result<()> {
    let listener = listen(sandbox_listen, "--sandbox-listen").await?;
    let nrg = Url::parse(&format!("http://{}", listener.local_addr()?))?;
    let settings = demo_settings(&data, &nrg)?;
    logging::start(&settings.log);
    let client = &settings.nrg.client;
    let (username, password) = (client.username.to_string(), client.password.to_string());
    play_nrg(listener, username, password, settings.main.affiliate.id.clone());
    let server = Server::start(&settings, Clock::system(), Entropy::system()).await?;
    say(&format!(
        "{}\nOpen http://{} in a browser. Ctrl-C ends it.\nThe sandbox NRG is {nrg}, the data are in {}.",
        inputs(),
        server.address,
        data.display(),
    ));
    told_to_stop().await?;
    server.stop().await;
    Ok(())
}

fn play_nrg(listener: TcpListener, username: String, password: String, affiliate_id: String) {
    let sandbox = Sandbox::new(sandbox::Settings {
        username,
        password,
        affiliate_id,
        clock: Clock::system(),
        entropy: Entropy::system(),
        slow: Duration::from_secs(8),
    });
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, sandbox.router()).await {
            tracing::error!(%error, "the sandbox failed");
        }
    });
}

/// The table of test inputs.
fn inputs() -> String {
    let all = Sandbox::inputs();
    let field = all.iter().map(|input| input.field.len()).max().unwrap_or(0);
    let value = all.iter().map(|input| input.value.len()).max().unwrap_or(0);
    let mut table = String::from("Test inputs (anything else sensible goes well):\n");
    for input in all {
        table.push_str(&format!("  {:field$}  {:value$}  {}\n", input.field, input.value, input.outcome));
    }
    table
}

#[allow(clippy::print_stdout, reason = "the command line talks to a person")]
fn say(text: &str) {
    println!("{text}");
}

/// As it is, without a new line behind it.
#[allow(clippy::print_stdout, reason = "the command line talks to a person")]
fn print(text: &str) {
    print!("{text}");
}

/// NRG's credentials and the outages follow their files, and SIGHUP.
fn reload_on_hangup(server: &Server, config: Option<PathBuf>) -> std::io::Result<()> {
    let (hung_up, hangups) = tokio::sync::mpsc::channel(1);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::spawn(async move { while hangup.recv().await.is_some() && hung_up.send(()).await.is_ok() {} });
    }
    #[cfg(not(unix))]
    drop(hung_up);
    let read = move || Settings::load(config.as_deref(), environment());
    let app = &server.app;
    tokio::spawn(reload::keep_up(app.nrg.clone(), app.outages.clone(), reload::EVERY, hangups, read));
    Ok(())
}

/// Ctrl-C, or SIGTERM of an orchestrator.
async fn told_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupt = tokio::signal::ctrl_c() => interrupt,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
