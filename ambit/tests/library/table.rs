//! Tables and their owners: access, names, heirs, and tables that survive a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ambit::error::LookupError;
use ambit::prelude::*;
use ambit::registry::Resolve;
use ambit::supervisor::Supervisor;
use ambit::table::{
    Access, CreateTableError, Finds, OrderedTable, Table, TableError, TableInfo, TableTransfer,
    tables,
};
use ambit::test::{Probe, settle};

type Scores = Table<String, u32>;
type Given = TableTransfer<String, u32>;

/// A process that owns a table and accesses it on request.
struct Keeper {
    table: Scores,
    given: Vec<Pid>,
}

#[gen_server]
impl Keeper {
    #[init]
    fn init(table: fn() -> Scores) -> Self {
        Self {
            table: table(),
            given: Vec::new(),
        }
    }
    #[call]
    fn table(&self) -> Scores {
        self.table.clone()
    }
    #[call]
    fn write(&mut self, key: String) -> Result<Option<u32>, TableError> {
        self.table.insert(key, 1)
    }
    #[call]
    fn read(&self, key: String) -> Result<Option<u32>, TableError> {
        self.table.get(&key)
    }
    #[call]
    fn claim(&mut self) -> Result<(), TableError> {
        self.table.claim()
    }
    #[call]
    fn use_table(&mut self, table: Scores) {
        self.table = table;
    }
    #[call]
    fn give_away(&mut self, to: Recipient<Given>) -> Result<(), TableError> {
        self.table.give_away(&to)
    }
    #[call]
    fn given(&self) -> Vec<Pid> {
        self.given.clone()
    }
    #[info]
    fn on_given(&mut self, given: Given) {
        self.given.push(given.from);
        self.table = given.table;
    }
    #[call]
    fn fail(&mut self) {
        panic!("as asked");
    }
}

async fn keeper(table: fn() -> Scores) -> KeeperSubject {
    Keeper::start(table).await.unwrap()
}

fn named(access: Access) -> Scores {
    Table::builder()
        .name("scores")
        .access(access)
        .create()
        .unwrap()
}

#[ambit::test]
async fn a_protected_table_is_read_by_all_and_written_by_its_owner() {
    let keeper = keeper(Table::new).await;
    assert_eq!(keeper.write("ada".into()).await, Ok(Ok(None)));
    let table = keeper.table().await.unwrap();
    assert_eq!(table.owner(), keeper.pid());
    assert_eq!(table.get("ada"), Ok(Some(1)));
    let refused = TableError::NotOwner {
        owner: keeper.pid(),
    };
    assert_eq!(table.insert("joe".into(), 1), Err(refused.clone()));
    assert_eq!(table.update("ada", |_| ()), Err(refused.clone()));
    assert_eq!(table.remove("ada"), Err(refused.clone()));
    assert_eq!(table.retain(|_, _| false), Err(refused.clone()));
    assert_eq!(table.clear(), Err(refused.clone()));
    assert_eq!(table.end(), Err(refused.clone()));
    assert_eq!(table.claim(), Err(refused));
    // A task is a different process from its spawner.
    let elsewhere = tokio::spawn(async move { (table.get("ada"), table.clear().is_err()) });
    assert_eq!(elsewhere.await.unwrap(), (Ok(Some(1)), true));
}

#[ambit::test]
async fn a_private_table_is_seen_by_its_owner_alone() {
    let keeper = keeper(|| named(Access::Private)).await;
    keeper.write("ada".into()).await.unwrap().unwrap();
    assert_eq!(keeper.read("ada".into()).await, Ok(Ok(Some(1))));
    let table = Scores::named("scores").unwrap();
    let refused = TableError::NotOwner {
        owner: keeper.pid(),
    };
    assert_eq!(table.get("ada"), Err(refused.clone()));
    assert_eq!(table.entries(), Err(refused.clone()));
    assert_eq!(table.len(), Err(refused));
}

#[ambit::test]
async fn a_public_table_is_everybodys() {
    let keeper = keeper(|| named(Access::Public)).await;
    let table = Scores::named("scores").unwrap();
    table.insert("joe".into(), 2).unwrap();
    assert_eq!(keeper.read("joe".into()).await, Ok(Ok(Some(2))));
}

