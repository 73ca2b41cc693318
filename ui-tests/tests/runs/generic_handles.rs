//! Generic servers that receive their own handle, without a `Send` bound on the parameter.

use ambit::prelude::*;

struct Peer<T> {
    next: Option<Process>,
    seen: Vec<T>,
}

#[gen_server]
impl<T: Clone> Peer<T> {
    #[init]
    fn new(next: Option<PeerSubject<T>>) -> Self {
        let next = next.map(|next| Process::clone(&next));
        let seen = Vec::new();
        Self { next, seen }
    }

    #[cast]
    fn meet(&mut self, ctx: &mut Context<Self>, peer: PeerSubject<T>) {
        ctx.continue_with(PeerContinue::Keep { next: Some(peer) });
    }

    #[call(deferred)]
    fn itself(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<Subject<Self>>) {
        reply.send(ctx.subject().as_ref().clone());
    }

    #[call]
    async fn give(&mut self, peer: PeerSubject<T>, item: T) -> Option<PeerSubject<T>> {
        peer.take(item).await.ok().map(|()| peer)
    }

    #[cast]
    fn take(&mut self, item: T) {
        self.seen.push(item);
    }

    #[call]
    fn seen(&self) -> Vec<T> {
        self.seen.clone()
    }

    #[call]
    fn next(&self) -> Option<Process> {
        self.next.clone()
    }

    #[info]
    fn on_peer(&mut self, peer: PeerSubject<T>) {
        self.know(&peer);
    }

    #[continue_with]
    fn keep(&mut self, next: Option<PeerSubject<T>>) {
        if let Some(next) = next {
            self.know(&next);
        }
    }

    /// Has no role.
    fn know(&mut self, peer: &PeerSubject<T>) {
        self.next = Some(Process::clone(peer));
    }

    /// Has no role either, and no bound on its parameter.
    fn len(&self) -> usize {
        self.seen.len()
    }
}

#[ambit::test]
async fn a_generic_server_receives_its_own_handle() {
    let last = Peer::<String>::start(None).await.unwrap();
    let first = Peer::start(Some(last.clone())).await.unwrap();
    let given = first.give(last.clone(), "a".to_owned()).await.unwrap();
    assert_eq!(given.as_ref(), Some(&last));
    assert_eq!(last.seen().await, Ok(vec!["a".to_owned()]));
    assert_eq!(first.itself().await.as_ref(), Ok(first.as_ref()));
    last.meet(first.clone()).await.unwrap();
    assert_eq!(last.next().await, Ok(Some(Process::clone(&first))));
    first.recipient().send(last.clone()).await.unwrap();
    assert_eq!(first.next().await, Ok(Some(Process::clone(&last))));
    let cast = PeerCast::Meet { peer: last.clone() };
    assert!(format!("{:?}", cast.clone()).starts_with("Meet"));
    last.send(cast).await.unwrap();
    let child = Peer::child_spec(Some(last));
    let tree = Supervisor::builder().child(child).start().await.unwrap();
    tree.stop().await.unwrap();
    let not_sent = Peer {
        next: None,
        seen: vec![std::rc::Rc::new(1)],
    };
    assert_eq!(not_sent.len(), 1);
}

/// Starts and uses the server with a generic parameter.
async fn meeting<T: Clone + Send + Sync + 'static>(item: T) -> Option<T> {
    let peer = Peer::start(None).await.ok()?;
    peer.give(peer.clone(), item).await.ok();
    peer.seen().await.ok()?.pop()
}

#[ambit::test]
async fn a_generic_function_starts_it() {
    assert_eq!(meeting('a').await, Some('a'));
}

/// The same on the wire.
struct Node<T>(Option<T>);

#[gen_server(remote = "generic.node")]
impl<T> Node<T> {
    #[init]
    fn new(other: Option<NodeSubject<T>>, value: Option<T>) -> Self {
        Self(value.filter(|_| other.is_some()))
    }

    #[cast]
    fn join(&mut self, _node: NodeSubject<T>, value: T) {
        self.0 = Some(value);
    }

    #[call]
    fn leave(&mut self, node: NodeSubject<T>) -> Option<(NodeSubject<T>, T)> {
        self.0.take().map(|value| (node, value))
    }
}

#[ambit::test]
async fn a_generic_remote_server_receives_its_own_handle() {
    let node = Node::start(None, None).await.unwrap();
    node.join(node.clone(), 3_u64).await.unwrap();
    let left = node.leave(node.clone()).await.unwrap();
    assert_eq!(left, Some((node, 3)));
    let listed = ambit::message::listed::<Node<u64>>();
    assert!(ambit::message::contract([listed]).is_ok());
}

/// The same for a state machine.
struct Relay<T>(Option<T>);

#[state_machine(states = [Empty, Full])]
impl<T> Relay<T> {
    #[cast(Empty => Full, Full => ignore)]
    fn load(&mut self, _from: RelaySubject<T>, item: T) {
        self.0 = Some(item);
    }

    #[call(Full => Empty, Empty => stay)]
    fn unload(&mut self, from: RelaySubject<T>) -> Option<(RelaySubject<T>, T)> {
        self.0.take().map(|item| (from, item))
    }

    #[info(Full => Empty, Empty => ignore)]
    fn on_relay(&mut self, _from: RelaySubject<T>) {
        self.0 = None;
    }
}

#[ambit::test]
async fn a_generic_state_machine_receives_its_own_handle() {
    let relay = Relay(None).start().await.unwrap();
    relay.load(relay.clone(), 3_u64).await.unwrap();
    assert_eq!(
        relay.unload(relay.clone()).await,
        Ok(Some((relay.clone(), 3)))
    );
    relay.recipient().send(relay.clone()).await.unwrap();
    assert_eq!(relay.unload(relay.clone()).await, Ok(None));
}
