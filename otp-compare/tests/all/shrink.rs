//! Shrinking keeps the steps that cause the difference, and nothing else.

use otp_compare::script::{Action, Script, generate};
use otp_compare::shrink::shrink;

#[test]
fn only_the_step_that_matters_and_the_way_to_it_are_left() {
    let shows = |script: &Script| {
        let kills = |step: &otp_compare::script::Step| matches!(step.action, Action::Kill(_));
        script.steps.iter().any(kills)
    };
    let script = (1..).map(generate).find(shows).unwrap();
    let last = script.steps.len() - 1;
    let small = shrink(&script, last, &mut |scripts| {
        Ok(scripts.iter().map(shows).collect())
    })
    .unwrap();
    assert_eq!(small.steps.len(), 1, "{small}");
    let killed = small.steps[0].action.id().unwrap();
    for node in &small.nodes {
        assert!(
            small.is_under(killed, node.id),
            "{node} is not on the way to {killed}"
        );
    }
}
