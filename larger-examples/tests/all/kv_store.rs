//! `kv_store`: four processes from one command, and the output of each client for a store that ends twice.

use std::process::Command;

/// Returns the expected output of one client for one store.
fn seen(life: u8, by: &str) -> String {
    let own = match by {
        "ann" => {
            "\
tea was None
tea is Some(\"green, black, white\")
bob says thanks
"
        }
        _ => {
            "\
tea becomes \"green\"
tea becomes \"green, black\"
tea becomes \"green, black, white\"
"
        }
    };
    format!("found store {life}\n{own}")
}

const CRASHED: &str = "\
store 1 is gone: a key is empty
its handle: there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`
";

const KILLED: &str = "\
store 2 is gone: no connection to the node
its handle: no connection to the node of the server; the request was not executed, so a retry is safe
";

/// Returns the lines of one client, without its name.
fn lines_of<'a>(name: &str, printed: &'a str) -> Vec<&'a str> {
    let own = |line: &'a str| line.strip_prefix(name)?.strip_prefix(": ");
    printed.lines().filter_map(own).collect()
}

#[test]
fn two_clients_lose_the_store_twice_and_find_it_again() {
    let output = Command::new(env!("CARGO_BIN_EXE_kv_store"))
        .output()
        .expect("cargo has built it");
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8_lossy(&output.stdout);
    for (name, provoked) in [
        ("ann", "the request was its end: a key is empty\n"),
        ("bob", ""),
    ] {
        let [first, second, third] = [1, 2, 3].map(|life| seen(life, name));
        let expected = format!("{first}{provoked}{CRASHED}{second}{KILLED}{third}");
        let expected: Vec<_> = expected.lines().collect();
        assert_eq!(lines_of(name, &printed), expected, "{printed}");
    }
}
