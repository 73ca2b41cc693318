//! What happens to a tree: groups of steps that belong together, in a random order.
//!
//! Coverage is not left to chance: for each strategy, the combinations of restart type, exit class and admin action
//! are a ring, and consecutive seeds go on where the one before stopped.

use crate::rng::Rng;
use crate::script::{Action, Admin, ExitClass, How, Id, Node, Outcome, Restart, Script, Strategy};

/// So many combinations of each strategy are in a script.
pub const CELLS_PER_STRATEGY: u64 = 5;

/// Restart types times exit classes times admin actions.
const RING: u64 = 60;

/// Steps that stand one after the other.
pub(super) type Group = Vec<Action>;

/// All groups of a script that has its nodes, but no steps yet.
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

/// How the tree is started: now and then a first start does not work.
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

/// A worker of this kind ends in this way, then its supervisor is asked about it.
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

/// What a start that does not work comes to.
const BAD_STARTS: [Outcome; 4] = [
    Outcome::Fails,
    Outcome::Fails,
    Outcome::Panics,
    Outcome::Ignores,
];

/// A worker whose next starts do not all work ends so that it is started.
fn failing_restart(rng: &mut Rng, id: Id, bad: &[Outcome]) -> Group {
    let outcomes = (0..1 + rng.below(3)).map(|_| rng.pick(bad)).collect();
    let end = if rng.chance(50) {
        Action::Exit(id, How::Error)
    } else {
        Action::Kill(id)
    };
    vec![Action::Arm(id, outcomes), end]
}

/// A child is taken out of the list and put in again.
fn replaced(id: Id) -> Group {
    [Admin::Terminate, Admin::Delete, Admin::Start]
        .map(|admin| Action::Admin(admin, id))
        .to_vec()
}

/// A child of a dynamic supervisor is started, and ends in one way or another.
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
        // A restart that says there is nothing to do is not compared: see `PERMITTED`.
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

/// A child that does not run says at its start that there is nothing to do.
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
