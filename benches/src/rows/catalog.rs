//! The rows, with the targets of ambit; a row without a target is for information.

use std::time::Duration;

use super::Id::{
    Actix as A, Ambit as Am, AmbitQueued as Aq, Erlang as E, Kameo as K, Ractor as Rc, Raw as R,
    Spawned as S, Xtra as X,
};
use super::Unit::{Bytes, Count, Microseconds, Milliseconds, Nanoseconds, Times};
use super::Work::{Erlang, Rust};
use super::{Figure, Must, Row, Size, counted, lives, messages, names, parallel, waiting};
#[cfg(feature = "rivals")]
use crate::peers::{Actix, Kameo, KameoBounded, Ractor, Spawned, Xtra, XtraBounded};
use crate::peers::{Ambit, AmbitQueued, Raw, RawBounded};

const fn fixed(full: u64, quick: u64) -> Size {
    Size::Fixed { full, quick }
}

pub(super) const fn figure(title: &'static str, unit: super::Unit) -> Figure {
    Figure {
        title,
        unit,
        must: None,
    }
}

const fn ratio(title: &'static str, must: f64) -> Figure {
    Figure {
        must: Some(Must::Ratio(must)),
        ..figure(title, Nanoseconds)
    }
}

/// The defaults of a row.
pub(super) const ROW: Row = Row {
    key: "",
    figures: &[],
    size: Size::Adapted,
    bimodal: false,
    warm: true,
    counted: false,
    at_least: Duration::ZERO,
    cells: &[],
};

/// The columns of a workload: `cells!(messages::call: R Raw, Am Ambit ..)`.
macro_rules! cells {
    ($module:ident :: $work:ident: $($id:ident $peer:ident),* $(; $erlang:literal)?) => {
        &[$(($id, cell!($id $module::$work::<$peer>)),)* $((E, Some(Erlang($erlang))),)?]
    };
}

macro_rules! cell {
    (R $($work:tt)*) => { Some(Rust($($work)*)) };
    (Am $($work:tt)*) => { Some(Rust($($work)*)) };
    (Aq $($work:tt)*) => { Some(Rust($($work)*)) };
    ($rival:ident $($work:tt)*) => { rival!($($work)*) };
}

#[cfg(feature = "rivals")]
macro_rules! rival {
    ($($work:tt)*) => { Some(Rust($($work)*)) };
}

#[cfg(not(feature = "rivals"))]
macro_rules! rival {
    ($($work:tt)*) => {
        None
    };
}

