//! Handles inside of messages: those of the server's own type, and those inside of lists and structs.

use ambit::prelude::*;

use crate::two_nodes::pair::pair;

/// A handle with related data.
#[derive(Clone, Debug, Message)]
#[message(name = "test.friend")]
pub(crate) struct Friend {
    node: NodeSubject,
    since: u64,
}

/// Holds handles of its own type.
pub(crate) struct Node {
    name: String,
    friends: Vec<NodeSubject>,
}

#[gen_server(remote = "test.node")]
impl Node {
    #[init]
    fn new(name: String) -> Self {
        let friends = Vec::new();
        Self { name, friends }
    }

    #[call]
    fn name(&self) -> String {
        self.name.clone()
    }

    #[call]
    fn me(&self, ctx: &Context<Self>) -> NodeSubject {
        ctx.subject()
    }

    #[call]
    fn befriend(&mut self, other: NodeSubject) -> usize {
        self.friends.push(other);
        self.friends.len()
    }

    #[call]
    fn friends(&self) -> Vec<Friend> {
        let since = 7;
        let friend = |node: &NodeSubject| Friend {
            node: node.clone(),
            since,
        };
        self.friends.iter().map(friend).collect()
    }

    #[call]
    fn first(&self) -> Option<NodeSubject> {
        self.friends.first().cloned()
    }

    #[cast]
    fn meet(&mut self, all: Vec<NodeSubject>, last: Option<Friend>) {
        self.friends.extend(all);
        self.friends.extend(last.map(|last| last.node));
    }
}

#[ambit::test(real_time)]
async fn a_server_is_sent_handles_of_its_own_kind_and_answers_with_them() {
    let pair = pair().await;
    pair.far.expose::<Node>();
    let far = pair.near.on("far");
    let there = far.start::<Node>(("there".to_owned(),)).await.unwrap();
    let here = Node::start("here".to_owned()).await.unwrap();
    assert_eq!(there.me().await.unwrap(), there);
    assert_eq!(there.first().await, Ok(None));
    assert_eq!(there.befriend(here.clone()).await, Ok(1));
    let friend = Friend {
        node: here.clone(),
        since: 1,
    };
    there
        .meet(vec![there.clone(), here.clone()], Some(friend))
        .await
        .unwrap();
    let mut names = Vec::new();
    for friend in there.friends().await.unwrap() {
        names.push(friend.node.name().await.unwrap());
    }
    assert_eq!(names, ["here", "there", "here", "here"]);
    assert_eq!(there.first().await, Ok(Some(here)));
}

#[ambit::test(real_time)]
async fn a_handle_to_a_process_that_has_ended_arrives_at_its_node() {
    let pair = pair().await;
    pair.far.expose::<Node>();
    let far = pair.near.on("far");
    let there = far.start::<Node>(("there".to_owned(),)).await.unwrap();
    let here = Node::start("here".to_owned()).await.unwrap();
    assert_eq!(there.befriend(here.clone()).await, Ok(1));
    here.stop().await.unwrap();
    let friends = there.friends().await.unwrap();
    let friend = friends[0].node.clone();
    assert_eq!(friend, here);
    assert_eq!(friend.name().await, Err(CallError::NoProcess));
    assert_eq!(friend.closed().await, ExitReason::NoProcess);
    assert_eq!(friend.monitor().await.reason, ExitReason::NoProcess);
    assert_eq!(ambit::link(&friend), Ok(Err(ExitReason::NoProcess)));
    assert_eq!(there.befriend(friend).await, Ok(2));
    assert_eq!(
        there.first().await.unwrap().unwrap().name().await,
        Err(CallError::NoProcess)
    );
}

/// Replies through handles that it does not keep.
pub(crate) struct Echo;

#[gen_server(remote = "test.echo_to")]
impl Echo {
    #[init]
    fn new() -> Self {
        Self
    }

    #[cast]
    async fn echo(&mut self, to: Subject<u64>, number: u64) {
        to.send(number).await.ok();
    }
}

/// A burst of replies raises the credit window of their receiver. If the sender forgot the window with the last handle,
/// it would begin with the first one, while the receiver returns credits only once half of the raised window is used.
#[ambit::test(real_time)]
async fn replies_through_a_new_handle_each_time_do_not_stop_after_a_burst() {
    let pair = pair().await;
    pair.far.expose::<Echo>();
    let echo = pair.near.on("far").start::<Echo>(()).await.unwrap();
    let mut numbers = ambit::test::Probe::<u64>::new();
    for burst in [1_000, 1] {
        for _ in 0..1_000 / burst {
            for number in 0..burst {
                echo.echo(numbers.subject(), number).await.unwrap();
            }
            for number in 0..burst {
                assert_eq!(numbers.expect().await, number);
            }
        }
    }
}
