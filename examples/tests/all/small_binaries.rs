//! The small binaries, each run to its end, with their exact output.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(binary: &str) -> Output {
    Command::new(binary).output().expect("cargo has built it")
}

#[track_caller]
fn assert_prints(binary: &str, expected: &str) {
    let output = run(binary);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(printed, expected);
}

#[test]
fn counter() {
    assert_prints(
        env!("CARGO_BIN_EXE_counter"),
        "\
it starts at 0
5 more make 5
6 more are refused: the limit is 10
after a reset it is 0
after its end: there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`
without a process: 2
",
    );
}

#[test]
fn protocol() {
    assert_prints(
        env!("CARGO_BIN_EXE_protocol"),
        "\
Rates#2 \"broker\" does not know yen
10 yen from Rates#2 \"broker\": 30 cents
10 yen from Rates#1 \"table\": 20 cents
",
    );
}

#[test]
fn registry_and_via() {
    assert_prints(
        env!("CARGO_BIN_EXE_registry_and_via"),
        "\
2 rooms
found: kitchen, said so far: 1
a cellar: None
the kitchen is taken
through the name: library, said so far: 0
closed: there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`
the same handle: new library, said so far: 0
",
    );
}

#[test]
fn timers() {
    assert_prints(
        env!("CARGO_BIN_EXE_timers"),
        "\
it starts with 97
98 degrees
99 degrees
100 degrees
no tea is wanted
the kettle is off: normal
cancelled in time: true
the guest hears: tea is ready
",
    );
}

#[test]
fn deferred_reply() {
    assert_prints(
        env!("CARGO_BIN_EXE_deferred_reply"),
        "\
a lamp is sold: true
a chair is sold: true
the second buyer has a chair
the first buyer has a lamp
the third buyer: no answer within the deadline; the request may still be executed: give it more time with `.timeout(..)`
a table is sold: false
the last buyer: the server dropped the reply port without an answer: let its handler answer on every path
",
    );
}

#[test]
fn monitor_and_link() {
    assert_prints(
        env!("CARGO_BIN_EXE_monitor_and_link"),
        "\
sheets left: 0
the caller: panicked, out of paper
the watcher: panicked, out of paper, true
the linked one: it fell off the desk, true
its neighbour: the fuse has blown
",
    );
}

#[test]
fn http_handler() {
    assert_prints(
        env!("CARGO_BIN_EXE_http_handler"),
        "\
/buy 200 OK: 0 left
/buy 409 Conflict: sold out
/sell 404 Not Found: no such page
/count 504 Gateway Timeout: no answer within the deadline; the request may still be executed: give it more time with `.timeout(..)`
/buy 503 Service Unavailable: there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`
",
    );
}

#[test]
fn supervised_counter() {
    assert_prints(
        env!("CARGO_BIN_EXE_supervised_counter"),
        "\
10 + 5 = 15
crashed: too much for a byte, executed: Maybe
10 + 7 = 17
the same process: false
children: 1
crashed: too much for a byte, executed: Maybe
crashed: too much for a byte, executed: Maybe
the supervisor: shutdown: child `counter` ended again after 2 restarts within 60s, the limit; last error: panicked at examples/src/bin/supervised_counter.rs:23:49: too much for a byte
the counter: there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`
",
    );
}

#[test]
fn tcp_echo() {
    assert_prints(
        env!("CARGO_BIN_EXE_tcp_echo"),
        "\
the server answers HELLO
connections: 1
a second server on this port does not start: true
",
    );
}

#[test]
fn nested_tree() {
    assert_prints(
        env!("CARGO_BIN_EXE_nested_tree"),
        "\
the banner ends: it broke
index runs again
disk and index are new: [false, true]
its supervisor gives up over index
storage runs again
disk and index are new: [true, true]
the banner is back: false
",
    );
}

#[test]
fn service_directory() {
    assert_prints(
        env!("CARGO_BIN_EXE_service_directory"),
        "\
hello, Paris for 3
hello, Rome for 5
back, Rome for 5
hello, Rome for 5
",
    );
}

#[test]
fn async_registration() {
    assert_prints(
        env!("CARGO_BIN_EXE_async_registration"),
        "\
it runs: true
found: false
the first client: no process was registered under this name within the deadline: start it, or wait longer
its first life: killed
the second client: 1 page
",
    );
}

#[test]
fn cached_handle() {
    assert_prints(
        env!("CARGO_BIN_EXE_cached_handle"),
        "\
a lamp: 4
directly: 4
a lamp: 4
directly: there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`
new prices: true, the same till: true
",
    );
}

#[test]
fn supervised_and_registered() {
    assert_prints(
        env!("CARGO_BIN_EXE_supervised_and_registered"),
        "\
kitchen, line 1
kitchen, line 1
kitchen, line 2
there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`
1 room
the kitchen is taken: true
hall, line 1
",
    );
}

