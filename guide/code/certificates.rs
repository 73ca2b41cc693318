//! The tests on the page "Certificates and cookies".

// ANCHOR: imports
use std::collections::BTreeSet;
use std::fs;

use ambit_dist::{Admission, Auth, ConnectError, Cookie, CookieError, Node, Pki, PkiError};
// ANCHOR_END: imports

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use ambit_dist::{ClusterName, NodeName};

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

/// Starts the node `name` with its `Auth`.
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

#[tokio::test]
async fn refuse() -> Result<(), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    let node = |name| Node::builder(name).auth(Auth::cookie(cookie.clone()));
    let (a, c) = (node("a").start().await?, node("c").start().await?);
    a.connect(c.local_addr()).await?;
    // ANCHOR: refuse
    assert!(a.refuse("c").await);
    assert!(a.peer("c").is_none());
    let refused = c.connect(a.local_addr()).await.unwrap_err();
    assert!(matches!(refused, ConnectError::Quarantined { .. }));

    assert!(a.readmit("c").await);
    c.connect(a.local_addr()).await?;
    // ANCHOR_END: refuse
    Ok(())
}

#[tokio::test]
async fn admit() -> Result<(), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    // ANCHOR: admit
    let inventory = BTreeSet::from(["a", "b"]);
    let a = Node::builder("a")
        .auth(Auth::cookie(cookie.clone()))
        .admit(move |candidate| {
            if inventory.contains(candidate.node.name.as_str()) {
                return Admission::Admit;
            }
            Admission::refuse("it is not in the inventory")
        });
    // ANCHOR_END: admit
    let a = a.start().await?;
    let node = |name| Node::builder(name).auth(Auth::cookie(cookie.clone()));
    node("b").start().await?.connect(a.local_addr()).await?;
    let c = node("c").start().await?;
    let refused = c.connect(a.local_addr()).await.unwrap_err();
    assert!(refused.to_string().contains("not in the inventory"));
    Ok(())
}

#[test]
fn rotation() -> Result<(), Box<dyn Error>> {
    let (old, new) = (Cookie::generate()?, Cookie::generate()?);
    // ANCHOR: rotation
    let auth = Auth::cookie(old.clone());
    // .. `Node::builder(name).auth(auth.clone())`, and the nodes run
    let rounds = [
        Auth::cookie(old.clone()).and_accept(new.clone()),
        Auth::cookie(new.clone()).and_accept(old),
        Auth::cookie(new),
    ];
    for round in &rounds {
        auth.replace(round)?; // on every node, then the next round
    }
    // ANCHOR_END: rotation
    start("a", auth)?;
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

/// Runs the commands of the page, or reports that it cannot.
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
        "the certificate is not for `b.shop.ambit`: issue it with this DNS name and with `any.shop.ambit`"
    );
    // ANCHOR_END: named
    Ok(())
}
