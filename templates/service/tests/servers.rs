//! The tree on a virtual clock: a week passes in no time.

use std::time::Duration;

use ambit::test::{assert_restarted, crash, expect_crash, settle};
use service::app::{App, AppSubject};
use service::links::Rejected;
use service::settings::LinkSettings;

async fn app(links: LinkSettings) -> AppSubject {
    App { links }.start().await.expect("the tree starts")
}

#[ambit::test]
async fn a_link_expires_with_its_visits() {
    let settings = LinkSettings::default();
    let keep = settings.keep();
    let app = app(settings).await;
    let target = String::from("https://example.com");
    let code = app.links().shorten(target.clone()).await;
    let code = code.expect("it answers").expect("it is stored");
    app.visits().record(code.clone()).await.expect("counted");

    tokio::time::advance(keep - Duration::from_secs(1)).await;
    assert_eq!(app.links().target(code.clone()).await, Ok(Some(target)));
    assert_eq!(app.visits().count(code.clone()).await, Ok(1));

    tokio::time::advance(Duration::from_secs(1)).await;
    settle().await;
    assert_eq!(app.links().target(code.clone()).await, Ok(None));
    assert_eq!(app.visits().count(code).await, Ok(0));
}

#[ambit::test]
async fn a_link_is_rejected() {
    let app = app(LinkSettings {
        capacity: 1,
        ..LinkSettings::default()
    })
    .await;
    let links = app.links();
    let shorten = |target: &str| links.shorten(target.into());
    assert_eq!(shorten("javascript:1").await, Ok(Err(Rejected::Target)));
    assert_eq!(shorten("http://a.example").await, Ok(Ok("1".into())));
    assert_eq!(shorten("http://b.example").await, Ok(Err(Rejected::Full)));
}

#[ambit::test]
async fn the_supervisor_restarts_a_server_alone() {
    let app = app(LinkSettings::default()).await;
    let (links, visits) = (app.links(), app.visits());
    visits.record("1".into()).await.expect("counted");
    expect_crash(&links);
    assert_restarted!(links, crash(&links).await);
    // The same handle reaches the new process; the sibling has kept its state.
    assert_eq!(links.target("1".into()).await, Ok(None));
    assert_eq!(visits.count("1".into()).await, Ok(1));
}

#[ambit::test]
async fn the_visits_of_an_earlier_link_do_not_count_for_a_later_one() {
    let app = app(LinkSettings::default()).await;
    let target = String::from("https://example.com");
    let code = app.links().shorten(target.clone()).await;
    let code = code.expect("it answers").expect("it is stored");
    app.visits().record(code.clone()).await.expect("counted");

    let links = app.links();
    expect_crash(&links);
    assert_restarted!(links, crash(&links).await);
    let again = app.links().shorten(target).await;
    assert_eq!(again, Ok(Ok(code.clone())));
    settle().await;
    assert_eq!(app.visits().count(code).await, Ok(0));
}
