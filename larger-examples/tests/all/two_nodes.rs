//! `two_nodes`: two processes from one command, and the effects of killing one of them.

use std::process::{Command, Stdio};

#[test]
fn a_counter_of_another_process_is_used_and_lost() {
    let output = Command::new(env!("CARGO_BIN_EXE_two_nodes"))
        .output()
        .expect("cargo has built it");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "\
a is connected to b
2 more make 42
after a cast it is 7
after 50 ms: no answer within the deadline; the request may still be executed: give it more time with `.timeout(..)`
b is killed
the call under way: no connection to the node of the server; the request may have been executed, so retry only what may be done twice
the monitor: no connection to the node
the next call: no connection to the node of the server; the request was not executed, so a retry is safe
the monitor has fired once
",
    );
}

/// However the first process ends, the second one sees the end of its input.
#[test]
fn the_other_process_ends_with_the_one_that_started_it() {
    let cookie = "6b1f0c5e9a7d42383f5aa91e07c4d2b86e90f1357bd8246cac13ef5079682bd4";
    let output = Command::new(env!("CARGO_BIN_EXE_two_nodes"))
        .args(["b", "127.0.0.1:0"])
        .env("EXAMPLE_COOKIE", cookie)
        .stdin(Stdio::null())
        .output()
        .expect("cargo has built it");
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.starts_with("127.0.0.1:"), "{printed}");
}
