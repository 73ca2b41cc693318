//! The blocks of the page "Groups".

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::group::{Group, GroupEvent, JoinError};
use ambit::test::{Probe, fill_mailbox};
// ANCHOR_END: imports

// ANCHOR: join
#[ambit::test]
async fn joining() -> Result<(), Box<dyn Error>> {
    let teams: Group<String> = Group::new();
    let (ann, bob) = (Probe::<String>::new(), Probe::<String>::new());

    teams.join_all("red", [ann.subject(), bob.subject()])?; // all or none
    teams.join("red", &ann.subject())?; // twice: two memberships
    assert_eq!(teams.members("red").len(), 3);

    teams.leave("red", &ann.subject())?; // ends one membership
    assert!(teams.leave("blue", &ann.subject()).is_err());

    drop(ann); // a probe ends when it is dropped, and with it its memberships
    assert_eq!(teams.members("red"), [bob.subject()]);
    assert_eq!(teams.groups(), ["red"]);
    Ok(())
}
// ANCHOR_END: join

// ANCHOR: broadcast
#[ambit::test]
async fn a_broadcast_reaches_members_with_capacity() -> Result<(), Box<dyn Error>> {
    let teams: Group<String> = Group::new();
    let (mut ann, mut bob) = (Probe::<String>::new(), Probe::<String>::new());
    teams.join_all("red", [ann.subject(), bob.subject()])?;

    let full = fill_mailbox(bob.subject());
    assert_eq!(teams.broadcast("red", "run".into()), 1); // Bob's mailbox is full
    assert_eq!(ann.expect().await, "run");

    let time = Duration::from_secs(5);
    let (sent, ()) = tokio::join!(teams.broadcast_within("red", "stop".into(), time), async {
        assert_eq!(ann.expect().await, "stop"); // Ann does not wait for Bob
        drop(full);
    });
    assert_eq!(sent, 2);
    assert_eq!(bob.expect().await, "stop");
    Ok(())
}
// ANCHOR_END: broadcast

// ANCHOR: monitor
#[ambit::test]
async fn watching() -> Result<(), Box<dyn Error>> {
    let teams: Group<u8> = Group::new();
    let (ann, bob) = (Probe::<u8>::new(), Probe::<u8>::new());
    let mut watcher = Probe::<GroupEvent<u8>>::new();
    teams.join("red", &ann.subject())?;

    let (members, monitor) = teams.monitor("red", watcher.recipient());
    assert_eq!(members, [ann.subject()]); // the current members

    teams.join("red", &bob.subject())?; // and every change from then on
    drop(ann);
    let GroupEvent::Joined(joined) = watcher.expect().await else {
        return Err("Bob has joined".into());
    };
    assert_eq!(joined.members(), [bob.subject()]);
    assert!(matches!(watcher.expect().await, GroupEvent::Left(_)));

    assert!(monitor.demonitor()); // no event after this
    Ok(())
}
// ANCHOR_END: monitor

// ANCHOR: scope
#[ambit::test]
async fn scopes() -> Result<(), Box<dyn Error>> {
    let ann = Probe::<u8>::new();
    let own: Group<u8> = Group::new();
    own.join("red", &ann.subject())?;

    let shared = Group::<u8>::scope("game"); // shared by name
    assert!(shared.groups().is_empty());
    shared.join("red", &ann.subject())?;
    assert_eq!(Group::<u8>::scope("game").groups(), ["red"]);

    shared.stop(); // all members leave
    assert_eq!(shared.join("red", &ann.subject()), Err(JoinError::Stopped));
    shared.start();
    assert!(shared.groups().is_empty());
    assert_eq!(own.groups(), ["red"]);
    Ok(())
}
// ANCHOR_END: scope
