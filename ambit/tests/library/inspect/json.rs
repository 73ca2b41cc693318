//! The JSON text form, exactly: other programs parse it.

use ambit::inspect::{measure, snapshot};
use ambit::prelude::*;
use ambit::sys;
use ambit::test::{expect_crash, settle};
use tokio::time::sleep;

use super::{SECOND, Worker};

const SNAPSHOT: &str = include_str!("snapshot.json");

#[ambit::test]
async fn a_snapshot_has_one_text_form() {
    let _measuring = measure().unwrap();
    let parent = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(true);
        inbox.label("the parent");
        let worker = Worker::start().name("crashing").link().await.unwrap();
        worker.leave("no more".into()).await.unwrap();
        inbox.recv().await;
    });
    settle().await;
    let worker = Worker::start().name("w").mailbox(1).await.unwrap();
    let _down = parent.monitor();
    sys::suspend(&worker).await.unwrap();
    worker.count().await.unwrap();
    drop(snapshot());
    sleep(SECOND).await;
    let seen = snapshot();
    expect_crash(seen.crashes[0].pid);
    // One field per line, for a readable difference.
    let text = seen.to_json().replace(",\"", ",\n\"");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/library/inspect/snapshot.json"
        );
        std::fs::write(file, format!("{text}\n")).unwrap();
    } else {
        assert_eq!(text, SNAPSHOT.trim_end());
    }
    sys::resume(&worker).await.unwrap();
}

#[ambit::test]
async fn a_tree_is_a_list_with_depths() {
    let _parent = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        Worker::start().link().await.unwrap();
        inbox.recv().await;
    });
    settle().await;
    let text = ambit::inspect::tree().to_json();
    for row in [
        r##"{"depth":1,"detached":false,"pid":"#1","type_name":"u8""##,
        r##"{"depth":2,"detached":false,"pid":"#2","type_name":"Worker""##,
    ] {
        assert!(text.contains(row), "{row} is not in {text}");
    }
    let own = ambit::process_info(ambit::self_pid().unwrap()).unwrap();
    assert!(text.starts_with(r#"[{"depth":0,"detached":false,"#));
    assert!(own.to_json().starts_with(r##"{"pid":"#0","type_name":"##));
}
