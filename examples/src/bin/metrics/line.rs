//! One line of an access log in Combined Log Format, parsed without copying.
//!
//! A separate module, because it is pure: bytes in, borrowed fields out. No input makes it panic, and a line with a
//! client, a time, a request, a status and a size is never rejected because of the text around them.

use crate::time;

/// The fields of one request in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) client: &'a [u8],
    /// Seconds since 1970 in UTC.
    pub(crate) time: i64,
    /// The path without its query; `-` for a request without a path.
    pub(crate) route: &'a [u8],
    pub(crate) status: u16,
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
        let mut rest = Rest(text);
        let client = rest
            .word()
            .filter(|&word| word != b"-")
            .ok_or(Malformed::Client)?;
        let time = rest.time().ok_or(Malformed::Time)?;
        let request = rest
            .quoted()
            .filter(|field| field.closed)
            .ok_or(Malformed::Request)?;
        Ok(Self {
            client,
            time,
            route: route(request.text),
            status: rest.word().and_then(status).ok_or(Malformed::Status)?,
            bytes: rest.word().and_then(size).ok_or(Malformed::Size)?,
            truncated: rest.is_cut_off(),
        })
    }
}

/// Returns the second word of a request, up to the query: scanners send arbitrary text there.
fn route(request: &[u8]) -> &[u8] {
    let mut words = request
        .split(|&byte| byte == b' ')
        .filter(|word| !word.is_empty());
    let target = words.nth(1).unwrap_or_default();
    match target.split(|&byte| byte == b'?').next() {
        Some(path) if !path.is_empty() => path,
        _ => b"-",
    }
}

fn status(word: &[u8]) -> Option<u16> {
    if word.len() != 3 {
        None
    } else {
        time::digits(word).and_then(|code| code.try_into().ok())
    }
}

fn size(word: &[u8]) -> Option<u64> {
    if word == b"-" {
        Some(0)
    } else {
        time::digits(word)
    }
}

/// The unread part of a line.
struct Rest<'a>(&'a [u8]);

/// The maximum length of a time, including brackets.
const TIME_AT_MOST: usize = 40;

struct Quoted<'a> {
    text: &'a [u8],
    closed: bool,
}

