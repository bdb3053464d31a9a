//! The log of a test whose server runs in its own thread, as `#[tokio::test]` has it.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::Value;

/// What is logged in this thread while it is held.
pub struct Log {
    lines: Arc<Mutex<Vec<u8>>>,
    /// With one subscriber alone, a call site first met by another test's thread would be taken for one nobody listens to.
    _second: tracing::Dispatch,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Log {
    /// Listens for the program's own lines, in the format for programs.
    pub fn listen() -> Self {
        let lines = Arc::<Mutex<Vec<u8>>>::default();
        let writer = Writer(Arc::clone(&lines));
        let subscriber = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_env_filter("nrg_enroll=debug")
            .with_writer(move || writer.clone())
            .finish();
        let _second = tracing::Dispatch::new(tracing_subscriber::registry());
        Self { lines, _second, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// The text so far.
    pub fn text(&self) -> String {
        String::from_utf8(self.lines.lock().unwrap().clone()).unwrap()
    }

    /// The lines so far with this message.
    pub fn lines(&self, message: &str) -> Vec<Value> {
        let lines = self.text();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["message"] == message).collect()
    }
}

#[derive(Clone)]
struct Writer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
