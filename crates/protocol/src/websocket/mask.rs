//! Masking (RFC 6455, section 5.3): XOR with a repeated key of four bytes.

/// Masks or unmasks `data` in place. `offset` is where `data` starts in its frame's payload, so
/// that a payload can be done in pieces.
pub fn apply(data: &mut [u8], key: [u8; 4], offset: usize) {
    let mut turned = key;
    turned.rotate_left(offset % 4);
    let [a, b, c, d] = turned;
    let word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    // Whole words; the compiler makes vectors of them.
    let mut words = data.chunks_exact_mut(8);
    for chunk in &mut words {
        // INVARIANT: chunks_exact_mut yields exactly 8 bytes; the None arm cannot be reached.
        if let Some(bytes) = chunk.first_chunk_mut::<8>() {
            *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
        }
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(turned.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_length_in_any_pieces() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        for len in 0..70usize {
            let plain: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let expected: Vec<u8> = plain.iter().enumerate().map(|(i, b)| b ^ key[i % 4]).collect();
            for cut in 0..=len {
                let mut data = plain.clone();
                apply(&mut data[..cut], key, 0);
                apply(&mut data[cut..], key, cut);
                assert_eq!(data, expected);
            }
        }
    }
}
