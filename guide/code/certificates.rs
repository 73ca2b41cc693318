//! What the chapter "Certificates and cookies" says, as tests.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ambit_dist::{
    Auth, ClusterName, ConnectError, Cookie, CookieError, Node, NodeName, Pki, PkiError,
};

/// A directory of one test, removed at its end.
struct Place(PathBuf);

impl Place {
    fn new(test: &str) -> Self {
        let name = format!("ambit-guide-{}-{test}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("nobody else makes it");
        Self(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the node `name` does with its `Auth` when it starts.
fn start(name: &str, auth: impl Into<Auth>) -> Result<(), Box<dyn Error>> {
    let (node, cluster): (NodeName, ClusterName) = (name.parse()?, "shop".parse()?);
    auth.into().credentials(&node, &cluster)?;
    Ok(())
}

#[test]
fn cookie() -> Result<(), Box<dyn Error>> {
    let place = Place::new("cookie");
    let path = place.0.join("cookie");
    fs::write(&path, format!("{}\n", *Cookie::generate()?.reveal()))?;
    // ANCHOR: cookie
    let auth = Auth::cookie(fs::read_to_string(path)?);
    // ANCHOR_END: cookie
    start("a", auth)?;
    Ok(())
}

#[tokio::test]
async fn nodes() -> Result<(), Box<dyn Error>> {
    let (cookie, another) = (Cookie::generate()?, Cookie::generate()?);
    // ANCHOR: nodes
    let node = |name, cookie| {
        Node::builder(name)
            .cluster("shop")
            .auth(Auth::cookie(cookie))
    };
    let a = node("a", cookie.clone()).start().await?;
    let b = node("b", cookie).start().await?;
    assert_eq!(b.connect(a.local_addr()).await?, *a.id());

    let stranger = node("c", another).start().await?;
    let refused = stranger.connect(a.local_addr()).await.unwrap_err();
    assert!(matches!(refused, ConnectError::Untrusted { .. }));
    // ANCHOR_END: nodes
    Ok(())
}

#[test]
fn refused() -> Result<(), Box<dyn Error>> {
    // ANCHOR: refused
    let refused = |secret: &str| Cookie::try_from(secret).map(drop);
    assert_eq!(refused("swordfish"), Err(CookieError::TooShort));
    let words = "correct-horse-battery-staple-correct-horse-battery";
    assert_eq!(refused(words), Err(CookieError::Guessable));
    let digits = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    assert_eq!(refused(digits), Err(CookieError::Guessable));
    assert_eq!(refused(&Cookie::generate()?.reveal()), Ok(()));
    // ANCHOR_END: refused
    Ok(())
}

#[test]
fn rotation() -> Result<(), Box<dyn Error>> {
    let (old, new) = (Cookie::generate()?, Cookie::generate()?);
    // ANCHOR: rotation
    let rounds = [
        Auth::cookie(old.clone()).and_accept(new.clone()),
        Auth::cookie(new.clone()).and_accept(old),
        Auth::cookie(new),
    ];
    // ANCHOR_END: rotation
    for round in rounds {
        start("a", round)?;
    }
    Ok(())
}

#[test]
fn a_cookie_of_openssl() -> Result<(), Box<dyn Error>> {
    let Ok(made) = Command::new("openssl")
        .args(["rand", "-hex", "32"])
        .output()
    else {
        eprintln!("skipped: there is no `openssl` here");
        return Ok(());
    };
    Cookie::try_from(String::from_utf8(made.stdout)?)?;
    Ok(())
}

/// Runs the commands of the page, or says that they cannot be run here.
fn issue(place: &Path) -> bool {
    let script = include_str!("certificates.sh");
    let Ok(done) = Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(place)
        .output()
    else {
        eprintln!("skipped: there is no `sh` here");
        return false;
    };
    if done.status.code() == Some(127) {
        eprintln!("skipped: there is no `openssl` here");
        return false;
    }
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{errors}");
    true
}

#[test]
fn pki() -> Result<(), Box<dyn Error>> {
    let place = Place::new("pki");
    if !issue(&place.0) {
        return Ok(());
    }
    let [ca, certificate, key] = ["ca.pem", "a.pem", "a.key"].map(|name| place.0.join(name));
    let other = place.0.join("ca.key");
    // ANCHOR: pki
    let pki = Pki::from_pem_files(ca, &certificate, &key)?;
    let auth = Auth::pki(pki.clone());
    // ANCHOR_END: pki
    start("a", auth.clone())?;
    // ANCHOR: reload
    assert!(pki.reload().is_ok());
    fs::copy(other, &key)?;
    let refused = pki.reload().unwrap_err();
    assert!(matches!(refused, PkiError::Key { .. }));
    // ANCHOR_END: reload
    start("a", auth)?;
    let named = start("b", Auth::pki(pki)).unwrap_err();
    // ANCHOR: named
    assert_eq!(
        named.to_string(),
        "the certificate is not for `b.shop.ambit`: issue it with this DNS name, and with `any.shop.ambit` beside it"
    );
    // ANCHOR_END: named
    Ok(())
}
