//! What the chapters on the macros say, as tests.

use std::collections::HashMap;
use std::error::Error;
use std::hash::Hash;
use std::io;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::settle;

// ANCHOR: generic
/// Remembers values.
struct Cache<K, V> {
    entries: HashMap<K, V>,
}

#[gen_server(mailbox = 256, overflow = reject)]
impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    #[init]
    fn new() -> Self {
        Self {
            entries: HashMap::new(),
        }
    }

    /// What is remembered under the key.
    #[call(timeout = Duration::from_secs(1))]
    fn get(&self, key: K) -> Option<V> {
        self.entries.get(&key).cloned()
    }

    #[cast]
    fn put(&mut self, key: K, value: V) {
        self.entries.insert(key, value);
    }
}

#[ambit::test]
async fn the_parameters_of_the_block_are_those_of_the_handle() -> Result<(), Box<dyn Error>> {
    let cache: CacheSubject<String, u64> = Cache::start().await?;
    cache.put("one".into(), 1).await?;
    assert_eq!(cache.get("one".into()).await?, Some(1));
    Ok(())
}
// ANCHOR_END: generic

// ANCHOR: attributes
struct Meter {
    value: u64,
}

#[gen_server(vis = pub(self))]
impl Meter {
    /// The last value.
    #[must_use = "reading changes nothing"]
    #[call]
    fn value(&self) -> u64 {
        self.value
    }

    /// Only in programs for tests.
    #[cfg(test)]
    #[cast]
    fn set(&mut self, value: u64) {
        self.value = value;
    }

    /// No message: callers in this process only.
    fn is_zero(&self) -> bool {
        self.value == 0
    }
}
// ANCHOR_END: attributes

// ANCHOR: values
#[ambit::test]
async fn a_message_is_a_value() -> Result<(), Box<dyn Error>> {
    let meter = Meter { value: 0 }.start().await?;
    let message = MeterCast::Set { value: 7 };
    assert_eq!(format!("{message:?}"), "Set { value: 7 }");
    meter.send(message).await?;
    assert_eq!(meter.value().await?, 7);
    Ok(())
}
// ANCHOR_END: values

#[test]
fn a_method_without_a_role_is_a_method() {
    assert!(Meter { value: 0 }.is_zero());
}

// ANCHOR: supervisor
/// Reads lines into a cache, and is done.
struct Import {
    lines: Vec<String>,
}

#[supervisor(strategy = RestForOne, restarts = 5, within = Duration::from_secs(10), auto_shutdown = Any)]
impl Import {
    /// Where the lines go.
    #[child]
    fn lines(&self) -> ChildSpec<Cache<usize, String>> {
        Cache::child_spec()
    }

    /// Reads them. Its end is the end of the import.
    #[child(restart = Transient, significant = true, shutdown = Brutal)]
    fn reader(&self, import: &ImportSubject) -> Result<ChildSpec<Task>, io::Error> {
        if self.lines.is_empty() {
            return Err(io::Error::other("there is nothing to read"));
        }
        let (lines, cache) = (self.lines.clone(), import.lines());
        Ok(ChildSpec::task("reader", move || {
            read(lines.clone(), cache.clone())
        }))
    }
}

