//! Starts that fail, and what their errors say.

use ambit::error::{ChildError, StartError};
use ambit::prelude::*;
use ambit_dist::{PlaceError, Placement};

use super::support::{Lot, alone, exposing, start, strict, three};
use crate::distribution::support::Net;
use crate::membership::support::complete;

/// Returns the error of a start that must fail.
async fn failed<T>(start: impl Future<Output = Result<T, ChildError>>) -> PlaceError {
    match start.await {
        Err(ChildError::Start(StartError::Init(ExitReason::Error(report)))) => {
            report.downcast_ref::<PlaceError>().unwrap().clone()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was started"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_is_given_once() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::hash()).await;
    start(&supervisor, &lots, ["1"]).await;
    let error = failed(supervisor.start_child(lots.child_spec("1", (10,)))).await;
    assert_eq!(error, PlaceError::IdInUse { id: "1".into() });
    assert_eq!(lots.placed().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_placement_that_no_member_fits_is_an_error() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let placement = Placement::least_loaded().with_role("worker");
    let (supervisor, lots) = strict(&a, placement).await;
    let error = failed(supervisor.start_child(lots.child_spec("1", (10,)))).await;
    assert_eq!(error, PlaceError::NoMember { id: "1".into() });
    assert_eq!(lots.placed(), []);
}

#[tokio::test(start_paused = true)]
async fn an_init_that_fails_is_not_tried_on_other_members() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::pinned("b")).await;
    let error = failed(supervisor.start_child(lots.child_spec("1", (0,)))).await;
    let text = error.to_string();
    assert!(
        text.starts_with("`1` was not placed: `placement.lot` was not started on the node `b`: "),
        "{text}"
    );
    assert_eq!(lots.placed(), []);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_does_not_expose_the_server_is_left_out() {
    let net = Net::new();
    let ([a, b, c], _) = three(&net).await;
    let d = alone(&net, "d").tag("kind", "lots").start().await.unwrap();
    complete(&[&a, &b, &c, &d]).await;
    let placement = Placement::least_loaded().with_tag("kind", "lots");
    let (supervisor, lots) = strict(&a, placement).await;
    let error = failed(supervisor.start_child(lots.child_spec("1", (10,)))).await;
    let text = error.to_string();
    assert!(
        text.contains("the node `d` does not expose `placement.lot`"),
        "{text}"
    );
    let e = exposing(alone(&net, "e").tag("kind", "lots")).await;
    complete(&[&a, &b, &c, &d, &e]).await;
    start(&supervisor, &lots, ["1", "2"]).await;
    assert_eq!(lots.node_of("1").as_ref(), Some(e.name()));
    assert_eq!(lots.node_of("2").as_ref(), Some(e.name()));
    d.expose::<Lot>();
    start(&supervisor, &lots, ["3"]).await;
    assert_eq!(lots.node_of("3").as_ref(), Some(d.name()));
}
