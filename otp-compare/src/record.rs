//! Traces recorded on Erlang, for machines without it.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::script::{Script, generate};
use crate::trace::Trace;

/// The recorded traces in the repository.
pub const RECORDED: &str = include_str!("../traces/recorded.txt");

/// The path of the recorded traces.
pub const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/traces/recorded.txt");

/// A recorded run.
pub struct Recorded {
    /// The script, regenerated from its seed.
    pub script: Script,
    /// Its trace on Erlang.
    pub trace: Trace,
}

/// Formats recorded runs.
pub fn write<'a>(release: &str, runs: impl IntoIterator<Item = (&'a Script, &'a Trace)>) -> String {
    let mut text = format!(
        "% What the scripts of these seeds did on Erlang/OTP {release}. Written by `cargo run -p otp-compare -- --record`.\n"
    );
    for (script, trace) in runs {
        let lines = trace.join("\n");
        let hash = hash(script);
        writeln!(text, "script {} {hash:016x}\n{lines}", script.seed)
            .expect("a string takes everything");
    }
    text
}

/// Parses recorded runs, by seed.
///
/// # Errors
/// If a line is invalid, or a script is no longer generated as it was recorded.
pub fn read(text: &str) -> Result<BTreeMap<u64, Recorded>, String> {
    let mut all: BTreeMap<u64, Recorded> = BTreeMap::new();
    let mut seed = None;
    for line in text.lines().filter(|line| !line.starts_with('%')) {
        if let Some(rest) = line.strip_prefix("script ") {
            let script = header(rest)?;
            seed = Some(script.seed);
            all.insert(
                script.seed,
                Recorded {
                    script,
                    trace: Vec::new(),
                },
            );
        } else {
            let run = seed.and_then(|seed| all.get_mut(&seed));
            run.ok_or("a trace without a script")?
                .trace
                .push(line.into());
        }
    }
    Ok(all)
}

fn header(text: &str) -> Result<Script, String> {
    let parts = text.split_once(' ');
    let parsed =
        parts.and_then(|(seed, hash)| seed.parse().ok().zip(u64::from_str_radix(hash, 16).ok()));
    let (seed, recorded) = parsed.ok_or_else(|| format!("not the head of a script: {text}"))?;
    let script = generate(seed);
    if hash(&script) == recorded {
        Ok(script)
    } else {
        Err(format!(
            "script {seed} is not the one that was recorded; run `just otp --record`"
        ))
    }
}

/// Returns the FNV-1a hash of the script's text.
fn hash(script: &Script) -> u64 {
    let text = script.to_string();
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
