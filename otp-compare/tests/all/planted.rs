//! Mistakes in what supervisors decide are found: each is planted in turn, and some script then shows a difference.

use ambit::__private::{PlantedBug, plant};
use otp_compare::compare::first_difference;
use otp_compare::on_ambit;
use otp_compare::record::{RECORDED, read};

/// Plants it for the supervisors of this thread; the how many-th script is the first to show it.
fn found_by(bug: PlantedBug) -> Option<usize> {
    let recorded = read(RECORDED).expect("the file is one that `record` wrote");
    plant(Some(bug));
    let shows = recorded.values().position(|run| {
        let got = on_ambit(&run.script);
        first_difference(&run.trace, &got).is_some()
    });
    plant(None);
    let nth = shows.map(|index| index + 1);
    println!("{bug:?}: found by script {nth:?} of {}", recorded.len());
    nth
}

#[test]
fn one_restart_more_than_allowed_is_found() {
    assert!(found_by(PlantedBug::WindowOffByOne).is_some());
}

#[test]
fn a_wrong_order_of_stops_is_found() {
    assert!(found_by(PlantedBug::StopOrder).is_some());
}

#[test]
fn a_significant_child_whose_end_means_nothing_is_found() {
    assert!(found_by(PlantedBug::SignificantIgnored).is_some());
}

#[test]
fn a_temporary_child_that_survives_its_group_is_found() {
    assert!(found_by(PlantedBug::TemporarySiblingKept).is_some());
}

#[test]
fn a_failed_restart_that_does_not_count_is_found() {
    assert!(found_by(PlantedBug::FailedRestartNotCounted).is_some());
}