#[ambit::test]
async fn a_table_is_dropped_before_the_exit_of_its_owner_is_observable() {
    let keeper = keeper(|| named(Access::Protected)).await;
    keeper.write("ada".into()).await.unwrap().unwrap();
    let table = keeper.table().await.unwrap();
    let mut probe: Probe<u8> = Probe::new();
    probe.monitor(&keeper);
    ambit::test::expect_crash(&keeper);
    keeper.fail().await.unwrap_err();
    probe.expect_down().await;
    assert_eq!(table.get("ada"), Err(TableError::Gone));
    assert_eq!(table.insert("ada".into(), 1), Err(TableError::Gone));
    assert_eq!(table.claim(), Err(TableError::Gone));
    assert_eq!(Scores::named("scores"), Err(LookupError::NotFound));
    named(Access::Protected);
}

#[ambit::test]
async fn a_name_has_one_table_of_one_type() {
    let table = named(Access::Protected);
    let again = Scores::builder().name("scores").create();
    let owner = ambit::self_pid().unwrap();
    assert_eq!(again.unwrap_err(), CreateTableError::NameTaken { owner });
    assert_eq!(Scores::named("scores"), Ok(table.clone()));
    assert_eq!(table.name(), Some("scores"));
    let other = OrderedTable::<String, u32>::named("scores");
    assert_eq!(other, Err(LookupError::WrongType));
    assert_eq!(
        Table::<u8, u8>::named("nothing"),
        Err(LookupError::NotFound)
    );
    let nameless = Scores::builder().name("").create();
    assert_eq!(nameless.unwrap_err(), CreateTableError::InvalidName);
    // The rejected creation left no trace.
    assert_eq!(tables().len(), 1);
    table.end().unwrap();
    assert_eq!(table.end(), Err(TableError::Gone));
    named(Access::Public);
}

#[ambit::test]
async fn a_table_made_outside_a_process_is_everybodys_until_it_is_claimed() {
    let outside = tokio::spawn(async {
        let private = Scores::builder().access(Access::Private).create();
        assert_eq!(private.unwrap_err(), CreateTableError::NotAProcess);
        let table = Scores::builder().name("scores").create().unwrap();
        assert_eq!(table.claim(), Err(TableError::NoProcess));
        table.insert("ada".into(), 1).unwrap();
        table.owner()
    });
    assert_eq!(outside.await.unwrap(), Pid::NOBODY);
    let table = Scores::named("scores").unwrap();
    table.claim().unwrap();
    assert_eq!(table.owner(), ambit::self_pid().unwrap());
    table.claim().unwrap();
}

#[test]
fn without_a_runtime_a_table_has_no_name() {
    let named = Scores::builder().name("scores").create();
    assert_eq!(named.unwrap_err(), CreateTableError::NoRuntime);
    assert_eq!(Scores::named("scores"), Err(LookupError::NotFound));
    let table = Scores::builder().create().unwrap();
    assert_eq!(table.add("ada".into(), 2), Ok(2));
    assert!(tables().is_empty());
}

#[ambit::test]
async fn an_heir_receives_the_table_and_a_notification() {
    let heir = keeper(Table::new).await;
    let recipient = heir.recipient::<Given>();
    let owner = ambit::spawn(move |mut inbox: Inbox<Recipient<Scores>>| async move {
        let table = Table::builder()
            .name("scores")
            .heir(&recipient)
            .create()
            .unwrap();
        table.insert("ada".into(), 3).unwrap();
        inbox.recv().await.unwrap().send(table).await.unwrap();
    });
    let mut probe = Probe::new();
    probe.monitor(&owner);
    owner.send(probe.recipient()).await.unwrap();
    let table: Scores = probe.expect().await;
    probe.expect_down().await;
    assert_eq!(table.owner(), heir.pid());
    assert_eq!(heir.given().await.unwrap(), [owner.pid()]);
    assert_eq!(heir.read("ada".into()).await, Ok(Ok(Some(3))));
    assert_eq!(heir.write("joe".into()).await, Ok(Ok(None)));
    assert_eq!(Scores::named("scores"), Ok(table.clone()));
    // The heir set no heir of its own.
    heir.stop().await.unwrap();
    assert_eq!(table.get("ada"), Err(TableError::Gone));
}

