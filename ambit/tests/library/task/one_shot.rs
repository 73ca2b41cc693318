//! Tasks that a supervisor runs once, and that return no value.

use std::future::pending;

use ambit::error::ChildError;
use ambit::task::TaskSupervisor;
use ambit::test::{expect_crash, settle};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

#[ambit::test(real_time)]
async fn a_socket_moves_into_a_supervised_task() {
    let connections = TaskSupervisor::builder().start().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (mut socket, _) = listener.accept().await.unwrap();
    let serve = async move { socket.write_all(b"hello").await };
    connections.start_task(serve).await.unwrap();
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "hello");
}

#[ambit::test]
async fn it_is_a_child_that_is_counted_limited_and_ends_with_its_supervisor() {
    let tasks = TaskSupervisor::builder()
        .max_children(1)
        .start()
        .await
        .unwrap();
    let (held, holds) = oneshot::channel::<()>();
    let task = tasks.start_task(async move {
        let _held = held;
        pending::<()>().await;
    });
    let task = task.await.unwrap();
    assert_eq!(tasks.children().await.unwrap(), [task.pid()]);
    let refused = tasks.start_task(async {}).await;
    assert_eq!(refused, Err(ChildError::MaxChildren));
    tasks.stop().await.unwrap();
    assert!(holds.await.is_err(), "its future was dropped");
    assert!(!task.is_alive());
}

#[ambit::test]
async fn its_failure_is_a_crash_and_no_restart() {
    let tasks = TaskSupervisor::builder().restarts(0, std::time::Duration::from_secs(1));
    let tasks = tasks.start().await.unwrap();
    let task = tasks.start_task(async {
        expect_crash(ambit::self_pid().unwrap());
        Err::<(), _>("no route to host")
    });
    task.await.unwrap();
    settle().await;
    assert_eq!(tasks.count_children().await.unwrap().specs, 0);
    assert!(tasks.is_alive(), "with no restart to spare");
}
