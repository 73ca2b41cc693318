//! `cluster_chat`: lines reach the users of all nodes, and a killed node takes its users with it.

use crate::support::output;

#[test]
fn lines_and_presences_reach_all_nodes_and_follow_a_kill() {
    let printed = output(env!("CARGO_BIN_EXE_cluster_chat"));
    // The user of the first node prints whenever its line arrives.
    let printed: Vec<&str> = printed
        .lines()
        .filter(|line| !line.starts_with("ada reads"))
        .collect();
    assert_eq!(
        printed,
        [
            "present: ada, bob, cyd",
            "sent to 2 other nodes",
            "bob reads <ada> Is anyone there?",
            "cyd reads <ada> Is anyone there?",
            "the node of bob is killed",
            "present: ada, cyd",
            "sent to 1 other nodes",
            "cyd reads <ada> Who is left?",
        ]
    );
}
