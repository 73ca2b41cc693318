//! The project of the tutorial: a live auction house that grows through ten chapters.
//!
//! Each module is the state of the project at the end of one chapter. Its files are those that the reader has in `src/`, without
//! the lines for anchors, and without `run` below `main`. For that reason they name each other by `super::` and say `pub`, as the
//! files of a small program do. `cargo run -p gavel -- 3` runs the program of chapter 3.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    unreachable_pub,
    unnameable_types,
    reason = "the files of a small program, as modules"
)]

use std::process::{ExitCode, Termination};

macro_rules! chapters {
    ($($number:literal $module:ident $path:literal,)+) => {
        $(
            #[path = $path]
            mod $module;
        )+

        /// Runs the program of a chapter.
        #[must_use]
        pub fn run(chapter: &str) -> ExitCode {
            match chapter {
                $($number => $module::run().report(),)+
                _ => {
                    eprintln!("usage: gavel CHAPTER; the chapters are {}", [$($number),+].join(" "));
                    ExitCode::FAILURE
                }
            }
        }
    };
}

chapters! {
    "1" chapter_01 "chapter_01/main.rs",
    "2" chapter_02 "chapter_02/main.rs",
    "3" chapter_03 "chapter_03/main.rs",
    "4" chapter_04 "chapter_04/main.rs",
    "5" chapter_05 "chapter_05/main.rs",
    "6" chapter_06 "chapter_06/main.rs",
    "7" chapter_07 "chapter_07/main.rs",
    "8" chapter_08 "chapter_08/main.rs",
    "9" chapter_09 "chapter_09/main.rs",
    "10" chapter_10 "chapter_10/main.rs",
}