#[test]
fn rest_for_one() {
    assert_prints(
        env!("CARGO_BIN_EXE_rest_for_one"),
        "\
log starts
connection starts
session starts
screen starts
screen on session on connection
connection stops: the cable was cut
screen stops: shutdown
session stops: shutdown
connection starts
session starts
screen starts
screen on session on connection
screen stops: shutdown
session stops: shutdown
connection stops: shutdown
log stops: shutdown
",
    );
}

#[test]
fn sessions() {
    assert_prints(
        env!("CARGO_BIN_EXE_sessions"),
        "\
ada has 1
bob has 1
ada has 2
eve: the supervisor has its maximum number of children: retry when one has ended, or raise `max_children`
bob's session has crashed: true
ada buys a lamp, a rug
ada's session: normal
sessions: 0
bob has 1
eve has 1
",
    );
}

/// The program also ends by itself, with a status that reports the stuck process.
#[test]
fn never_suspends() {
    let output = run(env!("CARGO_BIN_EXE_never_suspends"));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        printed,
        "\
searching
terminate: Err(Stuck)
search is stuck
its status: Some(Stuck)
restart: Err(Stuck)
stop: shutdown: stuck: search
the log: shutdown
"
    );
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    let last = errors.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("error: these processes did not end: [Worker#")
            && last.ends_with(" \"search\"]"),
        "{errors}"
    );
}

#[test]
fn lookup_with_timeout() {
    assert_prints(
        env!("CARGO_BIN_EXE_lookup_with_timeout"),
        "\
before it opens: Some(Timeout)
when it opens: a parcel
closed: Some(NoProcess)
with patience: a parcel
one: Some(Timeout)
two: Some(Timeout)
the office closes at once
",
    );
}

#[test]
fn task_stream() {
    assert_prints(
        env!("CARGO_BIN_EXE_task_stream"),
        "\
a page of 1 bytes
a page of 6 bytes
/slow: the task has not ended within the deadline: give it more time with `.timeout(..)`
/gone: the task ended without a value: shutdown: no such page
a page of 8 bytes
once more: [\"/slow\", \"/gone\"]
a page of 5 bytes
/gone: the task ended without a value: shutdown: no such page
no more: [\"/gone\"]
7 visits
",
    );
}

#[test]
fn dashboard_feed() {
    assert_prints(
        env!("CARGO_BIN_EXE_dashboard_feed"),
        "\
1 % for 4
2 % for 4
3 % for 4
4 % for 4
5 % for 2
6 % for 2
the quick one lags by Some(0)
the slow one lags by Some(2)
the strict one lags by None
the task: 4 messages were lost, because they were read too slowly: raise the capacity of the subscription
the task sees 5 %
the task sees 6 %
7 % for 3
quick: [1, 2, 3, 4, 5, 6, 7]
slow: [1, 2, 3, 4, 7]
strict: [1, 2, 3, 4]
",
    );
}

#[test]
fn worker_pool() {
    assert_prints(
        env!("CARGO_BIN_EXE_worker_pool"),
        "\
12 words in 3 lines
a bad line: the worker is gone
4 more by its successor
both presses are taken: no worker came back within the deadline: give it more time with `.timeout(..)`, or make the pool larger
back in time: poster printed
3 workers, 2 presses, all free
",
    );
}

#[test]
fn game_session() {
    assert_prints(
        env!("CARGO_BIN_EXE_game_session"),
        "\
players: 1
players: 2
eve may join: false
ada wins after [Lobby, Countdown, Running, Finished]
the session: normal, names: 0
",
    );
}

#[test]
fn metrics_in_a_handler() {
    assert_prints(
        env!("CARGO_BIN_EXE_metrics_in_a_handler"),
        "\
too early: true
the server says: Figures { accepted: 3, refused: 2, pieces: 22 }
figures: 1 handled, 0 panicked
order: 5 handled, 0 panicked
price: 0 handled, 1 panicked
Orders crashed in [\"price\"]
0 lints
",
    );
}

#[test]
fn each_is_short_and_run_here() {
    let here = include_str!("small_binaries.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let files = fs::read_dir(folder).expect("the binaries are there");
    let paths = files.map(|file| file.expect("can be listed").path());
    for path in paths.filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let text = fs::read_to_string(&path).expect("is text");
        let is_mark = |line: &&str| line.trim_start().starts_with("// ANCHOR"); // for the guide
        let lines = text.lines().filter(|line| !is_mark(line)).count();
        let name = path.file_stem().expect("has a name").to_string_lossy();
        assert!(lines <= 80, "{name} has {lines} lines");
        assert!(
            here.contains(&format!("CARGO_BIN_EXE_{name}\"")),
            "{name} is not run"
        );
    }
}
