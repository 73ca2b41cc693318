//! Servers with a name on the wire whose messages contain handles of their own type, or of one another.

use ambit::message::{Types, Wire};
use ambit::prelude::*;

struct Counter(Vec<CounterSubject>);

#[derive(Clone, Debug, Message)]
#[message(name = "test.pointer")]
struct Pointer {
    to: CounterSubject,
    more: Vec<Option<CounterSubject>>,
}

#[gen_server(remote = "test.counter")]
impl Counter {
    #[init]
    fn new(others: Vec<CounterSubject>) -> Self {
        Self(others)
    }

    #[call]
    fn me(&self, ctx: &Context<Self>) -> CounterSubject {
        ctx.subject()
    }

    #[call]
    fn subscribe(&mut self, other: CounterSubject, untyped: Subject<Self>) -> Option<Pointer> {
        self.0.extend([other.clone(), untyped.into()]);
        let more = self.0.iter().cloned().map(Some).collect();
        Some(Pointer { to: other, more })
    }

    #[call(deferred)]
    fn first(&mut self, reply: ReplyTo<Result<CounterSubject, String>>) {
        reply.send(self.0.first().cloned().ok_or_else(|| "nobody".to_owned()));
    }

    #[cast]
    fn point(&mut self, pointers: Vec<Pointer>, partner: Option<PartnerSubject>) {
        self.0
            .extend(pointers.into_iter().map(|pointer| pointer.to));
        drop(partner);
    }
}

struct Partner(Option<CounterSubject>);

/// Each of the two receives a handle of the other.
#[gen_server(remote = "test.partner")]
impl Partner {
    #[call]
    fn of(&mut self, counter: CounterSubject) -> Option<CounterSubject> {
        self.0.replace(counter)
    }

    #[call]
    fn all(&self, ring: RingSubject<String>) -> Vec<PartnerSubject> {
        drop(ring);
        Vec::new()
    }
}

struct Ring<T: Clone + Send + 'static> {
    value: T,
    next: Option<RingSubject<T>>,
}

#[gen_server(remote = "test.ring")]
impl<T: Clone + Send + 'static> Ring<T> {
    #[init]
    fn new(value: T) -> Self {
        Self { value, next: None }
    }

    #[call]
    fn join(&mut self, next: RingSubject<T>, value: T) -> (Option<RingSubject<T>>, T) {
        (
            self.next.replace(next),
            std::mem::replace(&mut self.value, value),
        )
    }
}

struct Plain;

#[protocol(remote = "test.peers")]
trait Peers {
    #[call]
    fn peers(&self) -> Vec<PeersSubject>;

    #[cast]
    fn add(&mut self, peer: PeersSubject);
}

#[gen_server(protocol = Peers)]
impl Plain {
    #[call]
    fn peers(&self) -> Vec<PeersSubject> {
        Vec::new()
    }

    #[cast]
    fn add(&mut self, peer: PeersSubject) {
        drop(peer);
    }
}

fn travels<T: Wire>() -> String {
    let mut types = Types::default();
    format!("{:?}", T::shape(&mut types))
}

#[ambit::test]
async fn handles_of_their_own_kind_have_a_form_on_the_wire() {
    let shapes = [
        travels::<CounterSubject>(),
        travels::<PartnerSubject>(),
        travels::<RingSubject<u64>>(),
        travels::<PeersSubject>(),
        travels::<Pointer>(),
    ];
    let names = ["counter", "partner", "ring", "peers", "pointer"];
    for (shape, name) in shapes.iter().zip(names) {
        assert!(shape.contains(&format!("test.{name}")), "{shape}");
    }
}

#[ambit::test]
async fn at_home_they_are_sent_as_they_are() {
    let counter = Counter::start(Vec::new()).await.unwrap();
    assert_eq!(counter.me().await.unwrap(), counter);
    assert_eq!(counter.first().await, Ok(Err("nobody".to_owned())));
    let untyped = counter.as_ref().clone();
    let pointer = counter.subscribe(counter.clone(), untyped).await;
    let pointer = pointer.unwrap().unwrap();
    assert_eq!((&pointer.to, pointer.more.len()), (&counter, 2));
    counter.point(vec![pointer], None).await.unwrap();
    let partner = Partner(None).start().await.unwrap();
    assert_eq!(partner.of(counter).await, Ok(None));
    let ring = Ring::start("one".to_owned()).await.unwrap();
    assert_eq!(partner.all(ring.clone()).await, Ok(Vec::new()));
    let joined = ring.join(ring.clone(), "two".to_owned()).await.unwrap();
    assert_eq!(joined, (None, "one".to_owned()));
    let peers: PeersSubject = Plain.start().await.unwrap();
    peers.add(peers.clone()).await.unwrap();
    assert_eq!(peers.peers().await, Ok(Vec::new()));
}
