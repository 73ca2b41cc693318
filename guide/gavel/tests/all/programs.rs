//! Each chapter's program prints what its page shows.

use std::process::Command;

/// Runs the program of a chapter, and compares its output with the file beside it.
#[track_caller]
fn prints(chapter: &str, expected: &str) {
    // The variable sends all calls of a test one way; a page shows the default.
    let output = Command::new(env!("CARGO_BIN_EXE_gavel"))
        .arg(chapter)
        .env_remove("AMBIT_IN_PLACE")
        .env_remove("PORT")
        .env_remove("HALL")
        .env_remove("JOIN")
        .env_remove("VISIT")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "chapter {chapter} failed: {errors}"
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

macro_rules! programs {
    ($($module:ident $number:literal,)+) => {
        $(
            #[test]
            fn $module() {
                prints($number, include_str!(concat!("../../src/", stringify!($module), "/output.txt")));
            }
        )+
    };
}

programs! {
    chapter_01 "1",
    chapter_02 "2",
    chapter_03 "3",
    chapter_04 "4",
    chapter_05 "5",
    chapter_06 "6",
    chapter_07 "7",
    chapter_08 "8",
    chapter_09 "9",
    chapter_10 "10",
    chapter_11 "11",
    chapter_12 "12",
}
