//! The development cookie, in a file that only the user can read.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::cookie::Cookie;
use super::error::{AuthError, DevError};
use super::sources::fill_random;

/// The maximum number of bytes read from the file. Every cookie is shorter.
const MAX: u64 = 1024;

/// The location of the development cookie.
#[derive(Clone, Default)]
pub(super) struct Dev {
    /// Replaces the user's state directory.
    directory: Option<PathBuf>,
}

impl Dev {
    #[cfg(test)]
    pub(super) fn at(directory: PathBuf) -> Self {
        Self {
            directory: Some(directory),
        }
    }

    /// Returns the cookie, generating it if there is none.
    pub(super) fn cookie(&self) -> Result<Cookie, AuthError> {
        let directory = match &self.directory {
            Some(directory) => directory.clone(),
            None => state(env::var_os("XDG_STATE_HOME"), env::var_os("HOME"))
                .ok_or(DevError::NoDirectory)?
                .join("ambit"),
        };
        let path = directory.join("dev-cookie");
        private_directory(&directory)?;
        if let Some(cookie) = read(&path)? {
            return Ok(cookie);
        }
        make(&path)?;
        // Reads the file even after writing it: if two nodes start at once, the first cookie wins.
        let lost = || io::Error::from(io::ErrorKind::NotFound);
        Ok(read(&path)?.ok_or_else(lost).map_err(in_file(&path))?)
    }
}

/// Returns the directory for the state of a user's programs. As XDG requires, a relative path is ignored.
pub(super) fn state(xdg: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    xdg.and_then(absolute)
        .or_else(|| Some(home.and_then(absolute)?.join(".local/state")))
}

fn private_directory(path: &Path) -> Result<(), DevError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(in_file(path))?;
    let directory = fs::metadata(path).map_err(in_file(path))?;
    check_private(path, &directory)
}

fn read(path: &Path) -> Result<Option<Cookie>, DevError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(in_file(path)(error)),
    };
    // Checks the open file, because another file may have appeared at the path.
    check_private(path, &file.metadata().map_err(in_file(path))?)?;
    let mut text = Zeroizing::new(Vec::with_capacity(MAX as usize));
    file.take(MAX)
        .read_to_end(&mut text)
        .map_err(in_file(path))?;
    let cookie = Cookie::try_from(text.as_slice());
    cookie.map(Some).map_err(|_| DevError::Content {
        path: path.to_owned(),
    })
}

fn check_private(path: &Path, found: &fs::Metadata) -> Result<(), DevError> {
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(DevError::Permissions {
        path: path.to_owned(),
        mode,
    })
}

/// Writes a new cookie to a temporary file and links it to the path. A reader never sees a partial cookie, and the
/// first cookie stays.
fn make(path: &Path) -> Result<(), AuthError> {
    let cookie = Cookie::generate()?;
    let mut other = [0; 8];
    fill_random(&mut other)?;
    let own = path.with_extension(format!("{:016x}", u64::from_le_bytes(other)));
    let written = write(&own, &cookie).and_then(|()| match fs::hard_link(&own, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&own);
    written.and(removed).map_err(in_file(path))?;
    Ok(())
}

fn write(path: &Path, cookie: &Cookie) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(cookie.reveal().as_bytes())?;
    file.write_all(b"\n")
}

fn in_file(path: &Path) -> impl Fn(io::Error) -> DevError {
    let path = path.to_owned();
    move |source| DevError::Io {
        path: path.clone(),
        source,
    }
}