#[ambit::test]
async fn a_stopped_heir_does_not_inherit_the_table() {
    let heir = keeper(Table::new).await;
    let table: Scores = Table::builder()
        .heir(&heir.recipient::<Given>())
        .create()
        .unwrap();
    let owner = keeper(Table::new).await;
    owner.use_table(table.clone()).await.unwrap();
    table.give_away(&owner.recipient::<Given>()).unwrap();
    heir.stop().await.unwrap();
    owner.stop().await.unwrap();
    assert_eq!(table.get("ada"), Err(TableError::Gone));
}

#[ambit::test]
async fn a_table_is_given_away_by_its_owner_only() {
    let (one, other) = (keeper(Table::new).await, keeper(Table::new).await);
    one.write("ada".into()).await.unwrap().unwrap();
    let table = one.table().await.unwrap();
    let refused = TableError::NotOwner { owner: one.pid() };
    assert_eq!(table.give_away(&other.recipient::<Given>()), Err(refused));
    assert_eq!(one.give_away(other.recipient::<Given>()).await, Ok(Ok(())));
    assert_eq!(other.given().await.unwrap(), [one.pid()]);
    assert_eq!(table.owner(), other.pid());
    // The previous owner may end.
    one.stop().await.unwrap();
    assert_eq!(other.read("ada".into()).await, Ok(Ok(Some(1))));
    // Ownership can move any number of times.
    let third = keeper(Table::new).await;
    for _ in 0..10 {
        other
            .give_away(third.recipient::<Given>())
            .await
            .unwrap()
            .unwrap();
        third.given().await.unwrap();
        third
            .give_away(other.recipient::<Given>())
            .await
            .unwrap()
            .unwrap();
        other.given().await.unwrap();
    }
    third.stop().await.unwrap();
    assert_eq!(
        other.give_away(third.recipient::<Given>()).await,
        Ok(Err(TableError::NoProcess))
    );
    assert_eq!(table.owner(), other.pid());
    other.stop().await.unwrap();
    assert_eq!(table.len(), Err(TableError::Gone));
}

#[ambit::test]
async fn a_surviving_table_is_claimed_by_the_next_incarnation_of_its_server() {
    fn found_or_made() -> Scores {
        let found = Scores::named("scores").inspect(|table| table.claim().unwrap());
        found.unwrap_or_else(|_| {
            let made = Table::builder().name("scores").survives().create();
            made.unwrap()
        })
    }
    let supervisor = Supervisor::builder().start().await.unwrap();
    let spec = Keeper::child_spec(found_or_made as fn() -> Scores);
    let keeper = supervisor.start_child(spec).await.unwrap();
    keeper.write("ada".into()).await.unwrap().unwrap();
    let (before, table) = (keeper.pid(), keeper.table().await.unwrap());
    ambit::test::crash(&keeper).await;
    ambit::test::await_restart(&keeper, before).await;
    assert_eq!(keeper.read("ada".into()).await, Ok(Ok(Some(1))));
    assert_eq!(keeper.write("joe".into()).await, Ok(Ok(None)));
    // While the server is down, every process can read, and none can write.
    supervisor.terminate_child("Keeper").await.unwrap();
    assert_eq!(table.owner(), Pid::NOBODY);
    assert_eq!(table.len(), Ok(2));
    let refused = TableError::NotOwner { owner: Pid::NOBODY };
    assert_eq!(table.insert("eve".into(), 1), Err(refused));
    supervisor.restart_child("Keeper").await.unwrap();
    assert_eq!(table.owner(), keeper.pid());
}

#[ambit::test]
async fn all_tables_are_listed() {
    let made: OrderedTable<u64, String> = Table::ordered_builder().name("log").create().unwrap();
    made.insert(1, "one".into()).unwrap();
    let unnamed: Scores = Table::builder().access(Access::Public).create().unwrap();
    let all = tables();
    let figures = |info: &TableInfo| (info.name.clone(), info.entries, info.access);
    let found: Vec<_> = all.iter().map(figures).collect();
    assert_eq!(
        found,
        [
            (Some("log".into()), 1, Access::Protected),
            (None, 0, Access::Public)
        ]
    );
    assert_eq!((all[0].key_type, all[0].owner), ("u64", made.owner()));
    drop(unnamed);
    assert_eq!(tables().len(), 1);
}

