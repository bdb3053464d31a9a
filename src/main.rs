//! The program: parses the command line, runs the command, and exits.

use std::{alloc::System, process::ExitCode};

use clap::Parser;
use nrg_enroll::cli::Cli;
use zeroizing_alloc::ZeroAlloc;

/// Memory is wiped when it is freed, also what libraries copied of a request, a URL or a header.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(cli.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref()),
    }
}

/// Prints the error with every cause.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("nrg-enroll: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}
