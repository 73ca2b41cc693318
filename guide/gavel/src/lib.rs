//! The project of the tutorial: a live auction house that grows through twelve chapters.
//!
//! Each module is the state of the project at the end of one chapter. Its files are those that the reader has in
//! `src/`, without the lines for anchors, and without `run` below `main`. For that reason they name each other by
//! `super::` and say `pub`, as the files of a small program do. `cargo run -p gavel -- 3` runs the program of the third
//! chapter.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    unreachable_pub,
    unnameable_types,
    clippy::too_many_lines,
    reason = "the files of a small program, as modules"
)]

#[cfg(test)]
mod binaries;
#[cfg(test)]
mod changes;

#[path = "chapter_01/main.rs"]
mod chapter_01;
#[path = "chapter_02/main.rs"]
mod chapter_02;
#[path = "chapter_03/main.rs"]
mod chapter_03;
#[path = "chapter_04/main.rs"]
mod chapter_04;
#[path = "chapter_05/main.rs"]
mod chapter_05;
#[path = "chapter_06/main.rs"]
mod chapter_06;
#[path = "chapter_07/main.rs"]
mod chapter_07;
#[path = "chapter_08/main.rs"]
mod chapter_08;
#[path = "chapter_09/main.rs"]
mod chapter_09;
#[path = "chapter_10/main.rs"]
mod chapter_10;
#[path = "chapter_11/main.rs"]
mod chapter_11;
#[path = "chapter_12/main.rs"]
mod chapter_12;

use std::process::{ExitCode, Termination};

/// Runs the program of a chapter.
#[must_use]
pub fn run(chapter: &str) -> ExitCode {
    match chapter {
        "1" => chapter_01::run().report(),
        "2" => chapter_02::run().report(),
        "3" => chapter_03::run().report(),
        "4" => chapter_04::run().report(),
        "5" => chapter_05::run().report(),
        "6" => chapter_06::run().report(),
        "7" => chapter_07::run().report(),
        "8" => chapter_08::run().report(),
        "9" => chapter_09::run().report(),
        "10" => chapter_10::run().report(),
        "11" => chapter_11::run().report(),
        "12" => chapter_12::run().report(),
        _ => {
            eprintln!("usage: gavel CHAPTER, a number from 1 to 12");
            ExitCode::FAILURE
        }
    }
}
