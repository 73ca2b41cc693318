//! Measures encoding and decoding of messages, in the compact form and through serde alone: `just bench-wire`.
//!
//! All rows are measured in turns, round by round, so that a slow moment of the machine affects all of them; the table
//! shows the medians.

#![allow(missing_docs, clippy::disallowed_methods, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use ambit::message::{
    Budget, Codec, DecodeError, EncodeError, Form, In, Out, Schema, Shape, Types, Wire, tag,
};
use ambit_dist::{Bincode, Postcard};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const ROUNDS: usize = 21;
const BATCH: Duration = Duration::from_millis(2);

#[derive(Clone, Serialize, Deserialize)]
enum Small {
    Set { key: u64, value: u64, name: String },
    Clear,
}

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    id: u64,
    name: String,
    mail: String,
}

// What the derive generates for them, as far as it costs time.

impl Schema for Small {
    fn shape(_: &mut Types) -> Shape {
        Shape::Named("bench.small".to_owned())
    }
}

impl Wire for Small {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        match self {
            Self::Set { key, value, name } => {
                out.raw(&const { tag("set") }.to_le_bytes())?;
                out.record(3)?;
                out.field(const { tag("key") }, key)?;
                out.field(const { tag("value") }, value)?;
                out.field(const { tag("name") }, name)
            }
            Self::Clear => {
                out.raw(&const { tag("clear") }.to_le_bytes())?;
                out.record(0)
            }
        }
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        const SET: u32 = tag("set");
        const CLEAR: u32 = tag("clear");
        let found = input.tag()?;
        let mut record = input.record()?;
        let value = match found {
            SET => Self::Set {
                key: record.field("key", const { tag("key") })?,
                value: record.field("value", const { tag("value") })?,
                name: record.field("name", const { tag("name") })?,
            },
            CLEAR => Self::Clear,
            tag => {
                return Err(DecodeError::UnknownTag {
                    of: "bench.small",
                    tag,
                });
            }
        };
        record.end();
        Ok(value)
    }
}

impl Schema for Row {
    fn shape(_: &mut Types) -> Shape {
        Shape::Named("bench.row".to_owned())
    }
}

impl Wire for Row {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.record(3)?;
        out.field(const { tag("id") }, &self.id)?;
        out.field(const { tag("name") }, &self.name)?;
        out.field(const { tag("mail") }, &self.mail)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let mut record = input.record()?;
        let row = Self {
            id: record.field("id", const { tag("id") })?,
            name: record.field("name", const { tag("name") })?,
            mail: record.field("mail", const { tag("mail") })?,
        };
        record.end();
        Ok(row)
    }
}

fn write<C: Codec, T: Wire>(value: &T, form: Form) -> Vec<u8> {
    let mut out = Out::<C>::new(form);
    value.put(&mut out).unwrap();
    out.into_bytes()
}

fn read<C: Codec, T: Wire>(bytes: &[u8], form: Form) -> T {
    let mut input = In::<C>::new(bytes, form);
    let value = T::take(&mut input).unwrap();
    input.finish().unwrap();
    value
}

fn guarded<C: Codec, T: DeserializeOwned>(mut bytes: &[u8]) -> T {
    let mut budget = Budget::for_bytes(bytes.len());
    C::default().take_any(&mut bytes, &mut budget).unwrap()
}

/// One way to encode and decode: its name, the number of bytes that it writes, and the two directions.
struct Way<'a> {
    name: &'static str,
    size: usize,
    write: Box<dyn Fn() + 'a>,
    read: Box<dyn Fn() + 'a>,
}

impl<'a> Way<'a> {
    fn new<T>(
        name: &'static str,
        write: impl Fn() -> Vec<u8> + 'a,
        read: impl Fn(&[u8]) -> T + 'a,
    ) -> Self {
        let bytes = write();
        Self {
            name,
            size: bytes.len(),
            write: Box::new(move || drop(black_box(write()))),
            read: Box::new(move || drop(black_box(read(black_box(&bytes))))),
        }
    }

    fn ours<C: Codec, T: Wire>(name: &'static str, value: &'a T, form: Form) -> Self {
        Self::new(
            name,
            move || write::<C, T>(black_box(value), form),
            move |bytes| read::<C, T>(bytes, form),
        )
    }
}

