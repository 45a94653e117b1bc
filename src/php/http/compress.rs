//! Response bodies in the coding that the client asked for.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use protocol::accept_encoding::Coding;

/// The body in `coding`; none when that fails, and it goes as it is.
pub fn compress(coding: Coding, level: i32, body: &[u8]) -> Option<Vec<u8>> {
    let room = Vec::with_capacity(body.len() / 2 + 64);
    // 0 would store only, which nobody who asks for compression wants.
    let zlib = Compression::new(level.clamp(1, 9) as u32);
    match coding {
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(room, zlib);
            encoder.write_all(body).ok()?;
            encoder.finish().ok()
        }
        // Without zlib's header, as Swoole and most browsers have it.
        Coding::Deflate => {
            let mut encoder = DeflateEncoder::new(room, zlib);
            encoder.write_all(body).ok()?;
            encoder.finish().ok()
        }
        Coding::Brotli => {
            const WINDOW: u32 = 22;
            let mut encoder = brotli::CompressorWriter::new(room, 16 * 1024, level.clamp(0, 11) as u32, WINDOW);
            encoder.write_all(body).ok()?;
            Some(encoder.into_inner())
        }
        Coding::Zstd => zstd::bulk::compress(body, level).ok(),
    }
}
