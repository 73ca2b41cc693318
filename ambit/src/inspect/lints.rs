//! Lints: pure rules over one snapshot and the history.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::inspect::cycle::cycles;
use crate::inspect::finding::{Finding, Lint};
use crate::inspect::history::{Facts, History, LATELY};
use crate::inspect::process::{ProcessFacts, ProcessLabel};
use crate::pid::Pid;

/// The minimum number of queued messages for a growing mailbox.
const MANY: usize = 100;
/// The minimum number of steps for a growing mailbox.
const STEPS: u32 = 3;
/// The minimum time for a growing mailbox.
const GROWS: Duration = Duration::from_secs(3);
/// A mailbox that uses at least this percentage of its capacity is nearly full.
const NEARLY_FULL: usize = 80;
/// The longest time that a handler may run.
const STUCK: Duration = Duration::from_secs(5);
/// The number of recent dead letters that is reported.
const LETTERS: u64 = 10;
/// The lag of a subscriber that is reported.
const BEHIND: u64 = 1_000;

/// Returns the findings of this snapshot, which `history` already contains.
pub(super) fn find(facts: &Facts, history: &mut History) -> Vec<Finding> {
    let mut all = Vec::new();
    for fact in &facts.processes {
        all.extend(growing(fact, facts, history));
        all.extend(nearly_full(fact));
        all.extend(stuck(fact, facts, history));
        all.extend(budget(fact));
    }
    all.extend(dead_letters(history));
    let names = Names::of(facts);
    all.extend(lags(facts, &names));
    all.extend(blocking(facts));
    all.extend(circular(facts, &names));
    date(&mut all, facts.at, history);
    all.sort_by(|a, b| (a.lint, &a.pids, &a.who).cmp(&(b.lint, &b.pids, &b.who)));
    all
}

