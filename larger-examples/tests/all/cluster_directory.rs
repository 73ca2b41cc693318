//! `cluster_directory`: a client's handle follows a service to another node.

use crate::support::output;

#[test]
fn the_services_of_a_killed_node_are_found_on_the_other_one() {
    let printed = output(env!("CARGO_BIN_EXE_cluster_directory"));
    assert_eq!(
        printed.lines().collect::<Vec<_>>(),
        [
            "mail has answered, request 1 to its process",
            "the node of mail is killed",
            "mail has answered from the other node, request 1 to its process",
            "services on the other node: 3",
        ]
    );
}
