//! Parses a cookie from text and detects secrets that are obviously not random.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::auth::error::CookieError;

/// The minimum length of a secret, in bytes.
pub(super) const BYTES: usize = 32;

/// The minimum number of distinct bytes, and of distinct differences between neighbours. 32 random bytes have 16 or
/// fewer once in a thousand million times.
const DIFFERENT: usize = 17;

/// The characters of base64url, indexed by value.
pub(super) const BASE64: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Decodes hex or base64url to bytes, ignoring white space around it.
pub(super) fn parse(text: &str) -> Result<Zeroizing<Vec<u8>>, CookieError> {
    let text = text.trim().as_bytes();
    let hex = text.iter().all(u8::is_ascii_hexdigit);
    if text.len() < BASE64_CHARACTERS || hex && text.len() < BYTES * 2 {
        return Err(CookieError::TooShort);
    }
    if hex && text.len().is_multiple_of(2) {
        return values(text, |character| {
            char::from(character).to_digit(16).map(|digit| digit as u8)
        })
        .map(|digits| join(&digits, 4));
    }
    let text = strip_padding(text);
    let values = values(text, |character| {
        let position = BASE64.iter().position(|other| *other == character);
        position.map(|value| value as u8)
    })?;
    if wordy(text) {
        return Err(CookieError::Guessable);
    }
    Ok(join(&values, 6))
}

/// The number of base64url characters that encode 32 bytes.
const BASE64_CHARACTERS: usize = (BYTES * 8).div_ceil(6);

fn strip_padding(text: &[u8]) -> &[u8] {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=');
    &text[..text.len() - padding.count()]
}

fn values(
    text: &[u8],
    value: impl Fn(u8) -> Option<u8>,
) -> Result<Zeroizing<Vec<u8>>, CookieError> {
    // Collecting into a `Result` would reallocate and leave copies of the secret in freed memory.
    let mut values = Zeroizing::new(Vec::with_capacity(text.len()));
    for character in text {
        values.push(value(*character).ok_or(CookieError::Characters)?);
    }
    Ok(values)
}

/// Packs groups of `width` bits into bytes and drops the bits of an incomplete byte.
fn join(groups: &[u8], width: u32) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(groups.len()));
    let (mut pending, mut bits) = (0_u32, 0);
    for group in groups {
        pending = pending << width | u32::from(*group);
        bits += width;
        if bits >= 8 {
            bits -= 8;
            bytes.push((pending >> bits) as u8);
            pending &= (1 << bits) - 1;
        }
    }
    bytes
}

/// Returns whether the letters are mostly of one case, as in words. Random text has this property once in a million
/// times.
fn wordy(text: &[u8]) -> bool {
    let upper = text.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let lower = text.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let most = text.len() * 3 / 4;
    let fewest = text.len() / 16;
    upper > most || lower > most || upper < fewest || lower < fewest
}

/// Returns whether the bytes form a pattern: few distinct values, or few distinct steps between neighbours.
pub(super) fn guessable(bytes: &[u8]) -> bool {
    let different: BTreeSet<u8> = bytes.iter().copied().collect();
    let steps: BTreeSet<u8> = bytes
        .windows(2)
        .map(|pair| pair[1].wrapping_sub(pair[0]))
        .collect();
    different.len() < DIFFERENT || steps.len() < DIFFERENT
}

/// Returns whether bytes that are not UTF-8 are text in another encoding: nearly all are printable ASCII, as in
/// Latin-1, or letters and blanks, as in the encodings of Cyrillic and Greek with one byte per letter, or one value
/// dominates, as in UTF-16. Of 32 random bytes, one in a million is taken for text.
pub(super) fn is_other_text(bytes: &[u8]) -> bool {
    let printable = |byte: &&u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let is_letter = |byte: &&u8| byte.is_ascii_alphabetic() || **byte == b' ' || **byte >= 0xC0;
    let mut counts = [0; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let most = counts.into_iter().max().unwrap_or_default();
    bytes.iter().filter(printable).count() >= bytes.len() * 7 / 8
        || 10 * bytes.iter().filter(is_letter).count() >= 9 * bytes.len()
        || most >= bytes.len() / 4
}
