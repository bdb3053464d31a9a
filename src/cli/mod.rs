//! The command line: its commands, each in a file of its own with its options. A command asks the store or a running
//! server and prints the answer.

pub mod check;
pub mod config;
pub mod demo;
pub mod health;
pub mod ledger;
pub mod mail;
pub mod migrate;
pub mod operators;
mod origin;
mod output;
pub mod partners;
pub mod postbacks;
pub mod report;
pub mod sandbox;
pub mod serve;
mod signals;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use self::origin::Origin;
use crate::{
    clock::Clock,
    config::{Settings, environment},
    entropy::Entropy,
};

/// The web enrollment server of an NRG affiliate.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    /// Read the settings from this file. Without it: from the file that ENROLL_CONFIG names, or from the defaults and
    /// the environment only.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the enrollment pages.
    Serve,
    /// Try the pages on this machine, against a sandbox of NRG's API.
    Demo(demo::Options),
    /// Serve the sandbox of NRG's API only, for a staging environment.
    Sandbox(sandbox::Options),
    /// Check the settings and the database, and ask NRG for the plans of each brand at every utility.
    Check,
    /// Print the settings in force with their origins, without secrets.
    Config(config::Options),
    /// Ask the running server with these settings whether it is alive.
    Health(health::Options),
    /// Migrate the database to the newest schema.
    Migrate,
    /// Query the ledger of consents and submissions, settle unknown ones, amend, export and verify.
    Ledger {
        #[command(flatten)]
        source: Source,
        #[command(subcommand)]
        command: ledger::Command,
    },
    /// Report how far journeys came, why they stopped and how they ended.
    Report {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        options: report::Options,
    },
    /// Query the postbacks to the affiliate's targets, and send dead ones again.
    Postbacks {
        #[command(flatten)]
        source: Source,
        #[command(subcommand)]
        command: postbacks::Command,
    },
    /// List the mails to persons, and send waiting ones now.
    Mail {
        #[command(flatten)]
        source: Source,
        #[command(subcommand)]
        command: mail::Command,
    },
    /// Add, list and remove the operators of the desk, and give them passwords.
    Operators {
        #[command(subcommand)]
        command: operators::Command,
    },
    /// Make, list and end the keys with which systems of partners call /api/.
    Partners {
        #[command(flatten)]
        source: Source,
        #[command(subcommand)]
        command: partners::Command,
    },
}

/// Whose database a command reads.
#[derive(Args)]
struct Source {
    /// Read the database of a demo, from its data folder.
    #[arg(long, value_name = "DATA")]
    demo: Option<PathBuf>,
}

impl Cli {
    /// Runs the command, and prints its answer to standard output.
    ///
    /// # Errors
    /// The settings are invalid, or the command failed.
    pub async fn run(self) -> anyhow::Result<()> {
        let (clock, entropy) = (Clock::system(), Entropy::system());
        let file = self.config;
        let settings = || Settings::load(file.as_deref(), environment());
        match self.command {
            Command::Serve => serve::run(file, clock, entropy).await,
            Command::Demo(options) => demo::run(options, file.as_deref(), clock, entropy).await,
            Command::Sandbox(options) => sandbox::run(options, file.as_deref(), clock, entropy).await,
            Command::Check => {
                let settings = settings().map_err(|problems| anyhow::anyhow!(problems.explained()))?;
                check::run(&settings, clock, entropy).await
            }
            Command::Config(options) => config::run(&options, file.as_deref()),
            Command::Health(options) => health::run(&options, &settings()?).await,
            Command::Migrate => migrate::run(&settings()?).await,
            Command::Ledger { source, command } => {
                ledger::run(command, &source.origin(file), clock, entropy).await
            }
            Command::Report { source, options } => {
                report::run(&options, &source.origin(file), clock, &entropy).await
            }
            Command::Postbacks { source, command } => {
                postbacks::run(command, &source.origin(file), clock, entropy).await
            }
            Command::Mail { source, command } => {
                mail::run(command, &source.origin(file), clock, entropy).await
            }
            Command::Operators { command } => operators::run(command, file.as_deref(), &entropy),
            Command::Partners { source, command } => {
                partners::run(command, &source.origin(file), clock, entropy).await
            }
        }
    }
}

impl Source {
    fn origin(self, file: Option<PathBuf>) -> Origin {
        Origin { demo: self.demo, file }
    }
}
