//! A look at the server's frames as they pass: its settings, and how far its streams have come.

/// A side's settings (RFC 9113, 6.5.2); the defaults are the RFC's, and no limit where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    pub header_table_size: u32,
    pub max_concurrent_streams: u32,
    pub init_window_size: u32,
    pub max_frame_size: u32,
    pub max_header_list_size: u32,
}

impl Default for Announced {
    fn default() -> Self {
        Self {
            header_table_size: 4096,
            max_concurrent_streams: u32::MAX,
            init_window_size: 65_535,
            max_frame_size: 16_384,
            max_header_list_size: u32::MAX,
        }
    }
}

const HEADER: usize = 9;
const SETTINGS: u8 = 4;
const ACK: u8 = 1;

/// Follows a stream of frames; payloads other than settings are passed over.
#[derive(Default)]
pub(super) struct Frames {
    kept: Vec<u8>,
    /// Bytes of a payload still to be passed over.
    skip: usize,
    pub settings: Announced,
    pub last_stream: u32,
}

impl Frames {
    pub fn push(&mut self, mut bytes: &[u8]) {
        loop {
            let pass = self.skip.min(bytes.len());
            self.skip -= pass;
            bytes = &bytes[pass..];
            if bytes.is_empty() {
                return;
            }
            let wanted = match self.kept.get(..HEADER) {
                None => HEADER,
                Some(header) => HEADER + length(header),
            };
            let take = (wanted - self.kept.len()).min(bytes.len());
            self.kept.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if self.kept.len() < wanted {
                return;
            }
            self.frame();
        }
    }

    /// A whole header, or a whole frame of settings, is kept.
    fn frame(&mut self) {
        let size = length(&self.kept);
        let (kind, flags) = (self.kept[3], self.kept[4]);
        let stream = u32::from_be_bytes([self.kept[5], self.kept[6], self.kept[7], self.kept[8]]) & 0x7fff_ffff;
        self.last_stream = self.last_stream.max(stream);
        // Settings are small; a frame that claims otherwise breaks the session, not us.
        let wanted = kind == SETTINGS && flags & ACK == 0 && size <= 1024;
        if !wanted {
            self.skip = size;
            self.kept.clear();
        } else if self.kept.len() == HEADER + size {
            for entry in self.kept[HEADER..].chunks_exact(6) {
                let value = u32::from_be_bytes([entry[2], entry[3], entry[4], entry[5]]);
                let field = match u16::from_be_bytes([entry[0], entry[1]]) {
                    1 => &mut self.settings.header_table_size,
                    3 => &mut self.settings.max_concurrent_streams,
                    4 => &mut self.settings.init_window_size,
                    5 => &mut self.settings.max_frame_size,
                    6 => &mut self.settings.max_header_list_size,
                    _ => continue,
                };
                *field = value;
            }
            self.kept.clear();
        }
    }
}

fn length(header: &[u8]) -> usize {
    usize::from(header[0]) << 16 | usize::from(header[1]) << 8 | usize::from(header[2])
}
