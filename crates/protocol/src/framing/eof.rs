//! Packets that end with a marker.

use super::{FrameError, Step};
use memchr::memmem;

/// The longest marker that the settings accept, in bytes.
pub const MAX_EOF: usize = 8;

/// A `package_eof` of 1 to [`MAX_EOF`] bytes, with its searcher prepared.
#[derive(Clone, Debug)]
pub struct Eof {
    finder: memmem::Finder<'static>,
}

impl Eof {
    /// None when the marker is empty or longer than [`MAX_EOF`].
    pub fn new(marker: &[u8]) -> Option<Self> {
        (1..=MAX_EOF).contains(&marker.len()).then(|| Self { finder: memmem::Finder::new(marker).into_owned() })
    }

    /// The marker's bytes.
    pub fn marker(&self) -> &[u8] {
        self.finder.needle()
    }
}

/// `open_eof_check`: cheap, and blind to markers inside the buffer: what arrived together is
/// delivered together, once its end is a marker.
#[derive(Clone, Debug)]
pub struct EofCheck {
    eof: Eof,
    max: usize,
}

impl EofCheck {
    /// `max` is `package_max_length` in bytes, marker included.
    pub fn new(eof: Eof, max: usize) -> Self {
        Self { eof, max }
    }

    /// See [`super::Framer::next`].
    pub fn next(&mut self, buf: &[u8]) -> Result<Step, FrameError> {
        if buf.len() > self.max {
            return Err(FrameError::TooLarge { length: buf.len() as u64, max: self.max });
        }
        if buf.ends_with(self.eof.marker()) {
            return Ok(Step::Frame(0..buf.len()));
        }
        if buf.len() == self.max {
            return Err(FrameError::TooLarge { length: buf.len() as u64, max: self.max });
        }
        Ok(Step::NeedMore { hint: self.eof.marker().len().saturating_sub(buf.len()).max(1) })
    }
}

/// `open_eof_split`: every marker ends a packet.
#[derive(Clone, Debug)]
pub struct EofSplit {
    eof: Eof,
    max: usize,
    /// Bytes at the start of the buffer that hold no start of a marker: a slow sender of a long
    /// packet must not make each read scan all of it again.
    scanned: usize,
}

impl EofSplit {
    /// `max` is `package_max_length` in bytes, marker included.
    pub fn new(eof: Eof, max: usize) -> Self {
        Self { eof, max, scanned: 0 }
    }

    /// Forgets the scan position.
    pub fn reset(&mut self) {
        self.scanned = 0;
    }

    /// See [`super::Framer::next`].
    pub fn next(&mut self, buf: &[u8]) -> Result<Step, FrameError> {
        let marker = self.eof.marker().len();
        let from = self.scanned.min(buf.len());
        if let Some(found) = self.eof.finder.find(&buf[from..]) {
            self.scanned = 0;
            let end = from + found + marker;
            if end > self.max {
                return Err(FrameError::TooLarge { length: end as u64, max: self.max });
            }
            return Ok(Step::Frame(0..end));
        }
        if buf.len() >= self.max {
            return Err(FrameError::TooLarge { length: buf.len() as u64, max: self.max });
        }
        self.scanned = buf.len().saturating_sub(marker - 1);
        Ok(Step::NeedMore { hint: marker.saturating_sub(buf.len()).max(1) })
    }
}
