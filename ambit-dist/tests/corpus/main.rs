//! What fuzzing has found, and what it begins with: every file of the corpus goes through the function it is for.
//!
//! `UPDATE_EXPECT=1 cargo test -p ambit-dist --test corpus` writes the files that are made here. What fuzzing finds is
//! added by hand, under a name that says what was wrong.

mod handshakes;
mod made;
#[path = "../wire/sample.rs"]
mod sample;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ambit_dist::fuzzing::TARGETS;

fn corpus() -> &'static Path {
    static CORPUS: LazyLock<PathBuf> = LazyLock::new(|| {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            made::write(&corpus).expect("the corpus can be written");
        }
        corpus
    });
    &CORPUS
}

#[test]
fn every_file_of_the_corpus_keeps_the_promises() {
    for (target, run) in TARGETS {
        let mut files = 0;
        for entry in fs::read_dir(corpus().join(target)).expect(target) {
            let path = entry.unwrap().path();
            // Shown only if the next line panics.
            println!("{}", path.display());
            run(&fs::read(&path).unwrap());
            files += 1;
        }
        assert!(files >= 5, "{target} has only {files} files");
    }
}

#[test]
fn every_folder_of_the_corpus_has_a_function() {
    for entry in fs::read_dir(corpus()).unwrap() {
        let name = entry.unwrap().file_name();
        let known = TARGETS.iter().any(|(target, _)| name == *target);
        assert!(known, "{name:?} is not among `fuzzing::TARGETS`");
    }
}
