//! Tables: entries, ranges, owners.

use ambit::prelude::*;
use ambit::table::tables;
use ambit::table::{OrderedTable, Table, TableTransfer};

use super::{Order, end, turns};
use crate::case::{Case, case};
use crate::run::Run;

type Numbers = Table<usize, u64>;
type InOrder = OrderedTable<usize, u64>;

const WHOLE: &str = "it goes through the whole table";

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("tables/insert", 1_000, ["Table::insert", "Table::insert_new", "Table::insert_all", "Table::new"], insert),
        case!("tables/read", 1_000, ["Table::get", "Table::with", "Table::contains"], read),
        case!("tables/change", 1_000, ["Table::update", "Table::upsert", "Table::add"], change),
        case!("tables/remove in order", 1_000, ["Table::remove"], |run, n| remove(run, n, Order::Forward)),
        case!("tables/remove at random", 1_000, [], |run, n| remove(run, n, Order::Random)),
        case!("tables/ordered, insert and remove", 1_000, ["Table::ordered"], ordered),
        case!("tables/ordered, step by step", 1_000, ["Table::first", "Table::last", "Table::next", "Table::prev"], steps),
        case!("tables/ordered, short ranges", 1_000, ["Table::range"], ranges),
        case!("tables/create many", 1_000, ["Table::builder", "Table::ordered_builder", "TableBuilder::create", "TableBuilder::name", "Table::named", "Table::name"], create),
        case!("tables/give away", 1_000, ["Table::give_away", "Table::owner"], give_away),
        case!("tables/end many", 1_000, ["Table::end"], end_many),
        case!("tables/end of the owner of many", 500, [], |run, n| end_of_owner(run, n, After::Gone)),
        case!("tables/end of the owner of many, and claim", 500, ["TableBuilder::survives", "Table::claim"], |run, n| end_of_owner(run, n, After::Survives)),
        case!("tables/end of the owner of many, with an heir", 500, ["TableBuilder::heir"], |run, n| end_of_owner(run, n, After::Given)),
        case!("tables/owners of one table each end", 500, [], owners_end),
        case!("tables/all entries", 1_000, ["Table::entries", "Table::keys", "Table::len", "Table::is_empty", "Table::retain", "Table::clear"], whole).linear(WHOLE),
        case!("tables/all tables", 500, ["tables"], list).linear("the answer is the whole set"),
    ]
}

fn filled(n: usize) -> Numbers {
    let table = Numbers::new();
    let all = table.insert_all((0..n).map(|key| (key, 1)));
    all.expect("its owner writes");
    table
}

async fn insert(mut run: Run, n: usize) {
    let table = Numbers::new();
    run.begin().await;
    for key in 0..n {
        table.insert(key, 1).expect("its owner writes");
        table.insert_new(n + key, 1).expect("its owner writes");
    }
    let more = table.insert_all((0..n).map(|key| (2 * n + key, 1)));
    more.expect("its owner writes");
    run.end().await;
    assert_eq!(table.len(), Ok(3 * n));
}

async fn read(mut run: Run, n: usize) {
    let table = filled(n);
    run.begin().await;
    for key in Order::Random.of(n) {
        assert_eq!(table.get(&key), Ok(Some(1)));
        assert_eq!(table.with(&key, |value| *value), Ok(Some(1)));
        assert_eq!(table.contains(&key), Ok(true));
    }
    run.end().await;
}

async fn change(mut run: Run, n: usize) {
    let table = filled(n);
    run.begin().await;
    for key in Order::Random.of(n) {
        table
            .update(&key, |value| *value += 1)
            .expect("its owner writes");
        table
            .upsert(n + key, || 0, |value| *value += 1)
            .expect("its owner writes");
        table.add(key, 1).expect("its owner writes");
    }
    run.end().await;
}

async fn remove(mut run: Run, n: usize, order: Order) {
    let table = filled(n);
    run.begin().await;
    for key in order.of(n) {
        assert_eq!(table.remove(&key), Ok(Some(1)));
    }
    run.end().await;
}

async fn ordered(mut run: Run, n: usize) {
    let table = InOrder::ordered();
    run.begin().await;
    for key in Order::Random.of(n) {
        table.insert(key, 1).expect("its owner writes");
    }
    for key in 0..n {
        assert_eq!(table.remove(&key), Ok(Some(1)));
    }
    run.end().await;
}

fn filled_in_order(n: usize) -> InOrder {
    let table = InOrder::ordered();
    let all = table.insert_all((0..n).map(|key| (key, 1)));
    all.expect("its owner writes");
    table
}

