//! The checked crates: a workspace under `target/`, with the lock file of this one, so that nothing is fetched.

use std::fs;
use std::path::{Path, PathBuf};

/// The number of servers in a crate.
const SERVERS: u32 = 50;
/// The number of handlers in all servers.
pub(crate) const HANDLERS: u32 = SERVERS * 10;

/// A server with `#[gen_server]`.
const AMBIT: &str = include_str!("../../../../ambit-macros/fixtures/ten_handlers.rs");
/// The expansion of that server.
const EXPANDED: &str = include_str!("../../../../ambit-macros/snapshots/ten_handlers.rs");
/// The same server by hand.
const BY_HAND: &str = include_str!("../../../fixtures/by_hand.rs");

/// The content of a crate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// No server, with the same dependencies.
    Empty,
    /// The methods without the attributes.
    Methods,
    /// An enum, a task and a handle.
    ByHand,
    /// `#[gen_server]`
    Ambit,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Empty, Self::Methods, Self::ByHand, Self::Ambit];

    /// Returns the name in tables.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Empty => "nothing",
            Self::Methods => "the methods alone",
            Self::ByHand => "enum, task and handle by hand",
            Self::Ambit => "#[gen_server]",
        }
    }

    /// Returns the name of the crate.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Methods => "methods",
            Self::ByHand => "by_hand",
            Self::Ambit => "servers",
        }
    }

    /// Returns the source of one server.
    fn server(self) -> Option<String> {
        match self {
            Self::Empty => None,
            Self::Methods => Some(methods()),
            Self::ByHand => Some(BY_HAND.into()),
            Self::Ambit => Some(AMBIT.into()),
        }
    }
}

/// Returns the server as plain methods, without its attributes.
fn methods() -> String {
    let is_plain = |line: &&str| {
        let markers = ["#[gen_server]", "#[init]", "#[call]", "#[cast]", "#[info]"];
        let line = line.trim();
        !markers.contains(&line) && line != "use ambit::prelude::*;"
    };
    let lines: Vec<_> = AMBIT.lines().filter(is_plain).collect();
    format!("#![allow(dead_code)]\n{}\n", lines.join("\n"))
}

/// Returns the number of lines per handler beyond its method.
pub(crate) fn written(kind: Kind) -> f64 {
    let count = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count();
    let lines = match kind {
        Kind::Empty | Kind::Methods => 0,
        Kind::ByHand => count(BY_HAND).saturating_sub(count(&methods())),
        Kind::Ambit => count(EXPANDED).saturating_sub(count(AMBIT)),
    };
    f64::from(u32::try_from(lines).unwrap_or(u32::MAX)) * f64::from(SERVERS) / f64::from(HANDLERS)
}

/// Writes the workspace, and returns its path.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn write() -> Result<PathBuf, String> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = ours.join("target").join("bench-compile");
    let names = Kind::ALL
        .map(|kind| format!("\"{}\"", kind.name()))
        .join(", ");
    put(
        &root.join("Cargo.toml"),
        &format!("[workspace]\nresolver = \"3\"\nmembers = [{names}]\n"),
    )?;
    let lock = ours.join("Cargo.lock");
    let lock = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    put(&root.join("Cargo.lock"), &lock)?;
    for kind in Kind::ALL {
        let name = kind.name();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             ambit = {{ path = \"../../../ambit\" }}\n\
             tokio = {{ version = \"1\", default-features = false, features = [\"rt\", \"sync\"] }}\n"
        );
        put(&root.join(name).join("Cargo.toml"), &manifest)?;
        let sources = root.join(name).join("src");
        let mut modules = String::new();
        for (number, text) in (0..SERVERS).filter_map(|number| Some((number, kind.server()?))) {
            let text = text.replace("Bank", &format!("Bank{number}"));
            put(&sources.join(format!("server{number}.rs")), &text)?;
            modules += &format!("pub mod server{number};\n");
        }
        put(&sources.join("lib.rs"), &modules)?;
    }
    Ok(root)
}

fn put(file: &Path, text: &str) -> Result<(), String> {
    let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
    let written = folder.and_then(|()| fs::write(file, text));
    written.map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_remain_after_the_attributes_are_removed() {
        let methods = methods();
        assert!(methods.contains("pub fn withdraw"));
        assert!(!methods.contains("#[c") && !methods.contains("ambit"));
    }

    #[test]
    fn both_ways_have_the_same_ten_handlers() {
        let handlers = AMBIT.lines().filter(|line| {
            let markers = ["#[call]", "#[cast]", "#[info]"];
            markers.contains(&line.trim())
        });
        assert_eq!(u32::try_from(handlers.count()), Ok(HANDLERS / SERVERS));
        assert_eq!(
            u32::try_from(BY_HAND.matches("pub async fn ").count()),
            Ok(HANDLERS / SERVERS)
        );
    }
}
