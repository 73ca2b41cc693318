//! Tests of a contract against its file.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::read;
use crate::message::contract::{CheckError, Contract, check_contract, compatible, write_contract};

/// A separate folder for a test, which is removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn of(test: &str) -> Self {
        let name = format!("ambit-contract-{test}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("contract.lock")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

const OLD: &str = "\
protocol p
  call m(a: t) -> t
  cast n(a: t)
  cast o()
struct t version 1
  f: u8
enum e version 1
  v
    f: u8
";

/// Returns the result of a check of a program with these lines, after those of `OLD` were written; the path as `FILE`.
fn said(test: &str, lines: &str) -> String {
    let folder = Folder::of(test);
    write_contract(&folder.file(), &read(OLD)).unwrap();
    let error = check_contract(&folder.file(), &read(lines)).unwrap_err();
    let path = folder.file().display().to_string();
    error.to_string().replace(&path, "FILE")
}

#[test]
fn a_written_contract_is_read_back_unchanged() {
    let folder = Folder::of("written");
    write_contract(&folder.file(), &read(OLD)).unwrap();
    assert_eq!(
        fs::read_to_string(folder.file()).unwrap(),
        format!("{:#}", read(OLD))
    );
    assert_eq!(check_contract(&folder.file(), &read(OLD)), Ok(()));
    write_contract(&folder.file(), &read("")).unwrap();
    assert_eq!(check_contract(&folder.file(), &read("")), Ok(()));
}

#[test]
fn an_unchanged_file_is_not_rewritten() {
    let folder = Folder::of("same");
    write_contract(&folder.file(), &read(OLD)).unwrap();
    let mut access = fs::metadata(folder.file()).unwrap().permissions();
    access.set_readonly(true);
    fs::set_permissions(folder.file(), access).unwrap();
    let before = fs::metadata(folder.file()).unwrap().modified().unwrap();
    assert_eq!(write_contract(&folder.file(), &read(OLD)), Ok(()));
    assert_eq!(
        fs::metadata(folder.file()).unwrap().modified().unwrap(),
        before
    );
}

#[test]
fn a_breaking_change_is_reported_once_with_all_affected_methods() {
    let new = OLD.replace("  cast o()\n", "").replace(
        "struct t version 1\n  f: u8",
        "struct t version 1\n  f: u16",
    );
    assert_eq!(
        said("breaks", &new),
        "the program no longer fulfils `FILE`, and peers that run the old version rely on it:\n\
         \x20 `p`, method `m`, argument `a`, field `f`, type `t`: was `u8` and is `u16`; keep the type, and add the new one under a new name (also in `p`, method `n`)\n\
         \x20 `p`, method `o`: the method is gone; keep it as long as peers use it, or, if only its name has changed, write `#[cast(tag = \"o\")]`\n\
         Undo each change as described; or, when no peer runs the old version any more, write the file anew with `AMBIT_CONTRACT=write cargo test`, and commit it"
    );
}

#[test]
fn a_compatible_change_is_shown_and_must_be_recorded_in_the_contract_file() {
    let new = OLD
        .replace("  cast o()\n", "  cast o()\n  cast q()\n")
        .replace(
            "struct t version 1\n  f: u8",
            "struct t version 2\n  g?: u8\n  f: u8",
        )
        .replace("  v\n    f: u8", "  v\n    f: u16");
    assert_eq!(
        said("outdated", &format!("{new}opaque x version 1\n")),
        "the program has changed compatibly, so `FILE` is out of date; write it anew with `AMBIT_CONTRACT=write cargo test`, and commit it:\n\
         \x20   enum e version 1\n\
         \x20     v\n\
         \x20 -     f: u8\n\
         \x20 +     f: u16\n\
         \x20 + opaque x version 1\n\
         \x20   protocol p\n\
         \x20 +   cast q()\n\
         \x20 - struct t version 1\n\
         \x20 + struct t version 2\n\
         \x20 +   g?: u8"
    );
}

#[test]
fn a_new_order_of_fields_is_a_change_too() {
    let old = read("struct t version 1\n  f: u8\n  g: u8");
    let new = read("struct t version 1\n  g: u8\n  f: u8");
    let folder = Folder::of("order");
    write_contract(&folder.file(), &old).unwrap();
    let Err(CheckError::Outdated { lines, .. }) = check_contract(&folder.file(), &new) else {
        panic!("the file does not say what the program does");
    };
    let expected = [
        "- struct t version 1",
        "-   f: u8",
        "-   g: u8",
        "+ struct t version 1",
        "+   g: u8",
        "+   f: u8",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_unreadable_file_is_reported_with_the_remedy() {
    let folder = Folder::of("files");
    let path = folder.file();
    let shown = path.display().to_string();
    let missing = check_contract(&path, &read(OLD)).unwrap_err();
    assert_eq!(
        missing.to_string(),
        format!(
            "there is no `{shown}`; write it with `AMBIT_CONTRACT=write cargo test`, and commit it"
        )
    );
    fs::write(&path, "ambit contract 1\n<<<<<<< ours\n").unwrap();
    assert_eq!(
        check_contract(&path, &read(OLD)).unwrap_err().to_string(),
        format!(
            "`{shown}`, line 2: expected `protocol`, `struct`, `enum` or `opaque`, found `<<<<<<< ours`; take it from version control, or write it anew with `AMBIT_CONTRACT=write cargo test`"
        )
    );
    fs::write(&path, [0xff]).unwrap();
    let unreadable = check_contract(&path, &read(OLD));
    assert!(matches!(unreadable, Err(CheckError::Unreadable { .. })));
    let nowhere = path.join("below");
    let unwritable = write_contract(&nowhere, &read(OLD));
    assert!(matches!(unwritable, Err(CheckError::Unwritable { .. })));
}

#[test]
fn breaking_changes_of_one_type_at_several_locations_are_reported_separately() {
    let folder = Folder::of("places");
    let old =
        "protocol p\n  cast m(a: e, x: u8)\n  cast n(a: e, x: u8)\nenum e version 1\n  v\n  w\n";
    write_contract(&folder.file(), &read(old)).unwrap();
    let new = old
        .replace("x: u8", "x: u16")
        .replace("  v\n", "  v\n    f: u8\n    g: u8\n")
        .replace("  w\n", "  w\n    f: u8\n");
    let said = check_contract(&folder.file(), &read(&new))
        .unwrap_err()
        .to_string();
    let lines: Vec<_> = said
        .lines()
        .filter_map(|line| Some(line.split_once(": ")?.0.trim()))
        .collect();
    assert_eq!(
        lines,
        [
            "`p`, method `m`, argument `x`",
            "`p`, method `m`, argument `a`, variant `v`, field `f`, type `e`",
            "`p`, method `m`, argument `a`, variant `v`, field `g`, type `e`",
            "`p`, method `m`, argument `a`, variant `w`, field `f`, type `e`",
            "`p`, method `n`, argument `x`",
        ],
        "{said}"
    );
    assert_eq!(
        said.matches("(also in `p`, method `n`)").count(),
        3,
        "{said}"
    );
}

#[test]
fn the_same_change_in_the_keys_of_two_fields_is_reported_for_each() {
    let of = |number: &str| {
        format!(
            "protocol p\n  cast m(a: t)\nprotocol q\n  cast n(a: t)\n\
             struct t version 1\n  f: map<{number}, ({number}, unit)>\n  g: map<{number}, unit>\n  h.x: {number}\n  i.x: {number}\n"
        )
    };
    let folder = Folder::of("keys");
    write_contract(&folder.file(), &read(&of("u8"))).unwrap();
    let said = check_contract(&folder.file(), &read(&of("u16")))
        .unwrap_err()
        .to_string();
    let lines = said.lines().filter_map(|line| {
        let place = line
            .trim()
            .strip_prefix("`p`, method `m`, argument `a`, ")?;
        Some(place.split_once(", type `t`: ")?.0)
    });
    let expected = [
        "field `f`, key",
        "field `f`, part 0",
        "field `g`, key",
        "field `h.x`",
        "field `i.x`",
    ];
    assert_eq!(lines.collect::<Vec<_>>(), expected, "{said}");
    assert_eq!(
        said.matches("(also in `q`, method `n`)").count(),
        5,
        "{said}"
    );
}

#[test]
fn lines_are_shown_below_the_variant_that_they_belong_to() {
    let of = |more: &str| {
        read(&format!(
            "enum e version 1\n  v\n    f: u8{more}\n  w\n    f: u8{more}\n"
        ))
    };
    let folder = Folder::of("variants");
    write_contract(&folder.file(), &of("")).unwrap();
    let new = of("\n    g: u8\n    h: u8");
    let Err(CheckError::Outdated { lines, .. }) = check_contract(&folder.file(), &new) else {
        panic!("the file does not say what the program does");
    };
    let expected = [
        "  enum e version 1",
        "    v",
        "+     g: u8",
        "+     h: u8",
        "    w",
        "+     g: u8",
        "+     h: u8",
    ];
    assert_eq!(lines, expected);
    let less = read("enum e version 1\n  v\n    f: u8\n  w\n");
    let Err(CheckError::Outdated { lines, .. }) = check_contract(&folder.file(), &less) else {
        panic!("the file does not say what the program does");
    };
    assert_eq!(lines, ["  enum e version 1", "    w", "-     f: u8"]);
}

impl Folder {
    /// Runs git here; returns true if it succeeded.
    fn git(&self, args: &[&str]) -> bool {
        let mut git = Command::new("git");
        git.current_dir(&self.0)
            .args(["-c", "user.name=test", "-c", "user.email=test@localhost"]);
        git.args([
            "-c",
            "commit.gpgsign=false",
            "-c",
            "core.hooksPath=/dev/null",
        ]);
        git.args(args).output().unwrap().status.success()
    }

    /// Commits these files on two branches of a common base; returns true if git merges them without a conflict.
    fn merges(&self, base: &str, [one, other]: [&str; 2]) -> bool {
        let commit = |text: &str| {
            fs::write(self.file(), text).unwrap();
            assert!(self.git(&["add", "contract.lock"]) && self.git(&["commit", "-qm", "x"]));
        };
        assert!(self.git(&["init", "-q", "-b", "main"]));
        commit(base);
        assert!(self.git(&["checkout", "-qb", "other"]));
        commit(other);
        assert!(self.git(&["checkout", "-q", "main"]));
        commit(one);
        self.git(&["merge", "-q", "other"])
    }
}

#[test]
fn two_branches_that_change_one_type_are_in_conflict() {
    let with = |variants: &str| read(&format!("protocol p\n  cast m(a: e)\n{variants}"));
    let variants = |first: &str, second: &str| {
        let version = if first.len() + second.len() == 0 {
            1
        } else {
            2
        };
        with(&format!(
            "enum e version {version}\n  a\n  b\n  c\n  d\n{first}  k\n  l\n  m\n  n\n{second}  w\n"
        ))
    };
    let (first, second) = ("  e since 2\n", "  o since 2\n");
    let (base, both) = (variants("", ""), variants(first, second));
    let (one, other) = (variants(first, ""), variants("", second));
    // Each would receive the variant of the other, with a version that it has.
    assert!(!compatible(&one, &both).is_empty() && !compatible(&other, &both).is_empty());
    let folder = Folder::of("merged");
    let texts = [&one, &other].map(Contract::to_string);
    let texts = texts.each_ref().map(String::as_str);
    assert!(
        folder.merges(&base.to_string(), texts),
        "without hashes nobody notices"
    );
    // So a file without them is refused, such as one whose conflict was resolved by removing the hash.
    let error = check_contract(&folder.file(), &both).unwrap_err();
    let expected = "expected ` hash ` and the hash of the type, found the end of the line";
    assert!(error.to_string().contains(expected), "{error}");

    let folder = Folder::of("conflict");
    let texts = [&one, &other].map(|contract| format!("{contract:#}"));
    let texts = texts.each_ref().map(String::as_str);
    assert!(!folder.merges(&format!("{base:#}"), texts));
    // Taking one of the two lines is not enough either.
    let merged = format!("{one:#}").replace("  w\n", &format!("{second}  w\n"));
    fs::write(folder.file(), merged).unwrap();
    let error = check_contract(&folder.file(), &both).unwrap_err();
    assert!(matches!(error, CheckError::NoContract { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("give the later change a version of its own"),
        "{error}"
    );
}
