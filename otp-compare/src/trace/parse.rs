//! The parser for the output of the Erlang side: one event per line.

use crate::script::Id;
use crate::trace::{Event, Life};

/// Parses the events of all scripts: for each its seed, the delay of its latest step in milliseconds, and the events.
///
/// # Errors
/// The first invalid line.
pub fn parse(text: &str) -> Result<Vec<(u64, u32, Vec<Event>)>, String> {
    let mut scripts: Vec<(u64, u32, Vec<Event>)> = Vec::new();
    for line in text.lines() {
        let unreadable = || format!("not a line of a trace: {line}");
        if let Some(rest) = line.strip_prefix("script ") {
            let (seed, late) = rest.split_once(" late ").ok_or_else(unreadable)?;
            let parsed = seed.parse().ok().zip(late.parse().ok());
            let (seed, late) = parsed.ok_or_else(unreadable)?;
            scripts.push((seed, late, Vec::new()));
        } else {
            let (_, _, events) = scripts.last_mut().ok_or_else(unreadable)?;
            events.push(event(line).ok_or_else(unreadable)?);
        }
    }
    Ok(scripts)
}

fn event(line: &str) -> Option<Event> {
    let (mark, rest) = line.split_once(' ')?;
    let what = match mark {
        "@" => return Some(Event::Block(rest.parse().ok()?)),
        "=" => return Some(Event::Result(rest.into())),
        "#" => return Some(Event::Snapshot(rest.into())),
        _ => rest,
    };
    let mut words = what.split(' ');
    let (id, attempt) = (id(words.next()?)?, words.next()?.parse().ok()?);
    let mut reason = || words.next().map(String::from);
    let what = match mark {
        "+" => Life::Started,
        "!" => Life::Failed,
        "?" => Life::Ignored,
        "^" => Life::GaveUp,
        "~" => Life::Terminating(reason()?),
        "-" => Life::Ended(reason()?),
        _ => return None,
    };
    Some(Event::Life { id, attempt, what })
}

fn id(text: &str) -> Option<Id> {
    let (supervises, number) = match text.split_at_checked(1)? {
        ("s", number) => (true, number),
        ("w", number) => (false, number),
        _ => return None,
    };
    let number = number.parse().ok()?;
    Some(Id { supervises, number })
}
