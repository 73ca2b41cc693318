//! The sources of lines: the built-in sample, standard input or a file, read once or several times.
//!
//! Memory use does not depend on the length of the stream: one batch is read at a time. Only an input that cannot be
//! read twice (a pipe with `--repeat`) is kept in memory, once.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::num::NonZeroU64;
use std::path::Path;

use crate::Failure;
use crate::framer::{Batch, Framer};

/// A sample log of a fictional library's server, written for this project. Its addresses are reserved for
/// documentation.
const SAMPLE: &[u8] = include_bytes!("sample.log");

/// The size of one read.
const CHUNK: usize = 64 * 1024;

/// The lines of a log, repeated as requested, as one stream.
pub(crate) struct Log {
    input: Input,
    framer: Framer,
    passes_left: u64,
    /// The number of bytes in all passes, if it is known.
    pub(crate) size: Option<u64>,
    pub(crate) bytes_read: u64,
}

/// An input that can be read again.
trait Rewind: BufRead + Seek {}

impl<R: BufRead + Seek> Rewind for R {}

enum Input {
    Stored(Box<dyn Rewind>),
    /// Its lines are passed on at once, because further ones may never arrive.
    Pipe(Box<dyn BufRead>),
}

impl Log {
    /// Opens a log that will be read `repeat` times; no path means the sample.
    pub(crate) fn open(path: Option<&Path>, repeat: NonZeroU64) -> Result<Self, Failure> {
        let name = path.unwrap_or_else(|| Path::new("the sample"));
        let refused = |error| Failure::Unusable(format!("cannot open {name:?}: {error}"));
        let (input, size) = Input::open(path, repeat.get() > 1).map_err(refused)?;
        Ok(Self {
            input,
            size: size.map(|size| size.saturating_mul(repeat.get())),
            passes_left: repeat.get() - 1,
            framer: Framer::default(),
            bytes_read: 0,
        })
    }

    /// Reads the next lines; `None` at the end of the last pass.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, Failure> {
        let read = self.read();
        read.map_err(|error| Failure::Unusable(format!("cannot read the log: {error}")))
    }

    fn read(&mut self) -> io::Result<Option<Batch>> {
        loop {
            let (reader, may_wait): (&mut dyn BufRead, _) = match &mut self.input {
                Input::Stored(reader) => (reader, false),
                Input::Pipe(reader) => (reader, true),
            };
            let chunk = match reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            let read = chunk.len().min(CHUNK);
            self.framer.push(&chunk[..read]);
            reader.consume(read);
            self.bytes_read += read as u64;
            if read == 0 {
                self.framer.end_line();
                match &mut self.input {
                    Input::Stored(reader) if self.passes_left > 0 && self.bytes_read > 0 => {
                        reader.rewind()?;
                    }
                    _ => return Ok(self.framer.take()),
                }
                self.passes_left -= 1;
            }
            if (self.framer.is_full() || may_wait)
                && let Some(batch) = self.framer.take()
            {
                return Ok(Some(batch));
            }
        }
    }
}

impl Input {
    /// Opens an input; returns its size, if it is known.
    fn open(path: Option<&Path>, again: bool) -> io::Result<(Self, Option<u64>)> {
        let stored = |bytes: Cow<'static, [u8]>| {
            let size = bytes.len() as u64;
            (Self::Stored(Box::new(Cursor::new(bytes))), Some(size))
        };
        let mut pipe: Box<dyn Read> = match path {
            None => return Ok(stored(SAMPLE.into())),
            Some(path) if path.as_os_str() == "-" => Box::new(io::stdin()),
            Some(path) => {
                let file = File::open(path)?;
                let meta = file.metadata()?;
                if meta.is_dir() {
                    return Err(io::ErrorKind::IsADirectory.into());
                }
                if meta.is_file() {
                    let reader = BufReader::with_capacity(CHUNK, file);
                    return Ok((Self::Stored(Box::new(reader)), Some(meta.len())));
                }
                Box::new(file)
            }
        };
        if again {
            let mut whole = Vec::new();
            pipe.read_to_end(&mut whole)?;
            return Ok(stored(whole.into()));
        }
        let reader = BufReader::with_capacity(CHUNK, pipe);
        Ok((Self::Pipe(Box::new(reader)), None))
    }
}
