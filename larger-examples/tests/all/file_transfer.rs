//! `file_transfer`: the received file equals the sent one, and little of it is in memory on the way.

use std::env;
use std::fs;
use std::process::{self, Command};

fn transfer(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_file_transfer"))
        .args(args)
        .output()
        .expect("cargo has built it");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it is text")
}

/// The hashes were computed by another program.
#[test]
fn a_file_arrives_while_no_more_than_four_chunks_are_under_way() {
    assert_eq!(
        transfer(&[]),
        "\
25 %
50 %
75 %
100 %
sha256 f13858db38c2bd6b42caa6e1eeef9912ac6acfbbb9f337224f57d5e733a72a99, on both sides
4 chunks of 64 KiB were under way at most
"
    );
}

#[test]
fn a_file_need_not_end_with_a_chunk_and_may_be_empty() {
    let path = env::temp_dir().join(format!("file-transfer-test-{}", process::id()));
    let name = path.to_str().expect("it is text");
    for (bytes, expected) in [
        (
            vec![b'a'; 200_000],
            "\
25 %
50 %
75 %
100 %
sha256 2287d207f24a941ff3b56c04c8a25ad56b63e3023207b3bb5b4ac0c9869d74be, on both sides
4 chunks of 64 KiB were under way at most
",
        ),
        (
            Vec::new(),
            "\
sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, on both sides
0 chunks of 64 KiB were under way at most
",
        ),
    ] {
        fs::write(&path, bytes).expect("there is room");
        assert_eq!(transfer(&[name]), expected);
    }
    fs::remove_file(path).expect("it is there");
}

#[test]
fn a_mistake_on_the_command_line_is_named() {
    for (args, expected) in [
        (&["no-such-file"][..], "cannot read `no-such-file`: "),
        (&["one", "two"], "usage: file_transfer [FILE]"),
    ] {
        let transfer = Command::new(env!("CARGO_BIN_EXE_file_transfer"))
            .args(args)
            .output();
        let output = transfer.expect("cargo has built it");
        assert_eq!(output.status.code(), Some(1));
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains(expected), "{printed}");
    }
}
