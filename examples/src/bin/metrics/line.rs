//! One line of an access log in Combined Log Format, parsed without copying.
//!
//! By hand, because real logs break the format: a client chooses some of the text, quotes and brackets included. No
//! input makes it panic, and a line with a client, a time, a request, a status and a size is never rejected because of
//! the text around them.

use jiff::Timestamp;

/// The fields of one request in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) client: &'a [u8],
    /// Seconds since 1970 in UTC.
    pub(crate) time: i64,
    /// The path without its query; `-` for a request without a path.
    pub(crate) route: &'a [u8],
    /// Three digits.
    pub(crate) status: &'a [u8],
    pub(crate) bytes: u64,
    /// True if the last quoted field has no closing quote.
    pub(crate) truncated: bool,
}

/// The first missing field of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("no client")]
    Client,
    #[error("no time")]
    Time,
    #[error("no request")]
    Request,
    #[error("no status")]
    Status,
    #[error("no size")]
    Size,
}

impl<'a> Line<'a> {
    /// Parses a line without its line break.
    pub(crate) fn parse(text: &'a [u8]) -> Result<Self, Malformed> {
        let (client, rest) = word(text);
        if client.is_empty() || client == b"-" {
            return Err(Malformed::Client);
        }
        let (time, rest) = time(rest).ok_or(Malformed::Time)?;
        let Some((request, Some(rest))) = quoted(rest) else {
            return Err(Malformed::Request);
        };
        let (status, rest) = word(rest);
        if status.len() != 3 || number(status).is_none() {
            return Err(Malformed::Status);
        }
        let (size, rest) = word(rest);
        let bytes = if size == b"-" { Some(0) } else { number(size) };
        Ok(Self {
            client,
            time,
            route: route(request),
            status,
            bytes: bytes.ok_or(Malformed::Size)?,
            truncated: is_truncated(rest),
        })
    }
}

/// Splits off the text up to the next space, which is empty at the end of the line.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let end = text.iter().position(u8::is_ascii_whitespace);
    text.split_at(end.unwrap_or(text.len()))
}

/// A quoted field, and the text after it; `None` if it has no closing quote.
type Quoted<'a> = (&'a [u8], Option<&'a [u8]>);

/// Splits off a quoted field. A quote after a backslash, or before anything but a space, belongs to its text.
fn quoted(text: &[u8]) -> Option<Quoted<'_>> {
    let text = text.trim_ascii_start().strip_prefix(b"\"")?;
    let mut escaped = false;
    let end = text.iter().enumerate().position(|(at, byte)| {
        let is_last = text.get(at + 1).is_none_or(u8::is_ascii_whitespace);
        let is_end = *byte == b'"' && !escaped && is_last;
        escaped = *byte == b'\\' && !escaped;
        is_end
    });
    let field = |end| (&text[..end], Some(&text[end + 1..]));
    Some(end.map_or((text, None), field))
}

/// Splits off the time, and the text before it: two names, of which the client may choose the second, brackets
/// included. So the time is the first one followed by a quote; if there is none, the first one.
fn time(text: &[u8]) -> Option<(i64, &[u8])> {
    let (length, mut first) = ("14/Mar/2026:09:30:00 +0100".len(), None);
    for (at, _) in text.windows(2).enumerate().filter(|(_, two)| two == b" [") {
        let Some((time, [b']', rest @ ..])) = text[at + 2..].split_at_checked(length) else {
            continue;
        };
        let Ok(time) = Timestamp::strptime("%d/%b/%Y:%H:%M:%S %z", time) else {
            continue;
        };
        let found = (time.as_second(), rest);
        if rest.trim_ascii_start().starts_with(b"\"") {
            return Some(found);
        }
        first.get_or_insert(found);
    }
    first
}

/// Returns the second word of a request, up to the query: scanners send arbitrary text there.
fn route(request: &[u8]) -> &[u8] {
    let (_method, rest) = word(request);
    let (target, _version) = word(rest);
    match target.split(|&byte| byte == b'?').next() {
        Some(path) if !path.is_empty() => path,
        _ => b"-",
    }
}

/// Parses decimal digits only: no sign, no spaces, not empty.
fn number(word: &[u8]) -> Option<u64> {
    let digits = word.iter().all(u8::is_ascii_digit).then_some(word)?;
    str::from_utf8(digits).ok()?.parse().ok()
}

/// Returns true if the text ends inside a quoted field.
fn is_truncated(mut rest: &[u8]) -> bool {
    while !rest.trim_ascii_start().is_empty() {
        rest = match quoted(rest) {
            Some((_, None)) => return true,
            Some((_, Some(rest))) => rest,
            None => word(rest).1,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "[14/Mar/2026:09:30:00 +0000]";

    #[test]
    fn every_field_of_an_ordinary_line() {
        let rest = r#""GET /a?page=2 HTTP/1.1" 200 5120 "https://example.org/" "Mozilla/5.0""#;
        let text = format!("2001:db8::1 - a name {TIME} {rest}");
        let expected = Line {
            client: b"2001:db8::1",
            time: 1_773_480_600,
            route: b"/a",
            status: b"200",
            bytes: 5120,
            truncated: false,
        };
        assert_eq!(Line::parse(text.as_bytes()), Ok(expected));
    }

    #[test]
    fn the_text_around_the_fields_changes_nothing() {
        for (name, path, fields, truncated) in [
            ("-", r#"/say\"hi"#, r#""-" "Mozilla (comp"#, true),
            ("x [y]", r#"/a"b"#, r#""-" "ends with \""#, true),
            ("x [", r"/back\\", r#""-" "say \"hi\" twice""#, false),
            ("[ [[ ]", "-", "\t\"-\"\r", false),
            ("x [01/Jan/2020:00:00:00 +0000]", "/", "", false),
        ] {
            let text = format!("a - {name} {TIME} \"GET {path}?q=1 HTTP/1.1\" 400 - {fields}");
            let line = Line::parse(text.as_bytes()).unwrap();
            assert_eq!((line.time, line.route), (1_773_480_600, path.as_bytes()));
            assert_eq!((line.bytes, line.truncated), (0, truncated), "{text}");
        }
        for request in ["-", "", "GET ", r"\x16\x03\x01", "GET ?q=1 HTTP/1.1"] {
            let text = format!("a - - {TIME} \"{request}\" 400 0");
            assert_eq!(Line::parse(text.as_bytes()).unwrap().route, b"-");
        }
    }

    #[test]
    fn the_first_missing_field_is_named() {
        for (text, missing) in [
            ("   ", Malformed::Client),
            ("- - - TIME", Malformed::Client),
            ("server restarted", Malformed::Time),
            ("a - - [31/Apr/2026:09:30:00 +0000]", Malformed::Time),
            ("a - - [14/Mar/2026:09:30:00]", Malformed::Time),
            ("a - - TIME \"GET /cut HT", Malformed::Request),
            ("a - - TIME \"GET /\" 20x 1", Malformed::Status),
            ("a - - TIME \"GET /\" +20 1", Malformed::Status),
            ("a - - TIME \"GET /\" 200 1k", Malformed::Size),
            ("a - - TIME \"GET /\" 200", Malformed::Size),
        ] {
            let text = text.replace("TIME", TIME);
            assert_eq!(Line::parse(text.as_bytes()), Err(missing), "{text}");
            for end in 0..text.len() {
                let _ = Line::parse(&text.as_bytes()[..end]);
            }
        }
    }
}
