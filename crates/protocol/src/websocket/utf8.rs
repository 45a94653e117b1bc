//! UTF-8 validation of text that comes in pieces.

/// Validates text piece by piece, so that a wrong byte fails the connection at once and not at
/// the end of a message of many megabytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Utf8Validator {
    /// The start of a character that the last piece broke off, at most three bytes.
    partial: [u8; 4],
    len: u8,
}

impl Utf8Validator {
    /// True while `piece`, behind the pieces before it, can still become valid text.
    #[must_use]
    pub fn push(&mut self, mut piece: &[u8]) -> bool {
        while self.len > 0 {
            let Some((&byte, rest)) = piece.split_first() else {
                return true;
            };
            let at = usize::from(self.len);
            // INVARIANT: a fourth byte always completes a character or makes it wrong, and both
            // leave this loop: `at` is 1 to 3.
            self.partial[at] = byte;
            self.len += 1;
            piece = rest;
            match std::str::from_utf8(&self.partial[..=at]) {
                Ok(_) => self.len = 0,
                Err(error) if error.error_len().is_some() => return false,
                Err(_) => {}
            }
        }
        match std::str::from_utf8(piece) {
            Ok(_) => true,
            Err(error) if error.error_len().is_some() => false,
            Err(error) => {
                let tail = &piece[error.valid_up_to()..];
                self.partial[..tail.len()].copy_from_slice(tail);
                self.len = tail.len() as u8;
                true
            }
        }
    }

    /// True when the text so far ends at a character's end.
    pub fn is_complete(&self) -> bool {
        self.len == 0
    }

    /// Starts over with the next text.
    pub fn reset(&mut self) {
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn valid(pieces: &[&[u8]]) -> bool {
        let mut validator = Utf8Validator::default();
        pieces.iter().all(|piece| validator.push(piece)) && validator.is_complete()
    }

    #[test]
    fn fails_at_the_first_wrong_byte() {
        let mut validator = Utf8Validator::default();
        assert!(validator.push("κόσμε".as_bytes()));
        // A surrogate is wrong from its second byte on.
        assert!(validator.push(&[0xed]));
        assert!(!validator.push(&[0xa0]));
        let mut validator = Utf8Validator::default();
        assert!(validator.push(&[0xf4]));
        assert!(!validator.push(&[0x90]));
    }

    proptest! {
        #[test]
        fn agrees_with_std_however_it_is_cut(
            data in prop::collection::vec(
                prop::sample::select(vec![
                    0x00u8, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0,
                    0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff,
                ]),
                0..8,
            ),
        ) {
            let expected = std::str::from_utf8(&data).is_ok();
            prop_assert_eq!(valid(&data.chunks(1).collect::<Vec<_>>()), expected);
            for cut in 0..=data.len() {
                prop_assert_eq!(valid(&[&data[..cut], &data[cut..]]), expected);
            }
        }

        #[test]
        fn text_is_valid_however_it_is_cut(text in any::<String>(), step in 1usize..9) {
            prop_assert!(valid(&text.as_bytes().chunks(step).collect::<Vec<_>>()));
        }
    }
}
