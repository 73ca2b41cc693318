//! Checks the crates in turns, and takes the middle of what each took.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::crates::Kind;

/// What each kind takes, in their order.
///
/// # Errors
/// What cargo says of a crate that does not compile.
pub(crate) fn take(workspace: &Path, turns: usize) -> Result<[Duration; 4], String> {
    for kind in Kind::ALL {
        check(workspace, kind)?;
    }
    let mut times = [(); 4].map(|()| Vec::with_capacity(turns));
    for _ in 0..turns {
        for kind in Kind::ALL {
            times[kind as usize].push(timed(workspace, kind)?);
        }
    }
    Ok(times.map(median))
}

/// Checks one crate anew, its dependencies not.
fn timed(workspace: &Path, kind: Kind) -> Result<Duration, String> {
    let source = workspace.join(kind.name()).join("src").join("lib.rs");
    let text = fs::read(&source).and_then(|text| fs::write(&source, text));
    text.map_err(|error| format!("{}: {error}", source.display()))?;
    let (began, before) = (Instant::now(), children());
    check(workspace, kind)?;
    Ok(match (before, children()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => began.elapsed(),
    })
}

fn check(workspace: &Path, kind: Kind) -> Result<(), String> {
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo
        .args(["check", "--offline", "--quiet", "--package", kind.name()])
        .arg("--target-dir")
        .arg(workspace.join("target"))
        .current_dir(workspace)
        .env("CARGO_INCREMENTAL", "0");
    let done = cargo.output().map_err(|error| format!("cargo: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!(
        "the crate of {} does not compile:\n{said}",
        kind.text()
    ))
}

/// The processor time of all processes this one has waited for, where the system tells: what else runs on the machine
/// adds less to it than to the time on the clock.
fn children() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name stands in parentheses and may contain anything; `cutime` and `cstime` are the 16th and 17th field.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(13).map(str::parse::<u64>);
    let hundredths = ticks.next()?.ok()? + ticks.next()?.ok()?;
    Some(Duration::from_millis(hundredths * 10))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let times = [9, 1, 2].map(Duration::from_millis);
        assert_eq!(median(times.to_vec()), Duration::from_millis(2));
    }
}
