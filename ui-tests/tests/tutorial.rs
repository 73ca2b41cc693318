//! Compiles the project of the tutorial as a reader has it: with the manifests that the pages show, and in a package of
//! its own, so that no feature of a dependency is there because another package asks for it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{root, run_cargo, said};

/// The manifests of the tutorial, each with the last chapter that uses it.
const MANIFESTS: [(&str, &str); 3] = [
    ("start", "chapter_09"),
    ("web", "chapter_10"),
    ("remote", "chapter_12"),
];

/// The folder of this repository with the project and the manifests.
fn gavel() -> PathBuf {
    root().join("guide/gavel")
}

/// Returns the manifest for a package in the target folder, whose dependencies are all in the lock file of this
/// workspace.
fn manifest(name: &str) -> String {
    let file = gavel().join("reader").join(name).with_extension("toml");
    let shown = fs::read_to_string(file).unwrap();
    let ambit = format!("path = \"{}/", root().display());
    let own = shown.replace("path = \"../ambit/", &ambit);
    assert_ne!(own, shown, "no path to ambit");
    // Its default features need crates that nothing else here needs.
    let proptest = "{ version = \"1\", default-features = false, features = [\"std\"] }";
    let own = own.replace("proptest = \"1\"", &format!("proptest = {proptest}"));
    // Only in this test is the project inside the folder of another workspace.
    own + "\n[workspace]\n"
}

/// Writes what a reader has at the end of a chapter.
fn write_project(project: &Path, manifest: &str, chapter: &str) {
    let sources = project.join("src");
    if sources.exists() {
        fs::remove_dir_all(&sources).unwrap();
    }
    fs::create_dir_all(&sources).unwrap();
    fs::write(project.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
    for file in fs::read_dir(gavel().join("src").join(chapter)).unwrap() {
        let file = file.unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        // Below it is what only the guide needs: the function that starts the program.
        let program = text.split("// ANCHOR_END: program").next().unwrap();
        fs::write(sources.join(file.file_name()), program).unwrap();
    }
}

#[test]
#[ignore = "builds a project of its own: `just projects`, and CI"]
fn the_manifests_of_the_tutorial_have_what_its_chapters_need() {
    for (name, chapter) in MANIFESTS {
        let project = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("tutorial")
            .join(name);
        write_project(&project, &manifest(name), chapter);
        let checked = run_cargo(&project, &["check", "--all-targets"]);
        let said = said(&checked);
        assert!(
            checked.status.success() && !said.contains("warning"),
            "{name}, {chapter}: {said}"
        );
    }
}
