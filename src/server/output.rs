//! The write queue of a connection: bytes and files in order.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, RawFd};

use super::socket;

/// Pieces of this size or less are gathered into one.
const GATHER: usize = 64 * 1024;
/// Pieces handed to one sendmsg.
const PARTS: usize = 32;

enum Chunk {
    /// From `at` on.
    Bytes {
        bytes: Vec<u8>,
        at: usize,
    },
    File {
        file: File,
        offset: i64,
        left: usize,
    },
}

/// Bytes and files that the kernel has not taken yet.
#[derive(Default)]
pub struct Output {
    chunks: VecDeque<Chunk>,
    /// A buffer kept for the next response.
    spare: Vec<u8>,
}

impl Output {
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Appends a copy of what follows `skip` bytes of `parts`.
    pub fn push(&mut self, parts: &[IoSlice<'_>], mut skip: usize) {
        let total: usize = parts.iter().map(|part| part.len()).sum::<usize>() - skip;
        if total == 0 {
            return;
        }
        let gather = matches!(self.chunks.back(), Some(Chunk::Bytes { bytes, .. }) if bytes.len() + total <= GATHER);
        if !gather {
            let mut bytes = std::mem::take(&mut self.spare);
            bytes.clear();
            bytes.reserve(total);
            self.chunks.push_back(Chunk::Bytes { bytes, at: 0 });
        }
        let Some(Chunk::Bytes { bytes, .. }) = self.chunks.back_mut() else { return };
        for part in parts {
            if skip >= part.len() {
                skip -= part.len();
            } else {
                bytes.extend_from_slice(&part[skip..]);
                skip = 0;
            }
        }
    }

    pub fn push_file(&mut self, file: File, offset: i64, left: usize) {
        if left > 0 {
            self.chunks.push_back(Chunk::File { file, offset, left });
        }
    }

    pub fn clear(&mut self) {
        self.chunks.clear();
    }

    /// Sends until the kernel takes no more; the bytes it took.
    ///
    /// # Errors
    /// send(2), sendfile(2); "would block" is no error.
    pub fn flush(&mut self, fd: RawFd) -> io::Result<usize> {
        let mut total = 0;
        while let Some(first) = self.chunks.front_mut() {
            let result = match first {
                Chunk::File { file, offset, left } => match socket::send_file(fd, file.as_raw_fd(), offset, *left) {
                    // The file became shorter while we sent it: what was promised cannot be kept.
                    Ok(0) => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                    Ok(sent) => {
                        *left -= sent.min(*left);
                        if *left == 0 {
                            self.chunks.pop_front();
                        }
                        total += sent;
                        continue;
                    }
                    Err(error) => Err(error),
                },
                Chunk::Bytes { .. } => {
                    let mut parts: [IoSlice<'_>; PARTS] = [IoSlice::new(&[]); PARTS];
                    let mut count = 0;
                    let mut wanted = 0;
                    for chunk in self.chunks.iter().take(PARTS) {
                        let Chunk::Bytes { bytes, at } = chunk else { break };
                        parts[count] = IoSlice::new(&bytes[*at..]);
                        wanted += bytes.len() - at;
                        count += 1;
                    }
                    match socket::send_parts(fd, &parts[..count]) {
                        Ok(sent) => {
                            total += sent;
                            self.consume(sent);
                            if sent < wanted {
                                return Ok(total);
                            }
                            continue;
                        }
                        Err(error) => Err(error),
                    }
                }
            };
            match result {
                Err(error) if socket::would_block(&error) => return Ok(total),
                Err(error) => return Err(error),
                Ok(()) => {}
            }
        }
        Ok(total)
    }

    fn consume(&mut self, mut sent: usize) {
        while let Some(Chunk::Bytes { bytes, at }) = self.chunks.front_mut() {
            let left = bytes.len() - *at;
            if sent < left {
                *at += sent;
                return;
            }
            sent -= left;
            let mut bytes = std::mem::take(bytes);
            self.chunks.pop_front();
            // An idle connection must not keep a large buffer, but a busy one need not allocate each time.
            if bytes.capacity() <= 4096 && self.spare.capacity() == 0 {
                bytes.clear();
                self.spare = bytes;
            }
        }
    }

    /// All bytes as one buffer, files read into it: for TLS and for rings.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn take_bytes(&mut self, most: usize) -> io::Result<Option<Vec<u8>>> {
        use std::os::unix::fs::FileExt;
        match self.chunks.front_mut() {
            None => Ok(None),
            Some(Chunk::Bytes { bytes, at }) => {
                let rest = if *at == 0 { std::mem::take(bytes) } else { bytes[*at..].to_vec() };
                self.chunks.pop_front();
                Ok(Some(rest))
            }
            Some(Chunk::File { file, offset, left }) => {
                let mut buffer = vec![0; (*left).min(most)];
                let got = file.read_at(&mut buffer, *offset as u64)?;
                if got == 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
                }
                buffer.truncate(got);
                *offset += got as i64;
                *left -= got;
                if *left == 0 {
                    self.chunks.pop_front();
                }
                Ok(Some(buffer))
            }
        }
    }
}
