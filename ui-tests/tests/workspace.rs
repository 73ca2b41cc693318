//! Crates in one workspace: one communicates with other nodes, one does not, and one lacks the feature. The fourth
//! contains the remedies of the error index, which `fixes.rs` writes; the documentation of the fifth contains links
//! between items.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// A copy of `workspace/` in the target folder, with the versions of this workspace's lock file.
pub(crate) static WORKSPACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = root();
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workspace");
    for member in [
        "",
        "local",
        "remote",
        "forgotten",
        "remedies",
        "linked",
        "corpus",
    ] {
        let from = own.join("workspace").join(member);
        let to = copy.join(member);
        fs::create_dir_all(to.join("src")).unwrap();
        let manifest = fs::read_to_string(from.join("Cargo.toml.in")).unwrap();
        let manifest = manifest.replace("AMBIT", &root.join("ambit").display().to_string());
        fs::write(to.join("Cargo.toml"), manifest).unwrap();
        if !member.is_empty() {
            for source in fs::read_dir(from.join("src")).unwrap() {
                let source = source.unwrap();
                fs::copy(source.path(), to.join("src").join(source.file_name())).unwrap();
            }
        }
    }
    fs::copy(root.join("Cargo.lock"), copy.join("Cargo.lock")).unwrap();
    copy
});

/// Returns the root of this repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Returns the target folder of this build, whose dependencies are used again.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Runs cargo in that copy, and returns its exit status and output.
pub(crate) fn cargo(arguments: &[&str]) -> Output {
    run_cargo(&WORKSPACE, arguments)
}

/// Runs cargo in a folder, without downloads, and returns its exit status and output.
pub(crate) fn run_cargo(folder: &Path, arguments: &[&str]) -> Output {
    run_cargo_in(folder, target(), arguments)
}

/// Checks a package with the flags that trybuild uses for its cases, and in its target folder, so that dependencies
/// with the same features are compiled once for both. With other flags they are compiled once more; the result is the
/// same.
pub(crate) fn check_as_trybuild_does(folder: &Path, package: &str) -> Output {
    let flags = r#"build.rustflags=["--cfg", "trybuild", "--verbose", "-A", "dead_code", "--diagnostic-width=140"]"#;
    let target = target().join("tests/trybuild");
    run_cargo_in(
        folder,
        &target,
        &[
            "check",
            "-p",
            package,
            "--target",
            "host-tuple",
            "--config",
            flags,
        ],
    )
}

fn run_cargo_in(folder: &Path, target: &Path, arguments: &[&str]) -> Output {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    let (subcommand, options) = arguments.split_first().unwrap();
    command.arg(subcommand).arg("--offline").args(options);
    command.current_dir(folder);
    command.env("CARGO_TARGET_DIR", target);
    // As in this build: nothing is compiled twice, and no backtrace is read.
    command.env("CARGO_INCREMENTAL", "0");
    command.env("CARGO_PROFILE_DEV_DEBUG", "false");
    command.env("RUSTDOCFLAGS", "-Dwarnings");
    // They describe the package of this test. The build script of `ring` would run again, and all that depends on it be
    // built again: here, and in the next build of this workspace.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("RUSTFLAGS");
    command.output().unwrap()
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
#[ignore = "builds a project of its own: `just projects`, and CI"]
fn serde_is_a_dependency_only_of_packages_that_use_remote_nodes() {
    let under = |package: &str| {
        let tree = cargo(&["tree", "-p", package, "-e", "normal", "--prefix", "none"]);
        assert!(tree.status.success(), "{}", said(&tree));
        said(&tree)
    };
    assert!(!under("local").contains("serde"), "{}", under("local"));
    assert!(under("remote").contains("serde"), "{}", under("remote"));

    // Each package alone, and both at once: both then use the same `ambit`, with the feature.
    for packages in [
        &["-p", "local"][..],
        &["-p", "remote"],
        &["-p", "local", "-p", "remote"],
    ] {
        let checked = cargo(&[&["check"], packages].concat());
        assert!(checked.status.success(), "{packages:?}: {}", said(&checked));
    }

    let checked = cargo(&["check", "-p", "forgotten"]);
    let said = said(&checked);
    assert!(!checked.status.success());
    assert_eq!(
        said.matches("\nerror: ").count() + usize::from(said.starts_with("error: ")),
        4,
        "{said}"
    );
    assert!(
        said.contains("names on the wire need the feature `remote` of ambit"),
        "{said}"
    );
    for name in ["8:23", "18:18", "21:15"] {
        let at = format!("--> forgotten/src/lib.rs:{name}");
        assert!(said.contains(&at), "{name}: {said}");
    }
}

#[test]
#[ignore = "builds a project of its own: `just projects`, and CI"]
fn links_of_documentation_lead_somewhere_on_all_that_is_generated() {
    let documented = cargo(&["doc", "-p", "linked", "--no-deps"]);
    assert!(documented.status.success(), "{}", said(&documented));
    let page = |name: &str| {
        let path = target().join("doc/linked").join(name);
        fs::read_to_string(path).unwrap()
    };
    let handle = page("struct.CounterSubject.html");
    for link in [
        "struct.CounterSubject.html#method.put",
        "struct.Counter.html#associatedconstant.FIRST",
        "struct.Counter.html#method.next",
    ] {
        assert!(handle.contains(link), "no link to {link}");
    }
    let protocol = page("trait.Kv.html");
    assert!(
        protocol.contains("struct.KvSubject.html#method.get"),
        "{protocol}"
    );
    let calls = page("enum.CounterCall.html");
    assert!(
        calls.contains("struct.CounterSubject.html#method.add"),
        "{calls}"
    );
    assert!(
        !calls.contains("one more"),
        "the text is there for the third time"
    );
}

#[test]
#[ignore = "builds a project of its own: `just projects`, and CI"]
fn examples_of_methods_run_once() {
    let tested = cargo(&["test", "-p", "linked", "--doc"]);
    let said = said(&tested);
    assert!(tested.status.success(), "{said}");
    // Exactly the examples in the sources.
    assert!(said.contains("running 6 tests"), "{said}");
    assert!(said.contains("6 passed; 0 failed; 0 ignored"), "{said}");
}