/// Counts its drops, and panics in its drop if configured.
struct Dropped(Arc<AtomicUsize>, bool);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        assert!(!self.1, "a drop that fails");
    }
}

#[ambit::test]
async fn table_contents_are_dropped_once_even_if_a_drop_panics() {
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = drops.clone();
    let owner = ambit::spawn(move |_: Inbox<u8>| async move {
        let table = Table::builder().name("drops").create().unwrap();
        for n in 0..10u8 {
            table.insert(n, Dropped(counted.clone(), n == 5)).unwrap();
        }
    });
    let reason = owner.closed().await;
    assert_eq!(reason, ExitReason::Normal, "its end is not the content's");
    assert_eq!(drops.load(Ordering::Relaxed), 10);
}

/// Drops contents in every way that drops several values at once.
fn several_are_dropped<L>(table: Table<u8, Dropped, L>, drops: &Arc<AtomicUsize>)
where
    L: Finds<u8, u8>,
{
    let before = drops.load(Ordering::Relaxed);
    let pairs = || [1, 1, 2, 3].map(|key| (key, Dropped(drops.clone(), true)));
    table.insert_all(pairs()).unwrap();
    table.insert_all(pairs()).unwrap();
    assert_eq!(drops.load(Ordering::Relaxed) - before, 5, "replaced");
    table.clear().unwrap();
    assert_eq!(drops.load(Ordering::Relaxed) - before, 8, "cleared");
    table.insert_all(pairs()).unwrap();
    drop(table);
    assert_eq!(
        drops.load(Ordering::Relaxed) - before,
        12,
        "the last handle"
    );
}

#[ambit::test]
async fn several_drops_that_panic_do_not_interrupt_the_user_of_a_table() {
    let drops = Arc::new(AtomicUsize::new(0));
    several_are_dropped(Table::new(), &drops);
    several_are_dropped(Table::ordered(), &drops);
}

#[ambit::test(flavor = "multi_thread")]
async fn writers_and_readers_of_one_key_lose_nothing() {
    for round in 0..50u32 {
        let table: Table<u32, u64> = Table::builder().access(Access::Public).create().unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for who in 0..4u32 {
            let table = table.clone();
            tasks.spawn(async move {
                let mut taken = 0;
                for n in 0..200u32 {
                    table.add(n % 3, 1).unwrap();
                    if (n + who + round).is_multiple_of(7) {
                        taken += table.remove(&(n % 3)).unwrap().unwrap_or(0);
                    }
                    table.get(&(n % 3)).unwrap();
                }
                taken
            });
        }
        let mut sum = 0;
        while let Some(taken) = tasks.join_next().await {
            sum += taken.unwrap();
        }
        let left: u64 = table.entries().unwrap().iter().map(|(_, n)| n).sum();
        assert_eq!(sum + left, 800, "round {round}");
    }
}

#[ambit::test(flavor = "multi_thread")]
async fn pairs_that_are_written_together_are_seen_together() {
    let table: OrderedTable<u8, u64> = Table::ordered_builder()
        .access(Access::Public)
        .create()
        .unwrap();
    table.insert_all([(1, 0), (2, 0)]).unwrap();
    let writer = table.clone();
    let writing = tokio::spawn(async move {
        for n in 1..2000 {
            writer.insert_all([(1, n), (2, n)]).unwrap();
        }
    });
    let mut last = 0;
    while !writing.is_finished() {
        let one = table.get(&1).unwrap().unwrap();
        let two = table.get(&2).unwrap().unwrap();
        assert!(two >= one && one >= last, "{last}, {one}, {two}");
        last = one;
        tokio::task::yield_now().await;
    }
    writing.await.unwrap();
}

#[ambit::test(flavor = "multi_thread")]
async fn an_owner_and_its_heir_that_end_together_leave_nothing() {
    for _ in 0..200 {
        let heir = keeper(Table::new).await;
        let table: Scores = Table::builder()
            .heir(&heir.recipient::<Given>())
            .create()
            .unwrap();
        let owner = keeper(Table::new).await;
        table.give_away(&owner.recipient::<Given>()).unwrap();
        let (one, two) = (owner.clone(), heir.clone());
        let ends = [
            tokio::spawn(async move { one.stop().await }),
            tokio::spawn(async move { two.stop().await }),
        ];
        for end in ends {
            end.await.unwrap().unwrap();
        }
        assert_eq!(table.len(), Err(TableError::Gone));
        assert_eq!(table.owner(), Pid::NOBODY);
    }
    settle().await;
    assert!(tables().is_empty(), "{:?}", tables());
}

