//! The development cookie.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::connecting::connect;
use super::*;

/// A directory of one test, removed on drop.
struct TestDirectory(PathBuf);

impl TestDirectory {
    fn new(test: &str) -> Self {
        let name = format!("ambit-dev-{}-{test}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn dev(&self) -> Dev {
        Dev::at(self.0.clone())
    }

    fn file(&self) -> PathBuf {
        self.0.join("dev-cookie")
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn mode(path: &PathBuf) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn refused(directory: &TestDirectory) -> String {
    directory.dev().cookie().unwrap_err().to_string()
}

#[test]
fn the_file_is_where_the_state_of_the_user_is() {
    let state = |xdg: Option<&str>, home: Option<&str>| {
        let state = dev::state(xdg.map(Into::into), home.map(Into::into));
        state.map(|path| path.display().to_string())
    };
    let there = |path: &str| Some(path.to_owned());
    assert_eq!(state(Some("/s"), Some("/h")), there("/s"));
    assert_eq!(state(None, Some("/h")), there("/h/.local/state"));
    assert_eq!(state(Some("s"), Some("/h")), there("/h/.local/state"));
    assert_eq!(state(Some(""), Some("h")), None);
}

#[test]
fn the_cookie_is_made_once_for_the_user_alone() {
    let directory = TestDirectory::new("once");
    let made = directory.dev().cookie().unwrap();
    assert_eq!(
        (mode(&directory.0), mode(&directory.file())),
        (0o700, 0o600)
    );
    assert_eq!(directory.dev().cookie().unwrap().bytes(), made.bytes());
    assert_eq!(
        fs::read_dir(&directory.0).unwrap().count(),
        1,
        "nothing else is left"
    );
}

#[test]
fn nodes_that_begin_at_once_have_the_same_cookie() {
    let directory = TestDirectory::new("race");
    let cookies: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| directory.dev().cookie().unwrap().reveal()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(cookies.iter().all(|cookie| *cookie == cookies[0]));
}

#[test]
fn a_cookie_that_others_could_read_is_refused() {
    let directory = TestDirectory::new("open");
    directory.dev().cookie().unwrap();
    fs::set_permissions(directory.file(), Permissions::from_mode(0o640)).unwrap();
    assert!(
        refused(&directory).contains("(mode 640): remove it"),
        "{}",
        refused(&directory)
    );
    fs::set_permissions(directory.file(), Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&directory.0, Permissions::from_mode(0o755)).unwrap();
    assert!(
        refused(&directory).contains("(mode 755)"),
        "{}",
        refused(&directory)
    );
}

#[test]
fn a_file_with_something_else_in_it_is_refused() {
    let directory = TestDirectory::new("else");
    directory.dev().cookie().unwrap();
    fs::write(directory.file(), "something else").unwrap();
    assert!(
        refused(&directory).contains("does not contain a cookie"),
        "{}",
        refused(&directory)
    );
}

#[test]
fn it_listens_on_loopback_addresses_only() {
    let dev = Auth(Method::Dev(TestDirectory::new("loopback").dev()));
    for address in [
        "127.0.0.1:0",
        "127.1.2.3:9000",
        "[::1]:0",
        "[::ffff:127.0.0.1]:1",
    ] {
        assert!(
            dev.check_listen(address.parse().unwrap()).is_ok(),
            "{address}"
        );
    }
    for address in ["0.0.0.0:0", "[::]:0", "192.168.0.1:9000", "[fe80::1]:1"] {
        let refused = dev.check_listen(address.parse().unwrap());
        assert!(
            matches!(refused, Err(AuthError::NotLoopback { .. })),
            "{address}"
        );
        assert!(by_cookie(1).check_listen(address.parse().unwrap()).is_ok());
    }
}

#[tokio::test]
async fn two_nodes_of_one_user_connect() {
    let directory = TestDirectory::new("connect");
    let dev = Auth(Method::Dev(directory.dev()));
    connect(&of(&dev, "a"), &of(&dev, "b"), "a.shop.ambit")
        .await
        .unwrap();
}