async fn steps(mut run: Run, n: usize) {
    let table = filled_in_order(n);
    run.begin().await;
    for key in 0..n - 1 {
        assert_eq!(table.next(&key), Ok(Some((key + 1, 1))));
        assert_eq!(table.prev(&(key + 1)), Ok(Some((key, 1))));
        assert_eq!(table.first(), Ok(Some((0, 1))));
        assert_eq!(table.last(), Ok(Some((n - 1, 1))));
    }
    run.end().await;
}

async fn ranges(mut run: Run, n: usize) {
    let table = filled_in_order(n);
    run.begin().await;
    for key in 0..n - 4 {
        let range = table.range(key..key + 4).expect("all may read");
        assert_eq!(range.len(), 4);
    }
    run.end().await;
}

fn many(n: usize) -> Vec<Numbers> {
    let create = |index| {
        let table = Numbers::builder().name(format!("table {index}")).create();
        table.expect("the name is free")
    };
    (0..n).map(create).collect()
}

async fn create(mut run: Run, n: usize) {
    run.begin().await;
    let all = many(n);
    for table in &all {
        let name = table.name().expect("it has a name");
        Numbers::named(name).expect("it is there");
    }
    run.end().await;
    let in_order = InOrder::ordered_builder().create();
    in_order
        .expect("it needs no name")
        .end()
        .expect("its owner ends it");
}

/// The fate of a table when its owner ends.
#[derive(Clone, Copy, Debug)]
enum After {
    Gone,
    Survives,
    Given,
}

/// A server that receives tables.
struct Keeper {
    kept: Vec<Numbers>,
}

#[gen_server]
impl Keeper {
    #[init]
    fn init() -> Self {
        Self { kept: Vec::new() }
    }

    #[call]
    fn kept(&self) -> usize {
        self.kept.len()
    }

    /// Creates `n` tables, and returns them.
    #[call]
    fn create(&mut self, n: usize, after: After, heir: Option<Recipient<Given>>) -> Vec<Numbers> {
        let create = |index| {
            let name = format!("{} {index}", ambit::self_pid().expect("a process"));
            let builder = Numbers::builder().name(name);
            let builder = match (after, &heir) {
                (After::Survives, _) => builder.survives(),
                (_, Some(heir)) => builder.heir(heir),
                (_, None) => builder,
            };
            builder.create().expect("the name is free")
        };
        (0..n).map(create).collect()
    }

    #[info]
    fn on_table(&mut self, given: Given) {
        self.kept.push(given.table);
    }
}

type Given = TableTransfer<usize, u64, ambit::table::Hashed>;

async fn give_away(mut run: Run, n: usize) {
    let (all, keeper) = (many(n), Keeper::start().await.expect("it starts"));
    run.begin().await;
    for table in &all {
        table
            .give_away(&keeper.recipient())
            .expect("its owner gives it");
        turns(1).await;
        assert_eq!(table.owner(), keeper.pid());
    }
    assert_eq!(keeper.kept().await, Ok(n));
    run.end().await;
}

async fn end_many(mut run: Run, n: usize) {
    let all = many(n);
    run.begin().await;
    for index in Order::Random.of(n) {
        all[index].end().expect("its owner ends it");
    }
    run.end().await;
}

async fn end_of_owner(mut run: Run, n: usize, after: After) {
    let owner = Keeper::start().await.expect("it starts");
    let heir = Keeper::start().await.expect("it starts");
    let to = matches!(after, After::Given).then(|| heir.recipient());
    let all = owner.create(n, after, to).await.expect("it lives");
    run.begin().await;
    end(&owner).await;
    while matches!(after, After::Given) && heir.kept().await != Ok(n) {
        turns(1).await;
    }
    for table in all.iter().filter(|_| matches!(after, After::Survives)) {
        table.claim().expect("it survives its owner");
    }
    run.end().await;
}

async fn owners_end(mut run: Run, n: usize) {
    let mut all = Vec::new();
    for _ in 0..n {
        let owner = Keeper::start().await.expect("it starts");
        let created = owner.create(1, After::Gone, None);
        created.await.expect("it lives");
        all.push(owner);
    }
    run.begin().await;
    for index in Order::Random.of(n) {
        end(&all[index]).await;
    }
    run.end().await;
}

async fn whole(mut run: Run, n: usize) {
    let table = filled(n);
    run.begin().await;
    assert_eq!(table.entries().expect("all may read").len(), n);
    assert_eq!(table.keys().expect("all may read").len(), n);
    assert_eq!((table.len(), table.is_empty()), (Ok(n), Ok(false)));
    assert_eq!(table.retain(|key, _| key % 2 == 0), Ok(n / 2));
    table.clear().expect("its owner writes");
    run.end().await;
}

async fn list(mut run: Run, n: usize) {
    let all = many(n);
    run.begin().await;
    assert_eq!(tables().len(), n);
    run.end().await;
    drop(all);
}
