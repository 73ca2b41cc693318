//! The trace of a run. The hash covers all events, in order; only some events are kept.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The number of last events in the error of a failed run.
const LAST: usize = 40;
/// The maximum number of events kept to compare two runs. The hash covers all of them.
const KEPT: usize = 2_000_000;

/// The hash of a whole trace. Two runs of one seed have the same hash.
///
/// ```
/// use ambit_dist::sim::{Sim, note};
///
/// let trace = |seed| {
///     let mut sim = Sim::new(seed);
///     sim.client("web", |host| async move { note!("draws {}", host.seed("draw")) });
///     sim.run().unwrap().trace
/// };
/// assert_eq!(trace(7), trace(7));
/// assert_ne!(trace(7), trace(8));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceHash(u64);

impl fmt::Display for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for TraceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceHash({self})")
    }
}

/// An event of a run.
///
/// ```
/// use ambit_dist::sim::{Sim, TraceKind, note};
///
/// let mut sim = Sim::new(7);
/// sim.client("web", |_| async { note!("asks for the price") });
/// sim.keep_events(true);
/// let events = sim.run().unwrap().events;
/// let kinds: Vec<_> = events.iter().map(|event| (&*event.host, &event.what)).collect();
/// let asks = TraceKind::Note("asks for the price".to_owned());
/// assert_eq!(kinds, [("web", &TraceKind::Began { incarnation: 1 }), ("web", &asks)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// The virtual time since the start of the run.
    pub at: Duration,
    /// The host of the event; empty if the event belongs to the network.
    pub host: Arc<str>,
    /// The kind of the event.
    pub what: TraceKind,
}

/// The kind of an event.
///
/// [`TraceEvent`] has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceKind {
    /// The host started an incarnation.
    Began {
        /// The number of the incarnation, starting at 1.
        incarnation: u32,
    },
    /// The host sent a datagram.
    Sent {
        /// The receiving host.
        to: Arc<str>,
        /// The size in bytes.
        size: usize,
        /// The checksum of the bytes; 0 for a socket from [`Host::socket`](super::Host::socket).
        sum: u32,
    },
    /// The host sent a datagram that the network lost.
    Lost {
        /// The receiving host.
        to: Arc<str>,
        /// The size in bytes.
        size: usize,
        /// The checksum of the bytes; 0 for a socket from [`Host::socket`](super::Host::socket).
        sum: u32,
    },
    /// The host received a datagram.
    Received {
        /// The sending host.
        from: Arc<str>,
        /// The size in bytes.
        size: usize,
        /// The checksum of the bytes; 0 for a socket from [`Host::socket`](super::Host::socket).
        sum: u32,
    },
    /// A fault was injected or ended, with its description.
    Fault(String),
    /// A note that the code under test wrote with [`note!`](super::note).
    Note(String),
}

impl fmt::Display for TraceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.is_empty() {
            "network"
        } else {
            &*self.host
        };
        write!(f, "{:>9.3} s  {host}: ", self.at.as_secs_f64())?;
        match &self.what {
            TraceKind::Began { incarnation } => write!(f, "starts incarnation {incarnation}"),
            TraceKind::Sent { to, size, sum } => write!(f, "{size} bytes{} to {to}", Sum(*sum)),
            TraceKind::Lost { to, size, sum } => {
                write!(f, "{size} bytes{} to {to}, lost", Sum(*sum))
            }
            TraceKind::Received { from, size, sum } => {
                write!(f, "{size} bytes{} from {from}", Sum(*sum))
            }
            TraceKind::Fault(text) | TraceKind::Note(text) => f.write_str(text),
        }
    }
}

/// Displays a checksum, if it is known.
struct Sum(u32);

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            sum => write!(f, " ({sum:08x})"),
        }
    }
}

/// Returns the checksum of a datagram.
pub(crate) fn sum(bytes: &[u8]) -> u32 {
    let sum = bytes.chunks(8).fold(bytes.len() as u64, |sum, part| {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        (sum ^ u64::from_le_bytes(word))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
    });
    (sum ^ (sum >> 32)) as u32
}

/// Hashes all events, and keeps the last ones or all of them.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    last: VecDeque<TraceEvent>,
    kept: Option<Vec<TraceEvent>>,
}

