//! The secret of a cluster: what one looks like, and what none is.

#[cfg(test)]
mod tests;
mod text;

use std::convert::Infallible;
use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use self::text::{guessable, is_other_text, parse};
use super::error::AuthError;

/// The fewest bytes of a secret.
const BYTES: usize = 32;

/// Why something is no cookie. It is never shown in the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CookieError {
    /// It has fewer than 32 bytes.
    #[error(
        "the cookie is too short: it takes 32 random bytes, as 64 hex digits or 43 characters of base64url; make one with `openssl rand -hex 32` or with `ambit-cookie`"
    )]
    TooShort,
    /// It has characters that none can have.
    #[error(
        "the cookie is neither hex digits nor base64url (letters, digits, `-` and `_`); make one with `openssl rand -hex 32` or with `ambit-cookie`"
    )]
    Characters,
    /// It is words, a pattern or a repetition: whoever sees one connection could find it out by trying.
    #[error(
        "the cookie does not look random, so it could be guessed; make one with `openssl rand -hex 32` or with `ambit-cookie`"
    )]
    Guessable,
}

impl From<Infallible> for CookieError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The secret of a cluster: 32 random bytes or more. Whoever has it can be any node of the cluster. (Erlang: the cookie.)
///
/// It is given as 64 hex digits, as 43 or more characters of base64url, or as raw bytes. Any good source of chance makes one;
/// the program `ambit-cookie` of this package prints a fresh one, and judges another:
///
/// ```text
/// openssl rand -hex 32 > cookie
/// cargo install --path ambit-dist --bin ambit-cookie    # in a copy of ambit's repository
/// ambit-cookie --check < cookie
/// ```
///
/// Bytes that are text are judged as text, in any language: letters that neither form has are refused.
///
/// Words and patterns are refused: the cookie is not sent, but whoever sees the certificate of a node could try words
/// until one fits. The check finds what is obviously not random, no more.
///
/// ```
/// use ambit_dist::{Cookie, CookieError};
///
/// let cookie = Cookie::generate()?;
/// assert!(Cookie::try_from(cookie.reveal().as_str()).is_ok());
/// let words = "correct-horse-battery-staple-correct-horse-battery";
/// assert_eq!(Cookie::try_from(words).unwrap_err(), CookieError::Guessable);
/// # Ok::<(), ambit_dist::AuthError>(())
/// ```
#[derive(Clone)]
pub struct Cookie(Zeroizing<Vec<u8>>);

impl Cookie {
    /// A fresh one, from the randomness of the operating system.
    ///
    /// # Errors
    /// [`AuthError::Randomness`]: it gave none.
    pub fn generate() -> Result<Self, AuthError> {
        let mut bytes = Zeroizing::new(vec![0; BYTES]);
        super::credentials::fill_random(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// As hex digits. This is the secret itself: write it where only the nodes read it, and never into a log.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() * 2));
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        text
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn checked(bytes: Zeroizing<Vec<u8>>) -> Result<Self, CookieError> {
        if bytes.len() < BYTES {
            return Err(CookieError::TooShort);
        }
        if guessable(&bytes) {
            return Err(CookieError::Guessable);
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<&str> for Cookie {
    type Error = CookieError;

    fn try_from(text: &str) -> Result<Self, CookieError> {
        Self::checked(parse(text)?)
    }
}

impl TryFrom<String> for Cookie {
    type Error = CookieError;

    fn try_from(mut text: String) -> Result<Self, CookieError> {
        let cookie = Self::try_from(text.as_str());
        text.zeroize();
        cookie
    }
}

impl TryFrom<&[u8]> for Cookie {
    type Error = CookieError;

    fn try_from(bytes: &[u8]) -> Result<Self, CookieError> {
        // The bytes of a text file are that text, in whatever language: of 32 random ones, one in a hundred million is UTF-8.
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Self::try_from(text);
        }
        let cookie = Self::checked(Zeroizing::new(bytes.to_vec()))?;
        if is_other_text(bytes) {
            return Err(CookieError::Guessable);
        }
        Ok(cookie)
    }
}

impl TryFrom<Vec<u8>> for Cookie {
    type Error = CookieError;

    fn try_from(mut bytes: Vec<u8>) -> Result<Self, CookieError> {
        let cookie = Self::try_from(bytes.as_slice());
        bytes.zeroize();
        cookie
    }
}

impl TryFrom<[u8; BYTES]> for Cookie {
    type Error = CookieError;

    fn try_from(mut bytes: [u8; BYTES]) -> Result<Self, CookieError> {
        let cookie = Self::try_from(bytes.as_slice());
        bytes.zeroize();
        cookie
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookie(..)")
    }
}
