//! A cookie as text, and what is obviously not random.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::{BYTES, CookieError};

/// Fewer different bytes, or differences between neighbours, than 32 random bytes ever have: of 16 or fewer they have
/// one in a thousand million times.
const DIFFERENT: usize = 17;

/// The characters of base64url, by value.
pub(super) const BASE64: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bytes that a text stands for. White space around it is not part of it.
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

/// How many characters of base64url 32 bytes need.
const BASE64_CHARACTERS: usize = (BYTES * 8).div_ceil(6);

fn strip_padding(text: &[u8]) -> &[u8] {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=');
    &text[..text.len() - padding.count()]
}

fn values(
    text: &[u8],
    value: impl Fn(u8) -> Option<u8>,
) -> Result<Zeroizing<Vec<u8>>, CookieError> {
    // Not collected into a `Result`: that grows, and leaves the secret in what it grew out of.
    let mut values = Zeroizing::new(Vec::with_capacity(text.len()));
    for character in text {
        values.push(value(*character).ok_or(CookieError::Characters)?);
    }
    Ok(values)
}

/// Groups of `width` bits as bytes; bits that make no whole byte are left out.
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

/// Whether the letters are mostly of one case, as in words. Random text is so one in a million times.
fn wordy(text: &[u8]) -> bool {
    let upper = text.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let lower = text.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let most = text.len() * 3 / 4;
    let fewest = text.len() / 16;
    upper > most || lower > most || upper < fewest || lower < fewest
}

/// Whether bytes are a pattern: few different ones, or in steps.
pub(super) fn guessable(bytes: &[u8]) -> bool {
    let different: BTreeSet<u8> = bytes.iter().copied().collect();
    let steps: BTreeSet<u8> = bytes
        .windows(2)
        .map(|pair| pair[1].wrapping_sub(pair[0]))
        .collect();
    different.len() < DIFFERENT || steps.len() < DIFFERENT
}

/// Whether bytes that are no UTF-8 are text all the same: nearly all of them are printable ASCII, as in Latin-1, or many are
/// the same one, as in UTF-16. Of 32 random bytes, one in a thousand million is taken for it.
pub(super) fn is_other_text(bytes: &[u8]) -> bool {
    let printable = |byte: &&u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let mut counts = [0; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let most = counts.into_iter().max().unwrap_or_default();
    bytes.iter().filter(printable).count() >= bytes.len() * 7 / 8 || most >= bytes.len() / 4
}
