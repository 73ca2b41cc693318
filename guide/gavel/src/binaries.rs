//! Each chapter's program prints what its page shows.
//!
//! The slowest of these tests takes as long as all others, so the name of this module is the first: tests start in the
//! order of their names.

use std::env;
use std::process::{Command, ExitCode};

/// The output of the test harness before that of a program. A program that starts others has it once more for each of
/// them.
const HARNESS: &str = "\nrunning 1 test\n";

/// The program of the chapter that `CHAPTER` names. The other tests start it: with a program of its own, all chapters
/// would be compiled twice.
#[test]
#[ignore = "the other tests start it"]
fn program() {
    let Ok(chapter) = env::var("CHAPTER") else {
        return;
    };
    let ended_well = crate::run(&chapter) == ExitCode::SUCCESS;
    std::process::exit(i32::from(!ended_well));
}

/// Runs the program of a chapter, and compares its output with the file beside it.
#[track_caller]
fn prints(chapter: &str, expected: &str) {
    // The variable sends all calls of a test one way; a page shows the default.
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "binaries::program", "--ignored", "--nocapture"])
        .args(["--test-threads", "2"])
        .env("CHAPTER", chapter)
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
    let printed = String::from_utf8_lossy(&output.stdout).replace(HARNESS, "");
    assert_eq!(printed, expected);
}

macro_rules! programs {
    ($($module:ident $number:literal,)+) => {
        $(
            #[test]
            fn $module() {
                prints($number, include_str!(concat!(stringify!($module), "/output.txt")));
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
