//! Properties of every script, and the coverage of the recorded ones.

use otp_compare::compare::{PERMITTED, first_difference};
use otp_compare::coverage::Coverage;
use otp_compare::on_ambit;
use otp_compare::record::{RECORDED, read};
use otp_compare::script::{Action, Kind, Script, Shutdown, Step, generate};

/// The minimum distance in milliseconds of two events without a defined order.
const APART: u32 = 50;

/// The distance in milliseconds that scripts keep from times at which OTP's resolution of whole seconds is visible.
const MARGIN: u32 = 250;

fn scripts() -> impl Iterator<Item = Script> {
    (1..=300).chain(1_000_000..1_000_300).map(generate)
}

#[test]
fn a_seed_gives_the_same_script_each_time_and_another_seed_another() {
    assert_eq!(generate(7), generate(7));
    assert_ne!(generate(7).nodes, generate(8).nodes);
}

#[test]
fn a_script_has_eight_processes_two_levels_and_ten_faults_at_least() {
    for script in scripts() {
        let initial = script.nodes.iter().filter(|node| node.initial).count();
        assert!(initial >= 8, "{script}");
        assert!(script.levels() >= 2, "{script}");
        assert!(script.faults() >= 10, "{script}");
    }
}

#[test]
fn two_steps_are_far_enough_apart() {
    for script in scripts() {
        let has_effect = |step: &&Step| !matches!(step.action, Action::Arm(..));
        let steps: Vec<&Step> = script.steps.iter().filter(has_effect).collect();
        for pair in steps.windows(2) {
            assert!(pair[0].at + script.settles < pair[1].at, "{script}");
            assert!(pair[0].at + APART <= pair[1].at, "{script}");
        }
    }
}

#[test]
fn a_worker_that_takes_its_time_is_clearly_in_time_or_clearly_late() {
    for script in scripts() {
        for node in &script.nodes {
            let (Kind::Worker { lingers, .. }, Shutdown::Millis(millis)) =
                (node.kind, node.shutdown)
            else {
                continue;
            };
            assert!(lingers.abs_diff(millis) >= APART, "{node}");
            assert!(lingers + APART <= script.settles, "{node}");
        }
    }
}

#[test]
fn steps_stay_away_from_the_end_of_a_window() {
    for script in scripts() {
        let times: Vec<u32> = script.steps.iter().map(|step| step.at).collect();
        for node in &script.nodes {
            let (Kind::Supervisor { period, .. } | Kind::Dynamic { period, .. }) = node.kind else {
                continue;
            };
            for (index, first) in times.iter().enumerate() {
                for later in &times[index..] {
                    let is_in = later - first + MARGIN <= 1000 * period;
                    let is_out = later - first >= 1000 * (period + 1) + MARGIN;
                    assert!(is_in || is_out, "{first} and {later} in {script}");
                }
            }
        }
    }
}

#[test]
fn each_combination_is_in_the_recorded_scripts_twenty_times_and_many_supervisors_give_up() {
    let recorded = read(RECORDED).unwrap();
    let mut coverage = Coverage::default();
    for run in recorded.values() {
        coverage.add(&run.script, &run.trace);
    }
    assert!(coverage.rarest() >= 20, "{coverage}");
    assert!(coverage.exceeded_percent() >= 15, "{coverage}");
}

#[test]
fn at_most_five_differences_are_permitted_and_the_page_of_conformance_has_each() {
    let page = include_str!("../../../docs/conformance.md");
    assert!(PERMITTED.len() <= 5);
    for permitted in PERMITTED {
        let line = format!("\n- {}:", permitted.deviation);
        assert!(
            page.contains(&line),
            "no line {line} in docs/conformance.md"
        );
    }
}

#[test]
fn a_window_that_never_ends_would_be_seen() {
    let recorded = read(RECORDED).unwrap();
    let expiring = recorded.values().filter(|run| run.script.expires);
    let seen = expiring.filter(|run| {
        let mut script = run.script.clone();
        for node in &mut script.nodes {
            if let Kind::Supervisor { period, .. } | Kind::Dynamic { period, .. } = &mut node.kind {
                *period = 60;
            }
        }
        first_difference(&run.trace, &on_ambit(&script)).is_some()
    });
    assert!(seen.take(20).count() == 20);
}