impl Trace {
    pub(crate) fn new(keep: bool) -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            last: VecDeque::with_capacity(LAST),
            kept: keep.then(Vec::new),
        }
    }

    pub(crate) fn push(&mut self, event: TraceEvent) {
        self.feed(&event.at.as_nanos().to_le_bytes());
        self.text(&event.host);
        match &event.what {
            TraceKind::Began { incarnation } => self.datum(1, "", *incarnation as usize, 0),
            TraceKind::Sent { to, size, sum } => self.datum(2, to, *size, *sum),
            TraceKind::Lost { to, size, sum } => self.datum(3, to, *size, *sum),
            TraceKind::Received { from, size, sum } => self.datum(4, from, *size, *sum),
            TraceKind::Fault(text) => self.datum(5, text, 0, 0),
            TraceKind::Note(text) => self.datum(6, text, 0, 0),
        }
        if let Some(kept) = &mut self.kept
            && kept.len() < KEPT
        {
            kept.push(event.clone());
        }
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(event);
    }

    pub(crate) fn hash(&self) -> TraceHash {
        TraceHash(self.hash)
    }

    /// Returns the last events, oldest first.
    pub(crate) fn last(&self) -> Vec<TraceEvent> {
        self.last.iter().cloned().collect()
    }

    /// Returns all events, if they were kept.
    pub(crate) fn take_kept(&mut self) -> Vec<TraceEvent> {
        self.kept.take().unwrap_or_default()
    }

    /// Hashes by FNV-1a, which is stable, so that a hash can be recorded.
    fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn text(&mut self, text: &str) {
        self.feed(&(text.len() as u64).to_le_bytes());
        self.feed(text.as_bytes());
    }

    fn datum(&mut self, kind: u8, text: &str, number: usize, sum: u32) {
        self.feed(&[kind]);
        self.text(text);
        self.feed(&(number as u64).to_le_bytes());
        self.feed(&sum.to_le_bytes());
    }
}

/// Returns the first difference of two runs, and the last common events before it.
pub(crate) fn divergence(
    one: &[TraceEvent],
    other: &[TraceEvent],
) -> Option<(String, Vec<TraceEvent>)> {
    let at = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at))?;
    let show = |event: Option<&TraceEvent>| {
        event.map_or_else(|| "nothing more".into(), ToString::to_string)
    };
    let text = format!(
        "event {at} was\n    {}\n  and then\n    {}",
        show(one.get(at)),
        show(other.get(at))
    );
    Some((text, one[at.saturating_sub(LAST)..at].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> TraceEvent {
        TraceEvent {
            at: Duration::from_millis(1),
            host: "a".into(),
            what: TraceKind::Note(text.into()),
        }
    }

    fn hash(events: &[TraceEvent]) -> TraceHash {
        let mut trace = Trace::new(false);
        events.iter().cloned().for_each(|event| trace.push(event));
        trace.hash()
    }

    #[test]
    fn the_hash_depends_on_order_and_content() {
        let (one, other) = (note("x"), note("y"));
        assert_eq!(
            hash(&[one.clone(), other.clone()]),
            hash(&[one.clone(), other.clone()])
        );
        assert_ne!(
            hash(&[one.clone(), other.clone()]),
            hash(&[other.clone(), one.clone()])
        );
        assert_ne!(hash(&[note("xy")]), hash(&[one, other]));
    }

    #[test]
    fn the_first_difference_of_two_runs_is_reported() {
        let (one, other) = ([note("same"), note("this")], [note("same"), note("that")]);
        let (text, before) = divergence(&one, &other).unwrap();
        assert_eq!(before, [note("same")]);
        assert!(
            text.contains("event 1") && text.contains("this") && text.contains("that"),
            "{text}"
        );
        assert!(divergence(&one, &one).is_none());
        assert!(
            divergence(&one, &one[..1])
                .unwrap()
                .0
                .contains("nothing more")
        );
    }

    #[test]
    fn only_the_last_events_stay() {
        let mut trace = Trace::new(false);
        (0..1_000).for_each(|number| trace.push(note(&number.to_string())));
        assert_eq!(trace.last().len(), LAST);
        assert_eq!(trace.last().pop(), Some(note("999")));
        assert!(trace.take_kept().is_empty());
    }
}
