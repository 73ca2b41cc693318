//! Supervisors are found by name like servers.

use ambit::error::LookupError;
use ambit::pool::Pool;
use ambit::prelude::*;
use ambit::supervisor::{DynamicSupervisor, PartitionSupervisor};
use ambit::task::TaskSupervisor;
use ambit::test::settle;

#[derive(Clone)]
struct Worker;

#[gen_server]
impl Worker {
    #[call]
    fn ping(&self) -> u8 {
        7
    }
}

struct App;

#[supervisor]
impl App {
    #[child]
    fn worker(&self) -> ChildSpec<Worker> {
        Worker::child_spec(|| Worker)
    }
}

fn partitioned() -> ambit::server::Start<PartitionSupervisor<Worker>> {
    let spec = |_| Worker::child_spec(|| Worker);
    PartitionSupervisor::builder(spec).partitions(2).start()
}

#[ambit::test]
async fn each_kind_of_supervisor_is_found_by_its_type() {
    let tree = Supervisor::builder().start().name("tree").await.unwrap();
    assert_eq!(ambit::whereis::<Supervisor>("tree"), Ok(tree));
    let app: AppSubject = App.start().name("app").await.unwrap();
    assert_eq!(ambit::whereis::<App>("app"), Ok(app.clone()));
    assert_eq!(AppSubject::named("app").worker().ping().await, Ok(7));
    let workers = DynamicSupervisor::builder().start().name("workers").await;
    let found = ambit::whereis::<DynamicSupervisor>("workers");
    assert_eq!(found, Ok(workers.unwrap()));
    let tasks = TaskSupervisor::builder().start().name("tasks").await;
    let found = ambit::whereis::<TaskSupervisor>("tasks");
    assert_eq!(found, Ok(tasks.unwrap()));
    let named = TaskSupervisor::named("tasks");
    assert_eq!(named.count_children().await.unwrap().active, 0);
    let shards = partitioned().name("shards").await.unwrap();
    let found = ambit::whereis::<PartitionSupervisor<Worker>>("shards");
    assert_eq!(found, Ok(shards));
    let pool = Pool::builder(Worker::child_spec(|| Worker)).size(1).start();
    let pool = pool.name("pool").await.unwrap();
    assert_eq!(ambit::whereis::<Pool<Worker>>("pool"), Ok(pool));
    let agent = Agent::start(|| 7).name("agent").await.unwrap();
    assert_eq!(ambit::whereis::<Agent<i32>>("agent"), Ok(agent));
}

#[ambit::test]
async fn a_handle_of_a_supervisor_is_found_as_a_supervisor() {
    let app = App.start().name("app").await.unwrap();
    let shards = partitioned().name("shards").await.unwrap();
    let found = ambit::whereis::<Supervisor>("app").unwrap();
    assert_eq!(found.pid(), app.pid());
    let found = ambit::whereis::<Supervisor>("shards").unwrap();
    assert_eq!(found.pid(), shards.pid());
}

#[ambit::test]
async fn a_supervisor_of_another_kind_is_of_the_wrong_type() {
    let wrong = LookupError::WrongType;
    App.start().name("app").await.unwrap();
    assert_eq!(
        ambit::whereis::<DynamicSupervisor>("app"),
        Err(wrong.clone())
    );
    assert_eq!(ambit::whereis::<Worker>("app"), Err(wrong.clone()));
    let workers = DynamicSupervisor::builder().start().name("workers");
    workers.await.unwrap();
    assert_eq!(ambit::whereis::<Supervisor>("workers"), Err(wrong.clone()));
    assert_eq!(ambit::whereis::<App>("workers"), Err(wrong.clone()));
    assert_eq!(
        ambit::whereis::<TaskSupervisor>("workers"),
        Err(wrong.clone())
    );
    Worker.start().name("worker").await.unwrap();
    assert_eq!(ambit::whereis::<Supervisor>("worker"), Err(wrong));
    let none = ambit::whereis::<Supervisor>("nobody");
    assert_eq!(none, Err(LookupError::NotFound));
}

#[ambit::test]
async fn a_supervisor_can_be_waited_for() {
    let waiter = Task::spawn(async { ambit::wait_for::<App>("app").await });
    settle().await;
    // A process of another type takes the name first; the waiter keeps waiting.
    let other = DynamicSupervisor::builder()
        .start()
        .name("app")
        .await
        .unwrap();
    settle().await;
    other.stop().await.unwrap();
    let app = App.start().name("app").await.unwrap();
    assert_eq!(waiter.await.unwrap(), Ok(app));
}
