//! The events of a tree: groups of related steps, in a random order.
//!
//! Coverage does not depend on chance: for each strategy, the combinations of restart type, exit class and admin
//! request form a ring, and consecutive seeds continue where the previous one stopped.

use crate::rng::Rng;
use crate::script::{Action, Admin, ExitClass, How, Id, Node, Outcome, Restart, Script, Strategy};

/// The number of combinations of each strategy in a script.
pub const CELLS_PER_STRATEGY: u64 = 5;

/// The number of restart types times exit classes times admin requests.
const RING: u64 = 60;

/// Consecutive steps that belong together.
pub(super) type Group = Vec<Action>;

/// Returns all groups of a script that has nodes, but no steps yet.
pub(super) fn groups(rng: &mut Rng, script: &Script) -> Vec<Group> {
    let mut groups = cells(rng, script);
    let workers = ids(script, |node| !node.kind.is_supervisor());
    let supervisors = ids(script, |node| node.kind.is_supervisor());
    let children = ids(script, |node| node.parent.is_some());
    let initial = ids(script, |node| !node.kind.is_supervisor() && node.initial);
    let listed = ids(script, |node| {
        node.parent.is_some() && !script.is_dynamic(node.id)
    });
    for _ in 0..1 + rng.below(2) {
        let id = rng.pick(&initial);
        groups.push(failing_restart(rng, id, &BAD_STARTS));
    }
    if rng.chance(60) {
        groups.push(vec![Action::Kill(rng.pick(&supervisors))]);
    }
    if rng.chance(50) {
        let admin = rng.pick(&Admin::ALL);
        groups.push(vec![Action::During(rng.pick(&initial), admin)]);
    }
    if rng.chance(50) {
        let how = rng.pick(&[How::Normal, How::Shutdown, How::Detail, How::Error]);
        groups.push(vec![Action::Signal(rng.pick(&children), how)]);
    }
    if rng.chance(60) {
        groups.push(replaced(rng.pick(&listed)));
    }
    for waits in ids(script, |node| !node.initial && !script.is_dynamic(node.id)) {
        groups.push(vec![Action::Admin(Admin::Start, waits)]);
    }
    groups.push(vec![Action::Exit(rng.pick(&workers), How::Panic)]);
    for child in ids(script, |node| script.is_dynamic(node.id)) {
        groups.push(come_and_gone(rng, child));
    }
    rng.shuffle(&mut groups);
    groups
}

/// Returns the start of the tree; in one of ten scripts the start of some worker fails or is ignored.
pub(super) fn boot(rng: &mut Rng, script: &Script) -> Group {
    let mut group = Vec::new();
    if rng.chance(10) {
        let initial = ids(script, |node| !node.kind.is_supervisor() && node.initial);
        let outcome = rng.pick(&[Outcome::Ignores, Outcome::Ignores, Outcome::Fails]);
        group.push(Action::Arm(rng.pick(&initial), vec![outcome]));
    }
    group.push(Action::Boot);
    group
}

fn cells(rng: &mut Rng, script: &Script) -> Vec<Group> {
    let mut groups = Vec::new();
    for (index, strategy) in Strategy::ALL.into_iter().enumerate() {
        for step in 0..CELLS_PER_STRATEGY {
            let place = script.seed.wrapping_mul(CELLS_PER_STRATEGY) + step + 17 * index as u64;
            groups.extend(cell(rng, script, strategy, (place * 7 % RING) as usize));
        }
    }
    groups
}

/// A worker of this kind ends in this way, then a request about it is sent to its supervisor.
fn cell(rng: &mut Rng, script: &Script, strategy: Strategy, cell: usize) -> Option<Group> {
    let restart = Restart::ALL[cell % 3];
    let class = ExitClass::ALL[cell / 3 % 5];
    let admin = Admin::ALL[cell / 15];
    let fits = |node: &Node| {
        !node.kind.is_supervisor()
            && node.restart == restart
            && script.strategy_over(node.id) == Some(strategy)
            && !(node.significant && restart == Restart::Permanent)
    };
    let fitting = ids(script, fits);
    let id = (!fitting.is_empty()).then(|| rng.pick(&fitting))?;
    let end = match class {
        ExitClass::Normal => Action::Exit(id, How::Normal),
        ExitClass::Shutdown => Action::Exit(id, How::Shutdown),
        ExitClass::Detail => Action::Exit(id, How::Detail),
        ExitClass::Crash => Action::Exit(id, rng.pick(&[How::Error, How::Panic])),
        ExitClass::Killed => Action::Kill(id),
    };
    Some(vec![end, Action::Admin(admin, id)])
}

/// The outcomes of an unsuccessful start.
const BAD_STARTS: [Outcome; 4] = [
    Outcome::Fails,
    Outcome::Fails,
    Outcome::Panics,
    Outcome::Ignores,
];

/// Ends a worker so that it is restarted, with some unsuccessful starts.
fn failing_restart(rng: &mut Rng, id: Id, bad: &[Outcome]) -> Group {
    let outcomes = (0..1 + rng.below(3)).map(|_| rng.pick(bad)).collect();
    let end = if rng.chance(50) {
        Action::Exit(id, How::Error)
    } else {
        Action::Kill(id)
    };
    vec![Action::Arm(id, outcomes), end]
}

/// Removes a child and adds it again.
fn replaced(id: Id) -> Group {
    [Admin::Terminate, Admin::Delete, Admin::Start]
        .map(|admin| Action::Admin(admin, id))
        .to_vec()
}

/// Starts a child of a dynamic supervisor, and ends it in a random way.
fn come_and_gone(rng: &mut Rng, id: Id) -> Group {
    let hows = [
        How::Normal,
        How::Shutdown,
        How::Detail,
        How::Error,
        How::Panic,
    ];
    let mut group = vec![Action::Admin(Admin::Start, id)];
    match rng.below(8) {
        0 => group.push(Action::Kill(id)),
        // A restart that returns `ignore` is not compared: see `PERMITTED`.
        1 => group.extend(failing_restart(rng, id, &BAD_STARTS[..3])),
        2 => group.extend(ignored(id)),
        3 => group.push(Action::Admin(Admin::Terminate, id)),
        _ => group.push(Action::Exit(id, rng.pick(&hows))),
    }
    if rng.chance(40) {
        group.push(Action::Admin(Admin::Terminate, id));
    }
    group
}

/// Starts a stopped child, whose init returns `ignore`.
fn ignored(id: Id) -> Group {
    vec![
        Action::Admin(Admin::Terminate, id),
        Action::Arm(id, vec![Outcome::Ignores]),
        Action::Admin(Admin::Start, id),
        Action::Arm(id, Vec::new()),
    ]
}

fn ids(script: &Script, wanted: impl Fn(&Node) -> bool) -> Vec<Id> {
    let wanted = script.nodes.iter().filter(|node| wanted(node));
    wanted.map(|node| node.id).collect()
}