async fn read(lines: Vec<String>, cache: CacheSubject<usize, String>) {
    for (number, line) in lines.into_iter().enumerate() {
        cache.put(number, line).await.ok();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
}
// ANCHOR_END: supervisor

// ANCHOR: supervised
#[ambit::test]
async fn an_import_is_done_when_its_reader_is() -> Result<(), Box<dyn Error>> {
    let lines = vec!["first".to_owned(), "second".to_owned()];
    let import = Import { lines }.start().await?;
    let cache: CacheSubject<usize, String> = import.lines();
    settle().await;
    assert_eq!(cache.get(1).await?, Some("second".into()));
    assert!(import.closed().await.is_clean());
    assert!(Import { lines: Vec::new() }.start().await.is_err());
    Ok(())
}
// ANCHOR_END: supervised

// ANCHOR: message
#[derive(Debug, PartialEq, Message)]
enum Order {
    Coffee { sugar: bool },
    Tea,
}

/// A parameter must be `Send`, as what is sent in it.
#[derive(Message)]
struct Labelled<T> {
    label: &'static str,
    content: T,
}

#[ambit::test]
async fn a_plain_process_receives_messages() -> Result<(), Box<dyn Error>> {
    let bar = ambit::spawn(|mut inbox: Inbox<Labelled<Order>>| async move {
        let first = inbox.recv().await.expect("somebody sends");
        assert_eq!((first.label, first.content), ("table 3", Order::Tea));
    });
    bar.send(Labelled {
        label: "table 3",
        content: Order::Tea,
    })
    .await?;
    assert!(bar.closed().await.is_clean());
    assert_ne!(Order::Tea, Order::Coffee { sugar: true });
    Ok(())
}
// ANCHOR_END: message

// ANCHOR: named
#[derive(Debug, PartialEq, Message)]
#[message(name = "bar.sold", version = 2)]
enum Sold {
    Coffee {
        sugar: bool,
        /// Came later: who does not know it means one.
        #[message(default = 1)]
        cups: u8,
    },
    #[message(tag = "tea")]
    Infusion(Option<String>),
    #[message(since = 2)]
    Cake,
}
// ANCHOR_END: named

// ANCHOR: foreign
/// Two colours, as a crate that knows only serde has them.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Ink {
    Black,
    Mixed(u8, u8, u8),
}

#[ambit::wire(name = "ink.Ink", version = 1)]
#[derive(Debug, PartialEq)]
struct Wrapped(Ink);

#[derive(Debug, PartialEq, Message)]
#[message(name = "bar.menu")]
struct Menu {
    ink: Wrapped,
    lines: Vec<String>,
}
// ANCHOR_END: foreign

// ANCHOR: travels
#[test]
fn a_named_message_round_trips_through_bytes() -> Result<(), Box<dyn Error>> {
    use ambit::message::{Form, decode, encode};
    use ambit_dist::Bincode;

    let bytes = encode::<Bincode, _>(&Sold::Infusion(None), Form::Compact)?;
    let sold: Sold = decode::<Bincode, _>(&bytes, Form::Compact)?;
    assert_eq!(sold, Sold::Infusion(None));

    let menu = Menu {
        ink: Ink::Mixed(120, 60, 0).into(),
        lines: vec!["Tea".to_owned()],
    };
    let bytes = encode::<Bincode, _>(&menu, Form::Framed)?;
    assert_eq!(decode::<Bincode, Menu>(&bytes, Form::Framed)?, menu);
    Ok(())
}
// ANCHOR_END: travels

#[test]
fn the_rest_of_the_bar_travels_too() -> Result<(), Box<dyn Error>> {
    use ambit::message::{Form, decode, encode};
    use ambit_dist::Postcard;

    let sugar = true;
    for sold in [Sold::Coffee { sugar, cups: 2 }, Sold::Cake] {
        let bytes = encode::<Postcard, _>(&sold, Form::Framed)?;
        assert_eq!(decode::<Postcard, Sold>(&bytes, Form::Framed)?, sold);
    }
    assert_ne!(Wrapped(Ink::Black), Ink::Mixed(0, 0, 0).into());
    Ok(())
}

// ANCHOR: inbox
#[ambit::test]
async fn a_test_is_a_process(mut inbox: Inbox<Order>) -> Result<(), Box<dyn Error>> {
    let me = inbox.subject();
    ambit::spawn(move |_: Inbox<()>| async move {
        me.send(Order::Coffee { sugar: false }).await.ok();
    });
    assert_eq!(inbox.recv().await, Some(Order::Coffee { sugar: false }));
    Ok(())
}
// ANCHOR_END: inbox

// ANCHOR: clocks
#[ambit::test]
async fn an_hour_takes_no_time() {
    tokio::time::sleep(Duration::from_secs(3600)).await;
}

#[ambit::test(real_time)]
async fn a_millisecond_is_one() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4, seed = 7)]
async fn several_threads_and_a_seed() {
    assert_eq!(ambit::test::seed(), 7);
}
// ANCHOR_END: clocks
