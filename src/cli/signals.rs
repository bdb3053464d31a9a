//! Signals of the operating system.

use std::io;

/// Waits for Ctrl-C, or for SIGTERM, by which orchestrators stop a process.
///
/// # Errors
/// The signals cannot be listened for.
pub async fn termination() -> io::Result<()> {
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

/// Calls `act` on each SIGHUP, for as long as the process runs.
///
/// # Errors
/// The signal cannot be listened for.
pub fn on_hangup(act: impl Fn() + Send + 'static) -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                act();
            }
        });
    }
    #[cfg(not(unix))]
    drop(act);
    Ok(())
}
