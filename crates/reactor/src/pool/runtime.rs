//! A single-threaded tokio runtime on a thread of its own, for what only an async crate can do.

use std::io;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::sys;

pub(super) struct TokioThread {
    handle: Handle,
    stop: oneshot::Sender<Instant>,
    thread: JoinHandle<()>,
}

impl TokioThread {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().thread_name("swoole-async-io").build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = sys::with_signals_blocked(|| {
            std::thread::Builder::new().name("swoole-tokio".into()).spawn(move || {
                let deadline = runtime.block_on(stopped).unwrap_or_else(|_| Instant::now());
                runtime.shutdown_timeout(deadline.saturating_duration_since(Instant::now()));
            })
        })?;
        super::note_start();
        Ok(Self { handle, stop, thread })
    }

    pub(super) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Cancels all futures and joins the thread; whether it ended by `deadline`.
    pub(super) fn stop(self, deadline: Instant) -> bool {
        let _ = self.stop.send(deadline);
        // A future that blocks keeps the thread; join has no time-out of its own.
        while !self.thread.is_finished() {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        self.thread.join().is_ok()
    }
}
