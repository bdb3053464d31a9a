//! The program: parses the command line, runs the command, and exits.

use std::{
    alloc::System,
    io::{self, Write as _},
    process::ExitCode,
};

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
    let mut text = format!("nrg-enroll: {error}\n");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("  because: {error}\n"));
        cause = error.source();
    }
    // Where nobody reads it, the status alone says that it failed.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::FAILURE
}