impl<'a> Rest<'a> {
    /// Takes the text up to the next space.
    fn word(&mut self) -> Option<&'a [u8]> {
        self.skip_spaces();
        let end = self
            .0
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(self.0.len());
        let word = self.take(end);
        (!word.is_empty()).then_some(word)
    }

    /// Takes the time, and skips the text before it: two names, of which the client may choose the second, brackets
    /// included. So the time is the first one followed by a quote; if there is none, the first one.
    fn time(&mut self) -> Option<i64> {
        let mut after = Rest(self.0);
        let mut first = None;
        while let Some(time) = after.bracketed_time() {
            first.get_or_insert((time, after.0));
            if after.0.trim_ascii_start().first() == Some(&b'"') {
                *self = after;
                return Some(time);
            }
        }
        let (time, rest) = first?;
        self.0 = rest;
        Some(time)
    }

    /// Takes the next bracketed text that is a time.
    fn bracketed_time(&mut self) -> Option<i64> {
        loop {
            let open = self.0.windows(2).position(|pair| pair == b" [")?;
            self.take(open + 2);
            let in_reach = &self.0[..self.0.len().min(TIME_AT_MOST)];
            let close = in_reach.iter().position(|&byte| byte == b']');
            if let Some((close, time)) =
                close.and_then(|at| Some((at, time::parse(&in_reach[..at])?)))
            {
                self.take(close + 1);
                return Some(time);
            }
        }
    }

    /// Takes a quoted field. A quote after a backslash, or before anything but a space, belongs to the text.
    fn quoted(&mut self) -> Option<Quoted<'a>> {
        self.skip_spaces();
        if self.0.first() != Some(&b'"') {
            return None;
        }
        self.take(1);
        let mut at = 0;
        while let Some(&byte) = self.0.get(at) {
            match byte {
                b'\\' => at += 2,
                b'"' if self.0.get(at + 1).is_none_or(u8::is_ascii_whitespace) => {
                    let text = self.take(at);
                    self.take(1);
                    return Some(Quoted { text, closed: true });
                }
                _ => at += 1,
            }
        }
        Some(Quoted {
            text: self.take(self.0.len()),
            closed: false,
        })
    }

    /// Reads to the end; returns true if that is inside a quoted field.
    fn is_cut_off(&mut self) -> bool {
        loop {
            match self.quoted() {
                Some(field) if !field.closed => return true,
                Some(_) => {}
                None if self.word().is_none() => return false,
                None => {}
            }
        }
    }

    fn skip_spaces(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "192.0.2.7 - - [14/Mar/2026:09:30:00 +0000] ";

    fn tail(rest: &str) -> String {
        format!("{HEAD}{rest}")
    }

    #[track_caller]
    fn refusal(text: &str) -> Malformed {
        Line::parse(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn every_field_of_an_ordinary_line() {
        let text =
            tail(r#""GET /books/1?page=2 HTTP/1.1" 200 5120 "https://example.org/" "Mozilla/5.0""#);
        let expected = Line {
            client: b"192.0.2.7",
            time: 1_773_480_600,
            route: b"/books/1",
            status: 200,
            bytes: 5120,
            truncated: false,
        };
        assert_eq!(Line::parse(text.as_bytes()), Ok(expected));
    }

    #[test]
    fn a_dash_for_the_size_is_nothing_sent() {
        let text = tail(r#""GET / HTTP/1.1" 304 - "-" "-""#);
        assert_eq!(Line::parse(text.as_bytes()).unwrap().bytes, 0);
    }

    #[test]
    fn a_last_field_without_its_quote_is_truncated_and_counts() {
        for (fields, truncated) in [
            (r#""-" "Mozilla/5.0 (comp"#, true),
            (r#""-" ""#, true),
            (r#""-" "ends with \""#, true),
            (r#""https://exam"#, true),
            (r#""-" "-""#, false),
            (r#""-""#, false),
            ("", false),
        ] {
            let text = tail(&format!(r#""GET / HTTP/1.1" 200 1 {fields}"#));
            assert_eq!(
                Line::parse(text.as_bytes()).unwrap().truncated,
                truncated,
                "{text}"
            );
        }
    }

    #[test]
    fn quotes_inside_quotes_do_not_end_a_field() {
        for (request, route) in [
            (r#"GET /say\"hi HTTP/1.1"#, r#"/say\"hi"#),
            (r#"GET /a"b HTTP/1.1"#, r#"/a"b"#),
            (r"GET /back\\ HTTP/1.1", r"/back\\"),
        ] {
            let text = tail(&format!(r#""{request}" 200 1 "-" "say \"hi\" twice""#));
            let line = Line::parse(text.as_bytes()).unwrap();
            assert_eq!(
                (line.route, line.truncated),
                (route.as_bytes(), false),
                "{text}"
            );
        }
    }

    #[test]
    fn requests_without_a_path_share_one_route() {
        for request in ["-", "", "GET", "GET ", r"\x16\x03\x01", "GET ?q=1 HTTP/1.1"] {
            let text = tail(&format!(r#""{request}" 400 0 "-" "-""#));
            assert_eq!(Line::parse(text.as_bytes()).unwrap().route, b"-", "{text}");
        }
    }

    #[test]
    fn names_with_spaces_and_lines_without_referer_are_read() {
        let text = r#"2001:db8::1 - a name [14/Mar/2026:09:30:00 +0000] "GET / HTTP/1.0" 200 7"#;
        let line = Line::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (line.client, line.bytes, line.truncated),
            (&b"2001:db8::1"[..], 7, false)
        );
    }

    #[test]
    fn a_name_cannot_hide_the_time() {
        let time = "[14/Mar/2026:09:30:00 +0000]";
        for name in [
            "x [y]",
            "x [y",
            "x [",
            "[ [[ ]",
            "x [01/Jan/2020:00:00:00 +0000]",
        ] {
            let text = format!("192.0.2.7 - {name} {time} \"GET / HTTP/1.0\" 200 7");
            let line = Line::parse(text.as_bytes()).unwrap();
            assert_eq!((line.time, line.bytes), (1_773_480_600, 7), "{name}");
        }
        let text = format!("192.0.2.7 - - {time} {time}");
        assert_eq!(refusal(&text), Malformed::Request);
        let brackets = format!("192.0.2.7 -{} {time}", " [".repeat(200_000));
        assert_eq!(refusal(&brackets), Malformed::Request);
    }

    #[test]
    fn white_space_of_any_kind_ends_a_field() {
        for end in ["", " ", "\r", "\r\r", "\t"] {
            let text = tail(&format!(
                "\"GET / HTTP/1.1\"\t200 1\t\"-\" \"Mozilla\"{end}"
            ));
            let line = Line::parse(text.as_bytes()).unwrap();
            assert_eq!((line.status, line.truncated), (200, false), "{end:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_pass_through() {
        let mut text = tail(r#""GET /caf"#).into_bytes();
        text.extend_from_slice(b"\xe9 HTTP/1.1\" 200 1 \"\xff\" \"\xc3\x28\"");
        let line = Line::parse(&text).unwrap();
        assert_eq!((line.route, line.truncated), (&b"/caf\xe9"[..], false));
    }

    #[test]
    fn the_first_missing_part_is_named() {
        assert_eq!(refusal(""), Malformed::Client);
        assert_eq!(refusal("   "), Malformed::Client);
        assert_eq!(
            refusal("- - - [14/Mar/2026:09:30:00 +0000]"),
            Malformed::Client
        );
        assert_eq!(refusal("server restarted"), Malformed::Time);
        assert_eq!(refusal("192.0.2.7 - - [14/Mar"), Malformed::Time);
        assert_eq!(
            refusal("192.0.2.7 - - [yesterday] \"GET / HTTP/1.1\" 200 1"),
            Malformed::Time
        );
        assert_eq!(refusal(HEAD), Malformed::Request);
        assert_eq!(refusal(&tail("\"GET /cut HT")), Malformed::Request);
        assert_eq!(refusal(&tail("\"GET / HTTP/1.1\"")), Malformed::Status);
        for status in ["-", "20", "2000", "20x", "+20"] {
            assert_eq!(
                refusal(&tail(&format!("\"GET / HTTP/1.1\" {status} 1"))),
                Malformed::Status
            );
        }
        for size in ["", "x", "-1", "1k", "99999999999999999999"] {
            assert_eq!(
                refusal(&tail(&format!("\"GET / HTTP/1.1\" 200 {size}"))),
                Malformed::Size
            );
        }
    }

    #[test]
    fn no_prefix_of_a_line_makes_it_panic() {
        let text = tail(r#""GET /a\" HTTP/1.1" 200 12 "https://example.org/\\" "x\y""#);
        for end in 0..=text.len() {
            let _ = Line::parse(&text.as_bytes()[..end]);
        }
    }
}
