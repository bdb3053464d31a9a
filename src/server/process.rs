//! What the server asks of the kernel for its own process: no image of its memory on a disk or in another program's
//! hands, and as many open files as it may have.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open besides the connections of visitors: connections to NRG, to targets of postbacks and to the
/// database, the admin listener's own, and what the program reads.
const RESERVED: u64 = 512;

/// Forbids core dumps, and other programs of the same user to read or trace the process: its memory has held numbers.
///
/// # Errors
/// The kernel refuses. The process must not go on to read secrets then.
pub fn seal_memory() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Raises the number of files the process may have open to the most it may ask for, and returns it; `None`: no limit.
pub fn raise_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

/// How many connections of visitors `open_files` leave room for, so that NRG, the database and the admin listener are
/// reached whatever strangers do. Where there are few files, half of them.
pub fn room_for_connections(open_files: Option<u64>) -> usize {
    let room = open_files.map_or(u64::MAX, |files| (files / 2).max(files.saturating_sub(RESERVED)));
    usize::try_from(room).unwrap_or(usize::MAX)
}

/// How many open files so many connections of visitors need.
pub fn open_files_for(connections: usize) -> u64 {
    u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_memory_is_dumped_nowhere() {
        seal_memory().unwrap();
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
        #[cfg(target_os = "linux")]
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            rustix::process::DumpableBehavior::NotDumpable
        );
    }

    #[test]
    fn connections_leave_half_or_512_of_the_open_files() {
        for (files, room) in [(None, usize::MAX), (Some(20_000), 19_488), (Some(1024), 512), (Some(256), 128)]
        {
            assert_eq!(room_for_connections(files), room, "{files:?}");
        }
    }
}
