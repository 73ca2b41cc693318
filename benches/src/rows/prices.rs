//! The rows for ambit's optional parts.

use std::time::Duration;

use super::Id::{Off, On};
use super::Row;
use super::Unit::Nanoseconds;
use super::Work::Rust;
use super::catalog::{ROW, figure};
use super::messages;
use super::price::{Inspection, Patient, PatientQueued, Spans, Telemetry, With};
use crate::peers::{Ambit, AmbitQueued};

/// A row with and without a part of ambit.
macro_rules! price {
    ($key:literal, $title:literal, $work:ident, $off:ty, $on:ty $(, $field:ident: $value:expr)*) => {
        Row {
            key: $key,
            figures: &[figure($title, Nanoseconds)],
            cells: &[(Off, Some(Rust(messages::$work::<$off>))), (On, Some(Rust(messages::$work::<$on>)))],
            $($field: $value,)*
            ..ROW
        }
    };
}

/// Long enough for several rounds of introspection.
const WHILE: Duration = Duration::from_millis(200);

pub(crate) static PRICE: &[Row] = &[
    price!("price-spans-call", "spans, call", call, Ambit, With<Spans, Ambit>),
    price!("price-spans-queued", "spans, queued call", call, AmbitQueued, With<Spans, AmbitQueued>),
    price!("price-spans-cast", "spans, cast", cast, Ambit, With<Spans, Ambit>, bimodal: true),
    price!("price-telemetry-call", "telemetry, call", call, Ambit, With<Telemetry, Ambit>),
    price!("price-telemetry-queued", "telemetry, queued call", call, AmbitQueued, With<Telemetry, AmbitQueued>),
    price!("price-telemetry-cast", "telemetry, cast", cast, Ambit, With<Telemetry, Ambit>, bimodal: true),
    price!("price-inspection-call", "inspection, call", call, Ambit, With<Inspection, Ambit>, at_least: WHILE),
    price!("price-inspection-queued", "inspection, queued call", call, AmbitQueued, With<Inspection, AmbitQueued>, at_least: WHILE),
    price!("price-inspection-cast", "inspection, cast", cast, Ambit, With<Inspection, Ambit>, bimodal: true, at_least: WHILE),
    price!(
        "price-deadlines-call",
        "deadlines, call",
        call,
        Patient,
        Ambit
    ),
    price!(
        "price-deadlines-queued",
        "deadlines, queued call",
        call,
        PatientQueued,
        AmbitQueued
    ),
    price!("price-deadlines-cast", "deadlines, cast", cast, Patient, Ambit, bimodal: true),
];
