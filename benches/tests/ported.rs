//! The programs that the guide ports to ambit print what their pages show.

use std::process::Command;

#[track_caller]
fn prints(program: &str, expected: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_ported"))
        .arg(program)
        .output()
        .expect("cargo has built the program");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} failed: {errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn actix() {
    prints(
        "actix",
        include_str!("../../guide/code/coming_from/actix.txt"),
    );
}

#[test]
fn kameo() {
    prints(
        "kameo",
        include_str!("../../guide/code/coming_from/kameo.txt"),
    );
}

#[test]
fn ractor() {
    prints(
        "ractor",
        include_str!("../../guide/code/coming_from/ractor.txt"),
    );
}
