//! The sources of lines: the built-in sample, standard input or a file, read once or several times.
//!
//! A separate module, because only it reads files. It holds one batch at a time, so memory use does not depend on the
//! length of the stream; only an input that cannot be read twice (a pipe with `--repeat`) is kept in memory, once.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, Stdin};
use std::num::NonZeroU64;
use std::path::PathBuf;

use crate::batch::{Batch, Framer};

/// A sample log of a fictional library's server, written for this project. Its addresses are reserved for
/// documentation.
const SAMPLE: &[u8] = include_bytes!("sample.log");

/// The size of one read from a pipe.
const PIPE: usize = 64 * 1024;

/// The log to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Sample,
    Stdin,
    File(PathBuf),
}

/// The reason why a log could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("cannot open {0:?}: {1}")]
    Open(PathBuf, io::Error),
    #[error("cannot read the log: {0}")]
    Read(#[from] io::Error),
}

/// The lines of a log, repeated as requested, as one stream.
pub(crate) struct Log {
    input: Input,
    framer: Framer,
    passes_left: u64,
    bytes_read: u64,
    bytes_in_all: Option<u64>,
}

enum Input {
    Memory(Cursor<Cow<'static, [u8]>>),
    File(BufReader<File>),
    /// Its lines are passed on at once, because further ones may never arrive.
    Pipe(BufReader<Stdin>),
}

impl Log {
    /// Opens a log that will be read `repeat` times.
    pub(crate) fn open(source: &Source, repeat: NonZeroU64) -> Result<Self, SourceError> {
        let once = repeat == NonZeroU64::MIN;
        let input = match source {
            Source::Sample => Input::Memory(Cursor::new(SAMPLE.into())),
            Source::Stdin if once => Input::Pipe(BufReader::with_capacity(PIPE, io::stdin())),
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
            framer: Framer::for_bulk(),
            passes_left: repeat.get() - 1,
            bytes_read: 0,
            bytes_in_all,
        })
    }

    /// Reads the next lines; `None` at the end of the last pass.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, SourceError> {
        while !(self.framer.is_full() || self.framer.has_lines() && self.input.may_wait()) {
            let reader = self.input.buffered();
            let read = match reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                chunk => self.framer.push(chunk?),
            };
            reader.consume(read);
            self.bytes_read += read as u64;
            if read == 0 {
                self.framer.end_line();
                if self.passes_left == 0 || self.bytes_read == 0 {
                    break;
                }
                self.passes_left -= 1;
                self.input.rewind()?;
            }
        }
        Ok(self.framer.take())
    }

    /// Returns the fraction of the stream that has been read, from 0 to 1, if its length is known.
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

    /// Returns true if the next read may block for long.
    fn may_wait(&self) -> bool {
        matches!(self, Self::Pipe(pipe) if pipe.buffer().is_empty())
    }

    fn rewind(&mut self) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => bytes.rewind(),
            Self::File(file) => file.rewind(),
            Self::Pipe(_) => Ok(()), // only used for a single pass
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_of(bytes: &'static [u8], repeat: u64) -> Log {
        Log {
            input: Input::Memory(Cursor::new(bytes.into())),
            framer: Framer::for_bulk(),
            passes_left: repeat - 1,
            bytes_read: 0,
            bytes_in_all: None,
        }
    }

    fn lines(mut log: Log) -> Vec<String> {
        let mut found = Vec::new();
        while let Some(batch) = log.next_batch().unwrap() {
            let texts = batch.lines_from(0).map(String::from_utf8_lossy);
            found.extend(texts.map(String::from));
        }
        found
    }

    #[test]
    fn passes_follow_each_other_without_gluing_lines() {
        assert_eq!(
            lines(log_of(b"one\r\n\ntwo", 3)),
            ["one", "", "two", "one", "", "two", "one", "", "two"]
        );
    }

    #[test]
    fn an_empty_log_is_empty_however_often_it_is_read() {
        assert!(lines(log_of(b"", u64::MAX)).is_empty());
    }

    #[test]
    fn the_batches_hold_every_line_once_and_in_order() {
        let five_times = NonZeroU64::MIN.saturating_add(4);
        let found = lines(Log::open(&Source::Sample, five_times).unwrap());
        let sample = String::from_utf8_lossy(SAMPLE);
        let expected: Vec<_> = (0..5).flat_map(|_| sample.lines()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_share_read_grows_from_zero_to_one() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        for source in [Source::Sample, Source::File(file.into())] {
            let mut log = Log::open(&source, NonZeroU64::MIN.saturating_add(300)).unwrap();
            assert_eq!(log.share_read(), Some(0.0));
            log.next_batch().unwrap();
            let share = log.share_read();
            assert!(share.is_some_and(|share| 0.0 < share && share < 0.9));
            while log.next_batch().unwrap().is_some() {}
            assert_eq!(log.share_read(), Some(1.0));
        }
    }

    #[test]
    fn a_log_that_is_not_there_is_named() {
        let missing = Source::File("no/such.log".into());
        let said = Log::open(&missing, NonZeroU64::MIN)
            .err()
            .unwrap()
            .to_string();
        assert!(said.starts_with("cannot open \"no/such.log\": "), "{said}");
    }
}
