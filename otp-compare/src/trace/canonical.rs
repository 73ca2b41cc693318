//! The canonical form of a run: one line per step, equal for equal runs.
//!
//! Events keep their order, with two exceptions. When a supervisor is killed, its children end on their own, in no
//! defined order relative to the actions of its own supervisor: these orphans come at the end of the line, by name. The
//! children of a dynamic supervisor are stopped concurrently: they come where they ended, by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::script::{Id, Script};
use crate::trace::{Event, Life};

/// One line per step, and one for the stop at the end.
pub type Trace = Vec<String>;

/// Returns the lines of a run.
pub fn canonical(script: &Script, events: &[Event]) -> Trace {
    let mut blocks: Vec<Block> = Vec::new();
    let mut live: BTreeMap<Id, u32> = BTreeMap::new();
    let mut orphans: BTreeMap<(Id, u32), usize> = BTreeMap::new();
    for event in events {
        let now = blocks.len().saturating_sub(1);
        match event {
            Event::Block(_) => blocks.push(Block::default()),
            Event::Result(result) => last(&mut blocks).result = Some(result.clone()),
            Event::Snapshot(snapshot) => last(&mut blocks).snapshot = Some(snapshot.clone()),
            Event::Life { id, attempt, what } => {
                let orphaned = orphans.get(&(*id, *attempt)).copied();
                match orphaned {
                    Some(block) => blocks[block].orphans.push((*id, what.clone())),
                    None => last(&mut blocks).events.push((*id, what.clone())),
                }
                match what {
                    Life::Started => drop(live.insert(*id, *attempt)),
                    Life::Ended(reason) => {
                        if live.get(id) == Some(attempt) {
                            live.remove(id);
                        }
                        if id.supervises && reason == "killed" && orphaned.is_none() {
                            let left = live.iter().filter(|(one, _)| script.is_under(**one, *id));
                            orphans.extend(left.map(|(one, attempt)| ((*one, *attempt), now)));
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    for block in &mut blocks {
        sort_dynamic(script, &mut block.events);
    }
    lines(blocks)
}

/// Sorts the ends of dynamic children by name, because they are stopped concurrently.
fn sort_dynamic(script: &Script, events: &mut [(Id, Life)]) {
    let above = |event: &(Id, Life)| {
        let ends = matches!(event.1, Life::Terminating(_) | Life::Ended(_));
        script
            .node(event.0)
            .parent
            .filter(|_| ends && script.is_dynamic(event.0))
    };
    for group in
        events.chunk_by_mut(|one, other| above(one).is_some() && above(one) == above(other))
    {
        group.sort_by_key(|(id, _)| *id);
    }
}

#[derive(Default)]
struct Block {
    events: Vec<(Id, Life)>,
    orphans: Vec<(Id, Life)>,
    result: Option<String>,
    snapshot: Option<String>,
}

/// Returns the current block; events before the first step belong to that step.
fn last(blocks: &mut Vec<Block>) -> &mut Block {
    if blocks.is_empty() {
        blocks.push(Block::default());
    }
    let last = blocks.len() - 1;
    &mut blocks[last]
}

/// Formats the lines; a listing that equals the previous one is omitted.
fn lines(blocks: Vec<Block>) -> Trace {
    let mut listed = None;
    let mut lines = Vec::new();
    for mut block in blocks {
        let mut line = String::new();
        block.orphans.sort_by_key(|(id, _)| *id);
        let all = [("", block.events), (" |", block.orphans)];
        for (mark, events) in all.into_iter().filter(|(_, events)| !events.is_empty()) {
            line.push_str(mark);
            for (id, life) in events {
                line.push(' ');
                write_life(&mut line, id, &life);
            }
        }
        for result in block.result.iter().filter(|result| *result != "none") {
            line.push_str(" = ");
            line.push_str(result);
        }
        if block.snapshot.is_some() && block.snapshot != listed {
            line.push_str(" # ");
            line.push_str(block.snapshot.as_deref().unwrap_or_default());
            listed = block.snapshot;
        }
        lines.push(line.trim_start().to_string());
    }
    lines
}

fn write_life(line: &mut String, id: Id, life: &Life) {
    let written = match life {
        Life::Started => write!(line, "+{id}"),
        Life::Failed => write!(line, "!{id}"),
        Life::Ignored => write!(line, "?{id}"),
        Life::GaveUp => write!(line, "^{id}"),
        Life::Terminating(reason) => write!(line, "~{id}:{reason}"),
        Life::Ended(reason) => write!(line, "-{id}:{reason}"),
    };
    written.expect("a string takes everything");
}

/// Returns all nodes of a line that gave up.
pub(crate) fn gave_up(line: &str) -> BTreeSet<&str> {
    line.split(' ')
        .filter_map(|word| word.strip_prefix('^'))
        .collect()
}

/// Returns the result of the step of a line.
pub(crate) fn result(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("= ")?;
    rest.split(' ').next()
}
