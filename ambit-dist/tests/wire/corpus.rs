//! The findings and the seeds of fuzzing: every file of the corpus runs through its function.
//!
//! `UPDATE_EXPECT=1 cargo test -p ambit-dist --test wire corpus::` writes the files that are generated here. Findings
//! of fuzzing are added by hand, under a name that describes the bug.

mod handshakes;
mod made;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// The number of panics in this program; the panic of a task ends only the task.
static PANICS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn every_file_of_the_corpus_keeps_the_promises() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        usual(info);
    }));
    for (target, run) in TARGETS {
        let mut files = 0;
        for entry in fs::read_dir(corpus().join(target)).expect(target) {
            let path = entry.unwrap().path();
            // Shown only if the next line panics.
            println!("{}", path.display());
            run(&fs::read(&path).unwrap());
            assert_eq!(PANICS.load(Ordering::SeqCst), 0, "in a task");
            files += 1;
        }
        assert!(files >= 5, "{target} has only {files} files");
    }
}

/// The fuzzing programs require a nightly toolchain, so this compares their sources.
#[test]
fn every_function_has_a_program_that_fuzzes_it() {
    let fuzz = corpus().parent().unwrap();
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    let mut programs = 0;
    for (target, _) in TARGETS {
        let program = fs::read_to_string(fuzz.join(format!("fuzz_targets/{target}.rs")));
        let call = format!("|bytes: &[u8]| ambit_dist::fuzzing::{target}(bytes)");
        let expected = format!("#![no_main]\n\nlibfuzzer_sys::fuzz_target!({call});\n");
        assert_eq!(program.unwrap(), expected, "{target}");
        let entry = format!("name = \"{target}\"\npath = \"fuzz_targets/{target}.rs\"\n");
        assert!(manifest.contains(&entry), "{target} is not in the manifest");
        programs += 1;
    }
    assert_eq!(manifest.matches("[[bin]]").count(), programs);
}

#[test]
fn every_folder_of_the_corpus_has_a_function() {
    for entry in fs::read_dir(corpus()).unwrap() {
        let name = entry.unwrap().file_name();
        let known = TARGETS.iter().any(|(target, _)| name == *target);
        assert!(known, "{name:?} is not among `fuzzing::TARGETS`");
    }
}
