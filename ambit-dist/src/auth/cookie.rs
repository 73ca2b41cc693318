//! The shared secret of a cluster: its accepted formats, and the check that it is random.

#[cfg(test)]
mod tests;
mod text;

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use self::text::{BYTES, guessable, is_other_text, parse};
use super::error::{AuthError, CookieError};

/// The shared secret of a cluster: 32 random bytes or more. Its holder can impersonate any node of the cluster.
/// (Erlang: the cookie.)
///
/// A cookie has one of three formats: at least 64 hex digits, an even number of them; at least 43 characters of
/// base64url; or at least 32 raw bytes. White space around text is ignored. Any good source of randomness can produce a
/// cookie. The program `ambit-cookie` of this package prints a new cookie and checks existing ones:
///
/// ```text
/// openssl rand -hex 32 > cookie
/// cargo install --path ambit-dist --bin ambit-cookie    # in a copy of ambit's repository
/// ambit-cookie --check < cookie
/// ```
///
/// Bytes that are valid UTF-8 are parsed as text: characters other than hex digits and base64url are refused.
///
/// Words and patterns are refused. Nodes never send the cookie itself, but an attacker who sees the certificate of a
/// node could try words until one matches it. The check detects only secrets that are obviously not random.
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
    /// Generates a cookie of 32 bytes from the randomness of the operating system.
    ///
    /// # Errors
    /// Fails with [`AuthError::Randomness`] if the operating system returns no random bytes.
    pub fn generate() -> Result<Self, AuthError> {
        let mut bytes = Zeroizing::new(vec![0; BYTES]);
        super::sources::fill_random(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Returns the secret as hex digits. Store the secret where only the nodes can read it, and never log it.
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
        // Bytes that are valid UTF-8 are parsed as text. Of 32 random bytes, one in a hundred million is valid UTF-8.
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
