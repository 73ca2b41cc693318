//! Encodes unsigned integers with variable length: seven bits per byte, the lowest first (LEB128).
//!
//! Every number has exactly one encoding, so equal values have equal bytes.

use bytes::BufMut;

use crate::wire::error::WireError;

/// The maximum length of a number, in bytes.
const LONGEST: usize = 10;

/// A buffer to which numbers are appended.
pub(crate) trait PutByte {
    /// Appends a byte.
    fn put_byte(&mut self, byte: u8);
}

impl<B: BufMut> PutByte for B {
    fn put_byte(&mut self, byte: u8) {
        self.put_u8(byte);
    }
}

/// Appends a number.
#[inline]
pub(crate) fn put(mut value: u64, out: &mut impl PutByte) {
    while value >= 0x80 {
        out.put_byte(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_byte(value as u8);
}

/// Takes a number from the front of `bytes`.
///
/// # Errors
/// Fails with [`WireError::Truncated`] or [`WireError::BadNumber`].
#[inline]
pub(crate) fn take(bytes: &mut &[u8]) -> Result<u64, WireError> {
    // Most numbers have one byte.
    if let [byte @ ..0x80, rest @ ..] = *bytes {
        *bytes = rest;
        return Ok(u64::from(*byte));
    }
    take_long(bytes)
}

fn take_long(bytes: &mut &[u8]) -> Result<u64, WireError> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        if index == LONGEST - 1 && byte > 1 {
            return Err(WireError::BadNumber);
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let padded = byte == 0 && index > 0;
            *bytes = &bytes[index + 1..];
            return if padded {
                Err(WireError::BadNumber)
            } else {
                Ok(value)
            };
        }
    }
    Err(WireError::Truncated)
}

/// Takes a number of 32 bits from the front of `bytes`.
///
/// # Errors
/// Fails with [`WireError::Truncated`] or [`WireError::BadNumber`].
#[inline]
pub(crate) fn take_u32(bytes: &mut &[u8]) -> Result<u32, WireError> {
    u32::try_from(take(bytes)?).map_err(|_| WireError::BadNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(mut bytes: &[u8]) -> Result<(u64, usize), WireError> {
        take(&mut bytes).map(|value| (value, bytes.len()))
    }

    #[test]
    fn numbers_at_every_border_of_length_come_back() {
        for shift in 0..64 {
            for value in [1 << shift, (1 << shift) - 1, u64::MAX >> shift] {
                let mut bytes = Vec::new();
                put(value, &mut bytes);
                assert!(bytes.len() <= LONGEST);
                assert_eq!(taken(&bytes), Ok((value, 0)));
                let cut = taken(&bytes[..bytes.len() - 1]);
                assert_eq!(cut, Err(WireError::Truncated));
            }
        }
    }

    #[test]
    fn bytes_after_a_number_are_not_consumed() {
        assert_eq!(taken(&[5, 0xff, 0xff]), Ok((5, 2)));
        assert_eq!(taken(&[0x80, 1, 9]), Ok((128, 1)));
    }

    #[test]
    fn a_number_with_a_needless_byte_is_refused() {
        assert_eq!(taken(&[0x85, 0]), Err(WireError::BadNumber));
        assert_eq!(taken(&[0x80, 0]), Err(WireError::BadNumber));
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_refused() {
        let mut bytes = vec![0xff; 9];
        bytes.push(2);
        assert_eq!(taken(&bytes), Err(WireError::BadNumber));
        assert_eq!(taken(&[0xff; 11]), Err(WireError::BadNumber));
        bytes[9] = 1;
        assert_eq!(taken(&bytes), Ok((u64::MAX, 0)));
    }

    #[test]
    fn a_number_of_more_than_32_bits_is_refused_where_32_are_meant() {
        let mut bytes = Vec::new();
        put(1 << 32, &mut bytes);
        assert_eq!(take_u32(&mut &bytes[..]), Err(WireError::BadNumber));
    }
}