/// The rows that measure time.
pub(crate) static ROWS: &[Row] = &[
    Row {
        key: "call",
        figures: &[ratio("call, 1 caller", 0.50)],
        cells: cells!(messages::call: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "call"),
        ..ROW
    },
    Row {
        key: "call-busy",
        figures: &[ratio("call to a busy server: never inline", 1.05)],
        cells: cells!(messages::call: R Raw, Am AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "call"),
        ..ROW
    },
    Row {
        key: "call-64-1",
        figures: &[ratio("call, 64 callers → 1", 1.0)],
        cells: cells!(messages::call_many_to_one: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "call_many_to_one"),
        ..ROW
    },
    Row {
        key: "call-64-64",
        figures: &[ratio("call, 64 callers → 64", 0.60)],
        cells: cells!(messages::call_many_to_many: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "call_many_to_many"),
        ..ROW
    },
    Row {
        key: "cast",
        figures: &[ratio("cast, 1 → 1", 0.90)],
        bimodal: true,
        cells: cells!(messages::cast: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "cast"),
        ..ROW
    },
    Row {
        key: "cast-4-1",
        figures: &[ratio("cast, 4 → 1", 0.90)],
        bimodal: true,
        cells: cells!(messages::cast_many: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "cast_many"),
        ..ROW
    },
    Row {
        key: "cast-bounded",
        figures: &[ratio("cast, all bounded to 1024", 0.90)],
        bimodal: true,
        cells: cells!(messages::cast: R RawBounded, Am Ambit, Aq AmbitQueued, K KameoBounded, X XtraBounded),
        ..ROW
    },
    Row {
        key: "cast-bounded-4-1",
        figures: &[figure(
            "cast, 4 → 1, all bounded to 1024: senders wait",
            Nanoseconds,
        )],
        bimodal: true,
        cells: cells!(messages::cast_many: R RawBounded, Am Ambit, Aq AmbitQueued, K KameoBounded, X XtraBounded),
        ..ROW
    },
    Row {
        key: "ring",
        figures: &[ratio("ring of 1,000, per hop", 1.0)],
        cells: cells!(messages::ring: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "ring"),
        ..ROW
    },
    Row {
        key: "skynet",
        figures: &[ratio("skynet, per actor", 1.2)],
        size: fixed(100_000, 10_000),
        cells: cells!(lives::skynet: R Raw, Am Ambit, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "skynet"),
        ..ROW
    },
    Row {
        key: "start-stop",
        figures: &[ratio("start + init + stop, 200,000 alive", 0.65)],
        size: fixed(200_000, 20_000),
        warm: false,
        cells: cells!(lives::start_and_stop: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "start_and_stop"),
        ..ROW
    },
    Row {
        key: "look-up",
        figures: &[ratio("look up 1 of 1,000 names", 1.0)],
        cells: cells!(names::look_up: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, S Spawned; "look_up"),
        ..ROW
    },
    Row {
        key: "look-up-call",
        figures: &[ratio("look up + call", 0.7)],
        cells: cells!(names::look_up_and_call: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, S Spawned; "look_up_and_call"),
        ..ROW
    },
    Row {
        key: "via",
        figures: &[figure(
            "call through a handle that follows a key",
            Nanoseconds,
        )],
        cells: cells!(names::call_via: R Raw, Am Ambit, Aq AmbitQueued; "call_via"),
        ..ROW
    },
    Row {
        key: "restart",
        figures: &[ratio("panic → the replacement answers", 1.3)],
        cells: cells!(lives::restart: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor; "restart"),
        ..ROW
    },
    Row {
        key: "echo-1k",
        figures: &[figure("echo of a moved 1 KiB `Vec`", Nanoseconds)],
        cells: cells!(messages::echo_1_kib: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "echo_1_kib"),
        ..ROW
    },
    Row {
        key: "echo-64k",
        figures: &[ratio("echo of a moved 64 KiB `Vec`", 1.05)],
        cells: cells!(messages::echo_64_kib: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "echo_64_kib"),
        ..ROW
    },
    Row {
        key: "tail",
        figures: &[
            figure(
                "call while 4 casters keep a mailbox of 1024 full, p50",
                Microseconds,
            ),
            figure("call while a mailbox is full, p99", Microseconds),
            figure("call while a mailbox is full, p999", Microseconds),
        ],
        size: fixed(3_000, 300),
        cells: cells!(waiting::tail: R RawBounded, Am Ambit, Aq AmbitQueued, K KameoBounded, X XtraBounded),
        ..ROW
    },
    Row {
        key: "fan-out",
        figures: &[figure("one message to 10,000, per delivery", Nanoseconds)],
        cells: cells!(messages::fan_out: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "fan_out"),
        ..ROW
    },
    Row {
        key: "million",
        figures: &[
            figure(
                "1,000,000 idle servers: start and one call, each",
                Nanoseconds,
            ),
            figure("1,000,000 idle servers: resident bytes each", Bytes),
        ],
        size: fixed(1_000_000, 100_000),
        warm: false,
        cells: cells!(lives::many_idle: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "many_idle"),
        ..ROW
    },
    Row {
        key: "timers",
        figures: &[figure(
            "1,000,000 timers armed, then cancelled, each",
            Nanoseconds,
        )],
        size: fixed(1_000_000, 100_000),
        warm: false,
        cells: cells!(lives::timers: R Raw, Am Ambit, K Kameo, Rc Ractor, A Actix; "timers"),
        ..ROW
    },
    Row {
        key: "stream",
        figures: &[figure("call whose handler awaits a stream", Nanoseconds)],
        cells: cells!(waiting::stream: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned),
        ..ROW
    },
    Row {
        key: "join",
        figures: &[
            figure("`join_all` over 8 servers that compute 5 ms", Milliseconds),
            Figure {
                must: Some(Must::Value(1.7)),
                ..figure(
                    "`join_all` over 8: times faster than one after the other",
                    Times,
                )
            },
        ],
        size: fixed(10, 3),
        warm: false,
        cells: cells!(parallel::join: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned),
        ..ROW
    },
];

/// The rows that count, which a separate program runs.
pub(crate) static COUNTED: &[Row] = &[
    Row {
        key: "bytes",
        figures: &[Figure {
            must: Some(Must::Value(600.0)),
            ..figure("bytes per idle server", Bytes)
        }],
        size: fixed(250_000, 50_000),
        warm: false,
        counted: true,
        cells: cells!(counted::per_server: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned; "bytes"),
        ..ROW
    },
    Row {
        key: "allocations-cast",
        figures: &[Figure {
            must: Some(Must::Value(0.0)),
            ..figure("allocations per cast", Count)
        }],
        size: fixed(64_000, 6_400),
        warm: false,
        counted: true,
        cells: cells!(counted::per_cast: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned),
        ..ROW
    },
    Row {
        key: "allocations-call",
        figures: &[Figure {
            must: Some(Must::Value(0.0)),
            ..figure("allocations per call", Count)
        }],
        size: fixed(10_000, 1_000),
        warm: false,
        counted: true,
        cells: cells!(counted::per_call: R Raw, Am Ambit, Aq AmbitQueued, K Kameo, Rc Ractor, A Actix, X Xtra, S Spawned),
        ..ROW
    },
];
