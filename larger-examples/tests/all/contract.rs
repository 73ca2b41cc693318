//! The example `contract`: its output for two versions of a server.

use std::process::Command;

#[test]
fn two_versions_are_compared_method_by_method() {
    let output = Command::new(env!("CARGO_BIN_EXE_contract"))
        .output()
        .expect("cargo has built it");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "\
`lib`, method `lend`, argument `reader`: was argument 2 and is argument 1, and arguments are known by position; keep their order, and add new ones behind
`lib`, method `lend`, argument `book`: was argument 1 and is argument 2, and arguments are known by position; keep their order, and add new ones behind
find: Framed
lend: 2 breaks
burn: NoMethod
",
    );
}
