//! Where the lines come from: the built-in sample, standard input or a file, once or several times over.
//!
//! Apart from the parser because it is the only part that reads. One line is held at a time, so the memory needed does not depend on
//! how long the stream is; only an input that cannot be read twice (a pipe with `--repeat`) is kept whole, once.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, Stdin};
use std::num::NonZeroU64;
use std::path::PathBuf;

/// A day in the life of a small library's server, written for this project. The addresses are those reserved for documentation.
const SAMPLE: &[u8] = include_bytes!("sample.log");

/// What the user named as the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Sample,
    Stdin,
    File(PathBuf),
}

/// Why a log could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("cannot open {0:?}: {1}")]
    Open(PathBuf, io::Error),
    #[error("cannot read the log: {0}")]
    Read(#[from] io::Error),
}

/// The lines of a log, as often as asked for, as one stream.
pub(crate) struct Lines {
    input: Input,
    passes_left: u64,
    bytes_read: u64,
    bytes_in_all: Option<u64>,
}

enum Input {
    Memory(Cursor<Cow<'static, [u8]>>),
    File(BufReader<File>),
    Pipe(BufReader<Stdin>),
}

impl Lines {
    /// Opens a log that will be read `repeat` times.
    pub(crate) fn open(source: &Source, repeat: NonZeroU64) -> Result<Self, SourceError> {
        let once = repeat == NonZeroU64::MIN;
        let input = match source {
            Source::Sample => Input::Memory(Cursor::new(SAMPLE.into())),
            Source::Stdin if once => Input::Pipe(BufReader::new(io::stdin())),
            Source::Stdin => Input::whole(io::stdin())?,
            Source::File(path) => {
                let refused = |error| SourceError::Open(path.clone(), error);
                let file = File::open(path).map_err(refused)?;
                let kind = file.metadata().map_err(refused)?.file_type();
                if kind.is_dir() {
                    return Err(refused(io::ErrorKind::IsADirectory.into()));
                }
                if kind.is_file() || once {
                    Input::File(BufReader::new(file))
                } else {
                    Input::whole(file)?
                }
            }
        };
        let bytes_in_all = input.size().map(|size| size.saturating_mul(repeat.get()));
        Ok(Self {
            input,
            passes_left: repeat.get() - 1,
            bytes_read: 0,
            bytes_in_all,
        })
    }

    /// Appends the next line, without its line break; false after the last line of the last pass.
    pub(crate) fn next(&mut self, to: &mut Vec<u8>) -> Result<bool, SourceError> {
        let begin = to.len();
        let mut read = self.input.buffered().read_until(b'\n', to)?;
        if read == 0 && self.passes_left > 0 {
            self.passes_left -= 1;
            self.input.rewind()?;
            read = self.input.buffered().read_until(b'\n', to)?;
        }
        self.bytes_read += read as u64;
        for line_break in [b'\n', b'\r'] {
            if to[begin..].last() == Some(&line_break) {
                to.pop();
            }
        }
        Ok(read > 0)
    }

    /// Returns how far the stream has been read, from 0 to 1, where its length is known.
    pub(crate) fn share_read(&self) -> Option<f64> {
        let all = self.bytes_in_all.filter(|&all| all > 0)?;
        Some((self.bytes_read as f64 / all as f64).min(1.0))
    }
}

impl Input {
    fn whole(mut reader: impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        Ok(Self::Memory(Cursor::new(bytes.into())))
    }

    fn size(&self) -> Option<u64> {
        match self {
            Self::Memory(bytes) => Some(bytes.get_ref().len() as u64),
            Self::File(file) => file
                .get_ref()
                .metadata()
                .ok()
                .filter(|file| file.is_file())
                .map(|file| file.len()),
            Self::Pipe(_) => None,
        }
    }

    fn buffered(&mut self) -> &mut dyn BufRead {
        match self {
            Self::Memory(bytes) => bytes,
            Self::File(file) => file,
            Self::Pipe(pipe) => pipe,
        }
    }

    fn rewind(&mut self) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => bytes.rewind(),
            Self::File(file) => file.rewind(),
            Self::Pipe(_) => Ok(()), // is only made for one pass
        }
    }
}

/// A log in memory.
#[cfg(test)]
pub(crate) fn lines_of(bytes: Cow<'static, [u8]>, repeat: u64) -> Lines {
    Lines {
        input: Input::Memory(Cursor::new(bytes)),
        passes_left: repeat - 1,
        bytes_read: 0,
        bytes_in_all: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &'static [u8], repeat: u64) -> Vec<String> {
        let mut lines = lines_of(bytes.into(), repeat);
        let (mut found, mut line) = (Vec::new(), Vec::new());
        while lines.next(&mut line).unwrap() {
            found.push(String::from_utf8_lossy(&line).into_owned());
            line.clear();
        }
        found
    }

    #[test]
    fn line_breaks_of_both_kinds_are_taken_off() {
        assert_eq!(lines(b"one\r\ntwo\n\nfour", 1), ["one", "two", "", "four"]);
    }

    #[test]
    fn passes_follow_each_other_without_gluing_lines() {
        assert_eq!(
            lines(b"one\ntwo", 3),
            ["one", "two", "one", "two", "one", "two"]
        );
    }

    #[test]
    fn an_empty_log_is_empty_however_often_it_is_read() {
        assert!(lines(b"", u64::MAX).is_empty());
    }

    #[test]
    fn the_share_read_grows_from_zero_to_one() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        for source in [Source::Sample, Source::File(file.into())] {
            let mut lines = Lines::open(&source, NonZeroU64::MIN.saturating_add(1)).unwrap();
            assert_eq!(lines.share_read(), Some(0.0));
            lines.next(&mut Vec::new()).unwrap();
            assert!(
                lines
                    .share_read()
                    .is_some_and(|share| 0.0 < share && share < 0.5)
            );
            while lines.next(&mut Vec::new()).unwrap() {}
            assert_eq!(lines.share_read(), Some(1.0));
        }
    }

    #[test]
    fn a_log_that_is_not_there_is_named() {
        let missing = Source::File("no/such.log".into());
        let said = Lines::open(&missing, NonZeroU64::MIN)
            .err()
            .unwrap()
            .to_string();
        assert!(said.starts_with("cannot open \"no/such.log\": "), "{said}");
    }
}