/// Returns serde with each codec, the same with our guard, and our own encoding.
fn ways<T: Wire + Serialize + DeserializeOwned>(value: &T) -> Vec<Way<'_>> {
    let plain = bincode::config::standard();
    let to_bincode = move || bincode::serde::encode_to_vec(black_box(value), plain).unwrap();
    let to_postcard = move || postcard::to_allocvec(black_box(value)).unwrap();
    let of_bincode = move |bytes: &[u8]| -> T {
        let (value, _) = bincode::serde::decode_from_slice(bytes, plain).unwrap();
        value
    };
    let of_postcard = |bytes: &[u8]| -> T { postcard::from_bytes(bytes).unwrap() };
    let guarded_bincode = guarded::<Bincode, T>;
    let guarded_postcard = guarded::<Postcard, T>;
    vec![
        Way::new("bincode, serde alone", to_bincode, of_bincode),
        Way::new("bincode, serde guarded", to_bincode, guarded_bincode),
        Way::ours::<Bincode, T>("bincode, compact", value, Form::Compact),
        Way::ours::<Bincode, T>("bincode, framed", value, Form::Framed),
        Way::new("postcard, serde alone", to_postcard, of_postcard),
        Way::new("postcard, serde guarded", to_postcard, guarded_postcard),
        Way::ours::<Postcard, T>("postcard, compact", value, Form::Compact),
        Way::ours::<Postcard, T>("postcard, framed", value, Form::Framed),
    ]
}

/// Returns how many runs of the job fit into a batch.
fn times(job: &dyn Fn()) -> u32 {
    let mut times = 1;
    loop {
        let began = Instant::now();
        (0..times).for_each(|_| job());
        if began.elapsed() > BATCH / 2 {
            return times;
        }
        times *= 2;
    }
}

fn nanos(job: &dyn Fn(), times: u32) -> f64 {
    let began = Instant::now();
    (0..times).for_each(|_| job());
    began.elapsed().as_secs_f64() * 1e9 / f64::from(times)
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Returns the medians of all jobs, measured in turns.
fn medians(jobs: &[&dyn Fn()]) -> Vec<f64> {
    let times: Vec<_> = jobs.iter().map(|job| times(*job)).collect();
    let mut seen = vec![Vec::new(); jobs.len()];
    for _ in 0..ROUNDS {
        for (at, job) in jobs.iter().enumerate() {
            seen[at].push(nanos(*job, times[at]));
        }
    }
    seen.into_iter().map(median).collect()
}

fn table<T: Wire + Serialize + DeserializeOwned>(title: &str, value: &T) {
    let ways = ways(value);
    let jobs: Vec<&dyn Fn()> = ways
        .iter()
        .flat_map(|way| [&*way.write, &*way.read])
        .collect();
    let took = medians(&jobs);
    println!(
        "\n| {title} | bytes | write, ns | ratio | read, ns | ratio |\n|---|---|---|---|---|---|"
    );
    for (at, way) in ways.iter().enumerate() {
        // There are four ways per codec, and the others are compared with the first one.
        let first = at / 4 * 4;
        let (write, read) = (took[2 * at], took[2 * at + 1]);
        println!(
            "| {} | {} | {write:.0} | {:.2} | {read:.0} | {:.2} |",
            way.name,
            way.size,
            write / took[2 * first],
            read / took[2 * first + 1],
        );
    }
}

fn main() {
    let set = Small::Set {
        key: 1_234_567_890_123,
        value: 42,
        name: "twelve chars".to_owned(),
    };
    table("small enum", &set);
    table("1 KiB of bytes", &vec![200_u8; 1024]);
    table("64 KiB of bytes", &vec![200_u8; 64 << 10]);
    table(
        "1,000 numbers",
        &(0..1000_u64).map(|at| at * at * at).collect::<Vec<_>>(),
    );
    let row = |at: u64| Row {
        id: at,
        name: format!("customer {at}"),
        mail: format!("{at}@example.org"),
    };
    table("64 rows", &(0..64).map(row).collect::<Vec<_>>());
    table("nothing but its tag", &Small::Clear);
}
