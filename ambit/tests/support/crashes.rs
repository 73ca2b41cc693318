//! Collecting the crash reports of a system.

use std::sync::{Arc, Mutex};

use ambit::process::CrashReport;
use ambit::system::System;
use ambit::telemetry;
use ambit::telemetry::TelemetryGuard;

pub(crate) type Reports = Arc<Mutex<Vec<CrashReport>>>;

/// Collects the reports of a system until the guard is dropped.
pub(crate) fn crashes(system: &System) -> (TelemetryGuard, Reports) {
    let reports = Reports::default();
    let log = reports.clone();
    let listening = system.on_event(move |event| {
        if let telemetry::Event::Crashed(report) = event {
            log.lock().unwrap().push((*report).clone());
        }
    });
    (listening, reports)
}

/// Takes the only report since the last call.
pub(crate) fn only(reports: &Reports) -> CrashReport {
    let reports = std::mem::take(&mut *reports.lock().unwrap());
    let [report] = &reports[..] else {
        panic!("one report, not {reports:?}")
    };
    report.clone()
}
