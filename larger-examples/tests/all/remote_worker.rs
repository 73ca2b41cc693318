//! `remote_worker`: the work continues whatever happens to the worker and to its nodes.

use std::process::Command;

#[test]
fn the_work_is_done_though_a_worker_crashes_and_two_nodes_are_killed() {
    let output = Command::new(env!("CARGO_BIN_EXE_remote_worker"))
        .output()
        .expect("cargo has built it");
    assert!(output.status.success(), "{output:?}");
    let lost = "no connection to the node of the server; the request may have been executed, so retry only what may be done twice";
    let expected = format!(
        "\
a worker on one
job 1: 168 primes, by one
job 2: 135 primes, by one
job 3 on one is lost: a bit has flipped
a worker on one
job 3: 127 primes, by one
job 4: 120 primes, by one
the power of one is cut
job 5 on one is lost: {lost}
a worker on two
job 5: 119 primes, by two
job 6: 114 primes, by two
job 7: 117 primes, by two
job 8: 107 primes, by two
the power of two is cut, and no worker is left
job 9 on two is lost: {lost}
one is switched on again
a worker on one
job 9: 110 primes, by one
job 10: 112 primes, by one
1229 primes below 10,000
"
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}
