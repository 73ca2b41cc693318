//! What the page "Tables" says, as tests.

// ANCHOR: imports
use std::error::Error;

use ambit::prelude::*;
use ambit::table::{Access, OrderedTable, Table, TableError, TableTransfer};
use ambit::test::{await_restart, crash, settle, start_supervised};
// ANCHOR_END: imports

// ANCHOR: operations
#[ambit::test]
async fn each_operation_is_atomic() -> Result<(), Box<dyn Error>> {
    let stock: Table<String, u32> = Table::new();
    stock.insert("tea".into(), 5)?;
    assert_eq!(stock.insert_new("tea".into(), 9)?, Some(9), "handed back");
    assert_eq!(stock.add("rum".into(), 2)?, 2);

    let sold = stock.update("tea", |left| {
        let sold = 3.min(*left);
        *left -= sold;
        sold
    })?;
    assert_eq!(sold, Some(3));
    assert_eq!(stock.entries()?, [("tea".into(), 2), ("rum".into(), 2)]);
    Ok(())
}
// ANCHOR_END: operations

// ANCHOR: ordered
#[ambit::test]
async fn an_ordered_table_has_ranges() -> Result<(), Box<dyn Error>> {
    let readings: OrderedTable<u64, i32> = Table::ordered();
    readings.insert_all([(1000, 7), (1060, 8), (1120, 6)])?;
    assert_eq!(readings.range(1060..)?, [(1060, 8), (1120, 6)]);
    assert_eq!(readings.last()?, Some((1120, 6)));
    assert_eq!(readings.prev(&1060)?, Some((1000, 7)));
    Ok(())
}
// ANCHOR_END: ordered

// ANCHOR: nested
#[ambit::test]
async fn a_closure_cannot_use_a_table() -> Result<(), Box<dyn Error>> {
    let stock: Table<String, u32> = Table::new();
    stock.insert("tea".into(), 5)?;
    let nested = stock.update("tea", |_| stock.len());
    assert_eq!(nested, Ok(Some(Err(TableError::Nested))));
    Ok(())
}
// ANCHOR_END: nested

// ANCHOR: survives
struct Cart {
    items: Table<String, u32>,
}

#[gen_server]
impl Cart {
    #[init]
    fn new() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let items = match Table::named("cart") {
            Ok(left_behind) => left_behind,
            Err(_) => Table::builder().name("cart").survives().create()?,
        };
        items.claim()?;
        Ok(Self { items })
    }

    #[call]
    fn add(&mut self, item: String) -> Result<u32, TableError> {
        self.items.add(item, 1)
    }
}

#[ambit::test]
async fn a_table_survives_a_restart() {
    let cart = start_supervised(Cart::child_spec()).await;
    assert_eq!(cart.add("tea".into()).await, Ok(Ok(1)));
    let before = cart.pid();
    crash(&cart).await;
    await_restart(&cart, before).await;
    assert_eq!(cart.add("tea".into()).await, Ok(Ok(2)));
}
// ANCHOR_END: survives

// ANCHOR: heir
struct Archive {
    logs: Vec<Table<u64, String>>,
}

#[gen_server]
impl Archive {
    #[init]
    fn new() -> Self {
        Self { logs: Vec::new() }
    }

    #[info]
    fn inherit(&mut self, given: TableTransfer<u64, String>) {
        self.logs.push(given.table);
    }

    #[call]
    fn lines(&self) -> Result<usize, TableError> {
        let lines: Result<Vec<_>, _> = self.logs.iter().map(Table::len).collect();
        Ok(lines?.into_iter().sum())
    }
}

#[ambit::test]
async fn an_heir_gets_the_table_of_an_ended_process() -> Result<(), Box<dyn Error>> {
    let archive = Archive::start().await?;
    let heir = archive.recipient::<TableTransfer<u64, String>>();
    let session = ambit::spawn(|_: Inbox<()>| async move {
        let log = Table::builder()
            .heir(&heir)
            .create()
            .expect("it has no name");
        log.insert(1, "hello".into()).expect("it is its own");
        panic!("the session fails");
    });
    ambit::test::expect_crash(&session);
    session.closed().await;
    settle().await;
    assert_eq!(archive.lines().await?, Ok(1));
    Ok(())
}
// ANCHOR_END: heir

// ANCHOR: public
#[ambit::test]
async fn any_process_writes_to_a_public_table() -> Result<(), Box<dyn Error>> {
    let hits: Table<&str, u64> = Table::builder().access(Access::Public).create()?;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let hits = hits.clone();
        tasks.spawn(async move { hits.add("/", 1) });
    }
    while let Some(added) = tasks.join_next().await {
        added??;
    }
    assert_eq!(hits.get("/")?, Some(100));
    Ok(())
}
// ANCHOR_END: public
