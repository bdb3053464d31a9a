//! `nrg-enroll config`: prints the settings in force, or the reference of all settings.

use std::path::Path;

use clap::Args;

use super::output;
use crate::config::{Settings, environment, reference};

/// The options of the command.
#[derive(Args)]
pub struct Options {
    /// Print the reference of all settings instead.
    #[arg(long)]
    reference: bool,
}

/// Prints the settings of `file` and the environment, valid or not.
///
/// # Errors
/// The file cannot be read, or is not TOML.
pub fn run(options: &Options, file: Option<&Path>) -> anyhow::Result<()> {
    if options.reference {
        output::text(&reference())?;
    } else {
        output::text(&Settings::show(file, environment())?)?;
    }
    Ok(())
}
