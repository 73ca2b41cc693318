//! `assert_contract!` with real servers and a real file. Its behaviour depends on an environment variable, so each test
//! runs this program again for the single test `child`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::contract::methods::{new, old};

#[ambit::protocol(remote = "shop.kv")]
pub(crate) trait Kv {
    #[call]
    fn get(&self, key: String) -> Option<u64>;
    #[cast(tag = "set")]
    fn put(&self, key: String, value: u64);
}

/// Compares the committed file next to this one: the path is relative to `Cargo.toml`.
#[test]
fn a_file_in_the_repository_is_compared() {
    ambit::assert_contract!("tests/contract/contract.lock", [old::Shop, dyn Kv]);
}

/// Does nothing unless one of the tests below runs it.
#[test]
fn child() {
    let Ok(path) = env::var("LOCK_TEST_FILE") else {
        return;
    };
    match env::var("LOCK_TEST_SHOP").as_deref() {
        Ok("old") => ambit::assert_contract!(path, [old::Shop]),
        Ok("more") => ambit::assert_contract!(path, [dyn Kv, old::Shop,],),
        Ok("new") => ambit::assert_contract!(path, [new::Shop]),
        _ => ambit::assert_contract!(path, [old::Shop, new::Shop]),
    }
}

/// A temporary folder of one test, removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn of(test: &str) -> Self {
        let name = format!("ambit-lock-{test}-{}", std::process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Returns the result of a test that asserts the contract of these servers.
    fn says(&self, wanted: Option<&str>, shop: &str) -> Result<(), String> {
        let mut run = Command::new(env::current_exe().unwrap());
        run.args([
            "--exact",
            "contract::lock::child",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("LOCK_TEST_FILE", self.file())
        .env("LOCK_TEST_SHOP", shop)
        .env_remove("AMBIT_CONTRACT");
        if let Some(wanted) = wanted {
            run.env("AMBIT_CONTRACT", wanted);
        }
        let done = run.output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(String::from_utf8_lossy(&done.stdout).contains("running 1 test"));
        if done.status.success() {
            return Ok(());
        }
        Err(said)
    }

    fn file(&self) -> PathBuf {
        self.0.join("contract.lock")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[track_caller]
fn fails_with(said: Result<(), String>, expected: &[&str]) {
    let said = said.unwrap_err();
    for expected in expected {
        assert!(said.contains(expected), "{said}");
    }
    // The location of the panic is the assertion, not its implementation.
    assert!(said.contains(file!()), "{said}");
}

#[test]
fn a_missing_file_is_reported_with_the_command_that_writes_it() {
    let folder = Folder::of("missing");
    let expected = [
        "there is no `",
        "write it with `AMBIT_CONTRACT=write cargo test`, and commit it",
    ];
    fails_with(folder.says(None, "old"), &expected);
    assert!(!folder.file().exists());
}

#[test]
fn the_lock_file_is_written_on_request_and_compared_otherwise() {
    let folder = Folder::of("written");
    folder.says(Some("write"), "old").unwrap();
    let text = folder.text();
    assert!(
        text.contains("\n  cast option_removed(a: u64, b?: option<u64>)\n"),
        "{text}"
    );
    folder.says(None, "old").unwrap();
    folder.says(Some("check"), "old").unwrap();
    folder.says(Some(""), "old").unwrap();
    assert_eq!(folder.text(), text);
}

#[test]
fn breaking_changes_are_reported_and_the_file_is_kept() {
    let folder = Folder::of("breaks");
    folder.says(Some("write"), "old").unwrap();
    let text = folder.text();
    let expected = [
        "`shop`, method `arguments_exchanged`, argument `to`: was argument 2 and is argument 1",
        "`shop`, method `removed`: the method is gone",
        "`shop`, method `error_changed`, reply, error: was `string` and is `u8`",
        "when no peer runs the old version any more, write the file anew",
    ];
    fails_with(folder.says(None, "new"), &expected);
    assert_eq!(folder.text(), text);
    folder.says(Some("write"), "new").unwrap();
    folder.says(None, "new").unwrap();
}

#[test]
fn additions_must_be_recorded_in_the_lock_file() {
    let folder = Folder::of("outdated");
    folder.says(Some("write"), "old").unwrap();
    let expected = [
        "has changed compatibly",
        "\n  + protocol shop.kv\n  +   call get(key: string) -> option<u64>\n  +   cast set(key: string, value: u64)\n",
    ];
    fails_with(folder.says(None, "more"), &expected);
    folder.says(Some("write"), "more").unwrap();
    folder.says(None, "more").unwrap();
}

#[test]
fn two_protocols_of_one_name_are_refused() {
    let folder = Folder::of("twice");
    for wanted in [None, Some("write")] {
        fails_with(
            folder.says(wanted, "both"),
            &["the list has two protocols called `shop`"],
        );
    }
    assert!(!Path::new(&folder.file()).exists());
}

#[test]
fn a_variable_with_a_slip_in_it_is_refused() {
    let folder = Folder::of("slip");
    let expected = ["`AMBIT_CONTRACT` is `wirte`; set it to `write`, or not at all"];
    fails_with(folder.says(Some("wirte"), "old"), &expected);
}
