//! The hash of a key, and the key as it lies in a row.

use super::MAX_KEY;

/// Words of a row's key area: a length byte and 63 bytes of key.
pub(super) const KEY_WORDS: usize = 8;

/// A key ready to be looked up: as in the row, so that comparing is comparing words.
pub(super) struct Probe {
    pub(super) words: [u64; KEY_WORDS],
    /// Words that hold anything.
    pub(super) used: usize,
    pub(super) hash: u32,
}

const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const MIX: u64 = 0xd6e8_feb8_6659_fd93;

/// Both halves of a 128-bit product, folded: every input bit reaches every output bit.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

impl Probe {
    /// Keys past [`MAX_KEY`] bytes are cut, as Swoole does.
    #[inline]
    pub(super) fn new(key: &[u8]) -> Probe {
        let len = key.len().min(MAX_KEY);
        let mut bytes = [0u8; KEY_WORDS * 8];
        bytes[0] = len as u8;
        bytes[1..=len].copy_from_slice(&key[..len]);
        let used = (len + 8) / 8;
        let mut words = [0u64; KEY_WORDS];
        for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            // INVARIANT: chunks_exact(8) yields arrays of 8.
            *word = u64::from_ne_bytes(chunk.try_into().unwrap_or_default());
        }
        // The seed is fixed: processes that share the table must agree, also after an exec.
        let mut state = SEED;
        for pair in words[..(used + 1) & !1].chunks_exact(2) {
            state = fold(pair[0] ^ state, pair[1] ^ MIX);
        }
        let hash = fold(state, MIX);
        Probe { words, used, hash: (hash ^ hash >> 32) as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_keys_spread_over_buckets() {
        let mut buckets = vec![0u32; 1024];
        for i in 0..4096 {
            let probe = Probe::new(format!("key-{i}").as_bytes());
            buckets[probe.hash as usize & 1023] += 1;
        }
        // 4 on average; 20 would be far outside of what chance gives.
        assert!(buckets.iter().all(|&n| n < 20));
    }

    #[test]
    fn the_length_is_part_of_the_key() {
        let (a, b) = (Probe::new(b"a"), Probe::new(b"a\0"));
        assert_ne!(a.words, b.words);
        assert_eq!(Probe::new(&[b'x'; 70]).words, Probe::new(&[b'x'; 63]).words);
        assert_eq!(Probe::new(&[b'x'; 63]).used, KEY_WORDS);
        assert_eq!(Probe::new(b"").used, 1);
    }
}
