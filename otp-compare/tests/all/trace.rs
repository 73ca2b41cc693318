//! Parsing the output of Erlang, and the equality of traces.

use otp_compare::script::{Script, generate};
use otp_compare::trace::{canonical, parse};

fn lines(script: &Script, text: &str) -> Vec<String> {
    let text = format!("script {} late 0\n{text}", script.seed);
    let runs = parse(&text).expect("these are lines of a trace");
    canonical(script, &runs[0].2)
}

/// Returns a script with a supervisor under the root that has two workers.
fn script() -> (Script, [String; 3]) {
    for seed in 0.. {
        let script = generate(seed);
        for node in script.nodes[1..]
            .iter()
            .filter(|node| node.kind.is_supervisor())
        {
            let children = script.children(node.id);
            let mut workers: Vec<_> = children
                .map(|child| child.id)
                .filter(|id| !id.supervises)
                .collect();
            workers.sort();
            if let [one, two, ..] = workers[..] {
                let names = [node.id, one, two].map(|id| id.to_string());
                return (script, names);
            }
        }
    }
    unreachable!("most trees have such a supervisor")
}

#[test]
fn one_line_per_step_lists_starts_exits_answers_and_children() {
    let (script, [s, w, _]) = script();
    let text = format!(
        "@ 0\n+ {s} 1\n+ {w} 1\n# {s}[{w}]\n@ 1\n- {w} 1 error\n! {w} 2\n= failed\n# {s}[{w}-]\n"
    );
    let expected = [
        format!("+{s} +{w} # {s}[{w}]"),
        format!("-{w}:error !{w} = failed # {s}[{w}-]"),
    ];
    assert_eq!(lines(&script, &text), expected);
}

#[test]
fn orphans_of_a_killed_supervisor_have_no_order_relative_to_the_rest() {
    let (script, [s, w, v]) = script();
    let begin = format!("@ 0\n+ {s} 1\n+ {w} 1\n+ {v} 1\n- {s} 1 killed\n");
    let early = format!("{begin}- {w} 1 killed\n- {v} 1 killed\n+ {s} 2\n+ {w} 2\n");
    let late = format!("{begin}+ {s} 2\n- {v} 1 killed\n+ {w} 2\n- {w} 1 killed\n");
    assert_eq!(lines(&script, &early), lines(&script, &late));
}

#[test]
fn the_order_in_which_a_supervisor_stops_its_children_counts() {
    let (script, [_, w, v]) = script();
    let one = lines(
        &script,
        &format!("@ 0\n- {w} 1 shutdown\n- {v} 1 shutdown\n"),
    );
    let other = lines(
        &script,
        &format!("@ 0\n- {v} 1 shutdown\n- {w} 1 shutdown\n"),
    );
    assert_ne!(one, other);
}

#[test]
fn a_line_that_is_none_is_refused() {
    assert!(parse("+ w1 1\n").is_err());
    assert!(parse("script 1 late 0\n* w1 1\n").is_err());
    assert!(parse("script 1 late 0\n- w1 1\n").is_err());
}
