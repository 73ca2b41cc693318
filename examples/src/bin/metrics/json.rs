//! The result of a run for scripts: one JSON object on one line.
//!
//! A separate module from the report, because it is another format of the same data. Fields that depend on the log come
//! first and are equal for equal logs; fields that depend on the run come last. Hand-written: two kinds of value do not
//! need a serializer.

use std::fmt::Write;

use crate::report::Report;

/// Returns the object, without a line break at the end.
pub(crate) fn json(report: &Report) -> String {
    let totals = report.totals;
    format!(
        "{{\"requests\":{},\"bytes\":{},\"clients\":{},\"visits\":{},\"alerts\":{},\"truncated\":{},\"malformed\":{},\
         \"statuses\":{},\"top_clients\":{},\"top_routes\":{},\
         \"unfinished\":{},\"parser_restarts\":{},\"client_kills\":{},\"client_restarts\":{},\"client_hand_overs\":{},\
         \"repeated_lines\":{},\
         \"processes_at_most\":{},\"processes\":{},\"lines\":{},\"seconds\":{:.6},\"lines_per_second\":{}}}",
        totals.requests,
        totals.bytes,
        report.clients,
        totals.visits,
        totals.alerts,
        report.faults.truncated,
        report.faults.malformed,
        object(&report.statuses),
        ranking("client", &report.top_clients),
        ranking("route", &report.top_routes),
        report.faults.unfinished,
        report.upkeep.parser_restarts,
        report.upkeep.kills,
        report.upkeep.restarts,
        report.upkeep.hand_overs,
        report.upkeep.repeated,
        report.run.peak,
        report.run.processes,
        report.run.lines,
        report.run.took.as_secs_f64(),
        report.run.lines_per_second(),
    )
}

fn object(statuses: &[(u16, u64)]) -> String {
    let members: Vec<_> = statuses
        .iter()
        .map(|(status, requests)| format!("\"{status:03}\":{requests}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A list, because JSON objects are unordered.
fn ranking(what: &str, top: &[(String, u64)]) -> String {
    let members: Vec<_> = top
        .iter()
        .map(|(name, requests)| format!("{{\"{what}\":{},\"requests\":{requests}}}", string(name)))
        .collect();
    format!("[{}]", members.join(","))
}

fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\0'..='\x1f' => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::figures::Totals;
    use crate::report::{Counted, Run};

    #[test]
    fn the_whole_object() {
        let counted = Counted {
            clients: vec![(
                b"192.0.2.1"[..].into(),
                Totals {
                    requests: 2,
                    bytes: 30,
                    visits: 1,
                    alerts: 0,
                },
            )],
            routes: vec![(b"/a"[..].into(), 2)],
            statuses: vec![(404, 1), (200, 1)],
            ..Counted::default()
        };
        let report = Report::new(
            counted,
            Run {
                peak: 9,
                processes: 4,
                is_over: true,
                lines: 2,
                took: Duration::from_millis(250),
            },
        );
        assert_eq!(
            json(&report),
            "{\"requests\":2,\"bytes\":30,\"clients\":1,\"visits\":1,\"alerts\":0,\"truncated\":0,\"malformed\":0,\
             \"statuses\":{\"200\":1,\"404\":1},\"top_clients\":[{\"client\":\"192.0.2.1\",\"requests\":2}],\
             \"top_routes\":[{\"route\":\"/a\",\"requests\":2}],\
             \"unfinished\":0,\"parser_restarts\":0,\"client_kills\":0,\"client_restarts\":0,\"client_hand_overs\":0,\
             \"repeated_lines\":0,\
             \"processes_at_most\":9,\"processes\":4,\"lines\":2,\"seconds\":0.250000,\"lines_per_second\":8}"
        );
    }

    #[test]
    fn strings_are_escaped() {
        assert_eq!(
            string("a\"b\\c\x1b\u{fffd}"),
            "\"a\\\"b\\\\c\\u001b\u{fffd}\""
        );
    }
}
