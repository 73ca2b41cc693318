//! Functions that other nodes can run: as requests, and run locally.

use std::time::Duration;

use ambit::message::{Form, In, Out, Rpc, Schema, Types};
use ambit::prelude::*;
use ambit_dist::AnyCodec;

/// Multiplies.
#[rpc]
async fn area(w: f64, h: f64) -> f64 {
    tokio::task::yield_now().await;
    w * h
}

#[rpc(name = "geo.halves", timeout = Duration::from_millis(250))]
fn halves(mut r#type: u64) -> Result<u64, String> {
    if r#type % 2 == 1 {
        return Err(format!("{} is odd", r#type));
    }
    r#type /= 2;
    Ok(r#type)
}

#[rpc]
async fn nothing() {}

// The name refers to the function itself in its body, and an argument may have the same name.
#[rpc]
fn sum(sum: Vec<u64>) -> u64 {
    fn add(rest: &[u64]) -> u64 {
        rest.split_first()
            .map_or(0, |(first, rest)| first + add(rest))
    }
    add(&sum)
}

#[rpc]
fn countdown(from: u64) -> Vec<u64> {
    let mut rest = match from.checked_sub(1) {
        Some(below) => countdown(below),
        None => vec![],
    };
    rest.insert(0, from);
    rest
}

mod inside {
    use super::Duration;

    fn unseen() -> u64 {
        7
    }

    /// Visible outside of its module.
    #[ambit::rpc(timeout = Duration::from_secs(60))]
    pub(super) async fn seen(out: u64, input: u64) -> u64 {
        unseen() + out + input
    }
}

#[rpc]
#[cfg(any())]
fn never(of: NoSuchType) {}

fn back<R: Rpc>(request: &R) -> Vec<R> {
    let codecs = [AnyCodec::Bincode, AnyCodec::Postcard];
    let forms = [Form::Compact, Form::Framed];
    let ways = codecs.map(|codec| forms.map(|form| (codec, form)));
    let through = |(codec, form)| {
        let mut out = Out::with(codec, form);
        request.put(&mut out).unwrap();
        let bytes = out.into_bytes();
        let mut input = In::with(codec, &bytes, form);
        let back = R::take(&mut input).unwrap();
        input.finish().unwrap();
        back
    };
    ways.into_iter().flatten().map(through).collect()
}

#[ambit::test]
async fn a_request_runs_here() {
    assert_eq!(area(2.0, 3.0).run().await, 6.0);
    assert_eq!(halves(8).run().await, Ok(4));
    assert_eq!(halves(7).run().await, Err("7 is odd".into()));
    nothing().run().await;
    assert_eq!(sum(vec![1, 2, 3]).run().await, 6);
    assert_eq!(countdown(3).run().await, [3, 2, 1, 0]);
    assert_eq!(inside::seen(1, 2).run().await, 10);
}

#[ambit::test]
async fn a_request_runs_where_it_arrives() {
    for request in back(&area(2.0, 3.0)) {
        assert_eq!(request.run().await, 6.0);
    }
    for request in back(&halves(7)) {
        assert_eq!(request.run().await, Err("7 is odd".into()));
    }
    for request in back(&nothing()) {
        request.run().await;
    }
    for request in back(&inside::seen(1, 2)) {
        assert_eq!(request.run().await, 10);
    }
}

#[test]
fn a_function_has_a_name_and_a_time() {
    assert_eq!(
        (area::NAME, area::TIMEOUT),
        ("area", Duration::from_secs(5))
    );
    let quarter = Duration::from_millis(250);
    assert_eq!((halves::NAME, halves::TIMEOUT), ("geo.halves", quarter));
    assert_eq!(inside::seen::TIMEOUT, Duration::from_secs(60));
}

#[test]
fn a_function_has_a_schema() {
    fn shown<R: Rpc>() -> String {
        let method = R::method(&mut Types::default());
        let args = method.args.iter();
        let args: Vec<_> = args
            .map(|arg| format!("{}: {}", arg.name, arg.shape))
            .collect();
        format!(
            "{}({}) -> {}",
            method.name,
            args.join(", "),
            method.reply.unwrap()
        )
    }
    assert_eq!(shown::<area>(), "area(w: f64, h: f64) -> f64");
    assert_eq!(
        shown::<halves>(),
        "geo.halves(type: u64) -> result<u64, string>"
    );
    assert_eq!(shown::<nothing>(), "nothing() -> unit");
    let mut types = Types::default();
    assert_eq!(area::shape(&mut types).to_string(), "area");
}
