//! The table, and the verdicts.

use std::path::Path;

use crate::limits::{FILE, Limits, Verdict};
use crate::probe::Figure;

/// The target of each figure, independent of the recorded value. A missed target is printed, and does not fail.
const MUSTS: [(&str, f64); 11] = [
    ("allocations/call/", 0.0),
    ("allocations/queued-call/", 0.0),
    ("allocations/supervised-call/", 0.0),
    ("allocations/named-call/", 0.0),
    ("allocations/cast/", 0.0),
    ("bytes/server/started", 600.0),
    ("bytes/server/called", 600.0),
    ("bytes/server/idle", 600.0),
    ("bytes/process/", 600.0),
    ("instructions/call", 900.0),
    ("instructions/cast", 269.0),
];

pub(crate) fn head() {
    println!(
        "{:<44}{:>10}{:>10}{:>10}{:>10}  must",
        "", "now", "recorded", "change", "raw"
    );
}

/// Prints one figure next to the recorded one, that of the hand-written actor, and its target.
pub(crate) fn row(figure: &Figure, recorded: Option<f64>, raw: Option<f64>) {
    let digits = figure.digits();
    let number =
        |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.digits$}"));
    let change = recorded.map(|old| change(figure.value, old));
    println!(
        "{:<44}{:>10}{:>10}{:>10}{:>10}  {}",
        figure.name,
        number(Some(figure.value)),
        number(recorded),
        change.unwrap_or_default(),
        number(raw),
        must(figure)
    );
}

/// Prints the figures that are worse or better; returns true if none is worse or new.
pub(crate) fn verdicts(limits: &Limits, measured: &[Figure], program: &Path) -> bool {
    let mut well = true;
    for figure in measured {
        let digits = figure.digits();
        let Figure { name, value } = figure;
        let recorded = limits.of(name).unwrap_or_default();
        match limits.compare(figure) {
            Verdict::Same => {}
            Verdict::Better => {
                println!(
                    "better: {name} was {recorded:.digits$}, is {value:.digits$}: refresh limits.txt (`just gates --update`)"
                );
            }
            Verdict::New => {
                println!("failed: {name} is not in {FILE}; `just gates --update` writes it");
                well = false;
            }
            Verdict::Worse => {
                let change = change(*value, recorded);
                println!("failed: {name} was {recorded:.digits$}, is {value:.digits$} {change}");
                println!("  to look: {}", how_to_look(name, program));
                well = false;
            }
        }
    }
    well
}

fn change(now: f64, old: f64) -> String {
    if old == 0.0 {
        return String::new();
    }
    format!("{:+.1} %", (now / old - 1.0) * 100.0)
}

fn must(figure: &Figure) -> String {
    let musts = MUSTS.iter().find(|(name, _)| figure.name.starts_with(name));
    let Some(&(_, must)) = musts else {
        return String::new();
    };
    let reached = figure.value <= must + figure.noise();
    format!("{must} {}", if reached { "ok" } else { "missed" })
}

fn how_to_look(name: &str, program: &Path) -> String {
    let mut parts = name.split('/');
    let (unit, what) = (parts.next(), parts.next().unwrap_or_default());
    if unit == Some("bytes") {
        let program = program.display();
        return format!(
            "valgrind --tool=massif --massif-out-file=massif.out {program} --probe bytes/{what}; ms_print massif.out"
        );
    }
    // The folder of the profile `gates`, next to the folder of this program.
    let targets = program.ancestors().nth(2).unwrap_or(program);
    let profile = targets.join("gates").join(format!("{what}.callgrind"));
    let profile = profile.display();
    // Allocations are attributed to the callers of malloc.
    let annotate = if unit == Some("allocations") {
        format!("--tree=caller --auto=no --threshold=100 {profile} | grep -B9 '[*] .*:malloc '")
    } else {
        format!("--auto=yes {profile}")
    };
    format!("just gates --annotate {what}; callgrind_annotate {annotate}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, value: f64) -> Figure {
        Figure {
            name: name.into(),
            value,
        }
    }

    #[test]
    fn a_must_is_missed_or_not() {
        assert_eq!(must(&figure("instructions/call", 900.0)), "900 ok");
        assert_eq!(must(&figure("instructions/call", 901.0)), "900 missed");
        assert_eq!(must(&figure("allocations/call/one-thread", 0.001)), "0 ok");
        assert_eq!(
            must(&figure("allocations/call/one-thread", 1.0)),
            "0 missed"
        );
        assert_eq!(must(&figure("instructions/spawn-stop", 9.0)), "");
    }

    #[test]
    fn worse_and_unknown_figures_fail_and_better_ones_do_not() {
        let limits = Limits::parse("bytes/server/idle 100 bytes\n").unwrap();
        let well = |name, value| verdicts(&limits, &[figure(name, value)], Path::new("gates"));
        assert!(well("bytes/server/idle", 50.0));
        assert!(well("bytes/server/idle", 104.0));
        assert!(!well("bytes/server/idle", 106.0));
        assert!(!well("bytes/other", 1.0));
    }

    #[test]
    fn the_command_that_shows_more_names_what_is_looked_at() {
        let look = |name| how_to_look(name, Path::new("/t/release/gates"));
        assert!(look("instructions/call").ends_with("/t/gates/call.callgrind"));
        assert!(look("bytes/server/idle").contains("--probe bytes/server;"));
    }
}