fn finding(
    lint: Lint,
    pids: Vec<Pid>,
    who: String,
    figures: &[(&'static str, u64)],
    cause: String,
) -> Finding {
    Finding {
        lint,
        pids,
        who,
        // Until it is dated.
        since: Duration::MAX,
        figures: figures.iter().copied().collect(),
        cause,
        remedy: lint.remedy(),
    }
}

fn about(
    fact: &ProcessFacts,
    lint: Lint,
    figures: &[(&'static str, u64)],
    cause: String,
) -> Finding {
    let who = ProcessLabel(&fact.info).to_string();
    finding(lint, vec![fact.info.pid], who, figures, cause)
}

/// Records since when each finding exists, and sets that time.
fn date(all: &mut [Finding], at: Duration, history: &mut History) {
    let before = std::mem::take(&mut history.found);
    for finding in all {
        let key = (finding.lint, finding.pids.clone(), finding.who.clone());
        let known = before.get(&key).copied();
        finding.since = finding.since.min(known.unwrap_or(at));
        history.found.insert(key, finding.since);
    }
}

fn growing(fact: &ProcessFacts, facts: &Facts, history: &History) -> Option<Finding> {
    let growth = history.of(fact.info.pid)?.growth?;
    let (queued, time) = (fact.info.queued, facts.at.saturating_sub(growth.since));
    if queued < MANY || growth.steps < STEPS || time < GROWS {
        return None;
    }
    let figures = [
        ("queued", queued as u64),
        ("before", growth.from as u64),
        ("grows_ms", millis(time)),
    ];
    let from = growth.from;
    let cause = format!(
        "Messages come faster than it handles them: from {from} to {queued} queued ones in {time:.0?}."
    );
    let mut found = about(fact, Lint::MailboxGrowing, &figures, cause);
    found.since = growth.since;
    Some(found)
}

fn nearly_full(fact: &ProcessFacts) -> Option<Finding> {
    let (queued, capacity) = (fact.info.queued, fact.info.capacity?);
    if queued * 100 < capacity.saturating_mul(NEARLY_FULL) {
        return None;
    }
    let figures = [("queued", queued as u64), ("capacity", capacity as u64)];
    let cause = format!(
        "Its mailbox has a capacity of {capacity}; messages that are queued or wait for capacity: {queued}."
    );
    Some(about(fact, Lint::MailboxNearlyFull, &figures, cause))
}

fn stuck(fact: &ProcessFacts, facts: &Facts, history: &History) -> Option<Finding> {
    let since = history.of(fact.info.pid)?.works_since()?;
    let time = facts.at.saturating_sub(since);
    if time <= STUCK {
        return None;
    }
    let figures = [
        ("runs_ms", millis(time)),
        ("queued", fact.info.queued as u64),
    ];
    let waits = match fact.info.waits_for.as_slice() {
        [] => String::new(),
        all => format!(" It waits for an answer of {}.", list(all)),
    };
    let queued = fact.info.queued;
    let cause = format!(
        "Its handler has been running for {time:.0?}; messages queued behind it: {queued}.{waits}"
    );
    let mut found = about(fact, Lint::StuckHandler, &figures, cause);
    found.since = since;
    Some(found)
}

fn budget(fact: &ProcessFacts) -> Option<Finding> {
    let restarts = fact.info.restarts?;
    let (used, max) = (restarts.used as u64, u64::from(restarts.max));
    if used == 0 || used * 2 < max {
        return None;
    }
    let figures = [
        ("used", used),
        ("max", max),
        ("within_ms", millis(restarts.within)),
    ];
    let cause = format!(
        "It has made {used} of at most {max} restarts within {:.0?}. One more than that, and it gives up.",
        restarts.within
    );
    Some(about(fact, Lint::RestartBudget, &figures, cause))
}

fn dead_letters(history: &History) -> Option<Finding> {
    let (count, time) = history.envelopes();
    if count < LETTERS {
        return None;
    }
    let cause = format!("{count} messages of the last {time:.0?} were not delivered.");
    let figures = [("letters", count), ("within_ms", millis(time))];
    Some(finding(
        Lint::DeadLetters,
        Vec::new(),
        String::new(),
        &figures,
        cause,
    ))
}

fn lags(facts: &Facts, names: &Names<'_>) -> impl Iterator<Item = Finding> {
    let behind = facts.lags.iter().filter(|lag| lag.behind >= BEHIND);
    behind.map(|lag| {
        let who = format!("{} of `{}`", names.name(lag.pid), lag.source);
        let cause = format!(
            "It is {} messages behind with what `{}` publishes.",
            lag.behind, lag.source
        );
        let figures = [("behind", lag.behind)];
        finding(Lint::SubscriberLag, vec![lag.pid], who, &figures, cause)
    })
}

fn blocking(facts: &Facts) -> Vec<Finding> {
    let old = facts.at.saturating_sub(LATELY);
    let mut longest: BTreeMap<Pid, (u64, Duration, String)> = BTreeMap::new();
    for poll in facts.polls.iter().filter(|poll| poll.at >= old) {
        let name = match poll.method {
            "" => format!("{}{}", poll.type_name, poll.pid),
            method => format!("{}{} in `{method}`", poll.type_name, poll.pid),
        };
        let entry = longest.entry(poll.pid).or_default();
        entry.0 += 1;
        if poll.at_least >= entry.1 {
            (entry.1, entry.2) = (poll.at_least, name);
        }
    }
    let finding = |(pid, (count, time, who)): (Pid, (u64, Duration, String))| {
        let figures = [("polls", count), ("longest_ms", millis(time))];
        let cause = format!(
            "It blocked its thread for at least {time:.0?}; such polls in {LATELY:.0?}: {count}."
        );
        finding(Lint::BlockingPoll, vec![pid], who, &figures, cause)
    };
    longest.into_iter().map(finding).collect()
}

fn circular(facts: &Facts, names: &Names<'_>) -> impl Iterator<Item = Finding> {
    cycles(&facts.waits).into_iter().map(|circle| {
        let names: Vec<_> = circle.iter().map(|pid| names.name(*pid)).collect();
        let figures = [("processes", circle.len() as u64)];
        let cause = "Each waits for an answer of the next, and the last for one of the first.";
        finding(
            Lint::CallCycle,
            circle,
            names.join(", "),
            &figures,
            cause.into(),
        )
    })
}

/// The names of the processes in one snapshot.
struct Names<'a>(BTreeMap<Pid, &'a ProcessFacts>);

impl<'a> Names<'a> {
    fn of(facts: &'a Facts) -> Self {
        let all = facts.processes.iter();
        Self(all.map(|fact| (fact.info.pid, fact)).collect())
    }

    fn name(&self, pid: Pid) -> String {
        let known = self.0.get(&pid);
        known.map_or_else(
            || pid.to_string(),
            |fact| ProcessLabel(&fact.info).to_string(),
        )
    }
}

fn list(pids: &[Pid]) -> String {
    let all: Vec<_> = pids.iter().map(Pid::to_string).collect();
    all.join(", ")
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