/// Overwrites two keys on one thread, and looks at all entries on another.
fn overwritten_entries_are_listed<L>(
    table: &Table<u64, u64, L>,
    entries: impl Fn() -> Vec<(u64, u64)>,
) where
    L: Finds<u64, u64>,
{
    table.insert_all([(1, 0), (2, 0)]).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0.. {
                table.insert(1, round).unwrap();
                table.insert_all([(1, round), (2, round)]).unwrap();
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        let missing = (0..20_000).find(|_| entries().len() != 2);
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(missing, None);
    });
}

#[test]
fn a_key_that_is_overwritten_is_always_an_entry() {
    let hashed = Table::<u64, u64>::new();
    overwritten_entries_are_listed(&hashed, || hashed.entries().unwrap());
    let ordered = OrderedTable::<u64, u64>::ordered();
    overwritten_entries_are_listed(&ordered, || ordered.entries().unwrap());
    overwritten_entries_are_listed(&ordered, || ordered.range(..).unwrap());
}

#[test]
fn a_removed_value_is_counted_although_its_key_is_overwritten_meanwhile() {
    let table = Table::<u64, u64>::new();
    table.insert(1, 10).unwrap();
    let (looks, looked) = std::sync::mpsc::channel();
    let (overwritten, go_on) = std::sync::mpsc::channel();
    let removed = std::thread::scope(|scope| {
        let table = &table;
        let removes = scope.spawn(move || {
            table.retain(|_, _| {
                looks.send(()).unwrap();
                go_on.recv().is_err()
            })
        });
        looked.recv().unwrap();
        // It waits for the old value of 1, but both new values are in the table.
        let writes = scope.spawn(move || table.insert_all([(1, 20), (2, 20)]));
        while table.len() == Ok(1) {
            std::thread::yield_now();
        }
        overwritten.send(()).unwrap();
        assert_eq!(writes.join().unwrap(), Ok(()));
        removes.join().unwrap()
    });
    assert_eq!(removed, Ok(1));
    assert_eq!(table.entries(), Ok(vec![(1, 20), (2, 20)]));
}

#[ambit::test(flavor = "multi_thread")]
async fn a_missing_key_is_never_seen_with_the_value_before_its_change() {
    let table: Table<u8, Vec<u8>> = Table::builder().access(Access::Public).create().unwrap();
    let (writer, (begin, begun)) = (table.clone(), tokio::sync::oneshot::channel());
    let writing = tokio::spawn(async move {
        begun.await.unwrap();
        for _ in 0..20_000 {
            writer.upsert(1, Vec::new, |list| list.push(1)).unwrap();
            writer.remove(&1).unwrap();
        }
    });
    begin.send(()).unwrap();
    while !writing.is_finished() {
        for _ in 0..100 {
            assert_ne!(table.get(&1), Ok(Some(Vec::new())));
        }
        tokio::task::yield_now().await;
    }
    writing.await.unwrap();
}

/// A name that belongs to another process at each look-up.
#[derive(Clone)]
struct Changing(Arc<(AtomicUsize, [KeeperSubject; 2])>);

impl Resolve<Keeper> for Changing {
    type Key = u8;

    fn resolve(&self, _: &u8) -> Option<Subject<Keeper>> {
        let (looks, holders) = &*self.0;
        let look = looks.fetch_add(1, Ordering::Relaxed);
        Some(holders[look % 2].clone().into())
    }
}

#[ambit::test]
async fn the_new_owner_behind_a_name_is_the_process_that_is_informed() {
    for looks in 0..2 {
        let holders = [keeper(Table::new).await, keeper(Table::new).await];
        let name = Changing(Arc::new((AtomicUsize::new(looks), holders.clone())));
        let table: Scores = Table::builder().create().unwrap();
        let to = KeeperSubject::via(&name, 1u8).recipient::<Given>();
        table.give_away(&to).unwrap();
        for holder in &holders {
            let is_informed = !holder.given().await.unwrap().is_empty();
            assert_eq!(table.owner() == holder.pid(), is_informed);
        }
    }
}
