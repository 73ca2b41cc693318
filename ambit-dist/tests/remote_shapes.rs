//! Servers of every shape with a name on the wire: generic ones, state machines, private ones, those without calls or
//! casts.

use std::collections::HashMap;
use std::hash::Hash;

use ambit::message::{AnswerAs, Exposed, Form, In, Interface, Out, Remote, Types, Wire, tag};
use ambit::prelude::*;
use ambit_dist::{Bincode, Postcard};

/// The user's parameters have no wire bounds here: those apply where the server is used remotely.
pub struct Cache<K, V> {
    entries: HashMap<K, V>,
}

#[gen_server(remote = "shop.cache")]
impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    #[init]
    pub fn empty() -> Self {
        Self {
            entries: HashMap::new(),
        }
    }

    #[call]
    pub fn get(&self, key: K) -> Option<V> {
        self.entries.get(&key).cloned()
    }

    #[cast]
    pub fn put(&mut self, key: K, value: V) {
        self.entries.insert(key, value);
    }
}

/// Sends a cast through its bytes, and calls the server for the result.
async fn through<C: ambit::message::Codec>(form: Form) {
    let cache = Cache::<String, u64>::start().await.unwrap();
    let subject: &Subject<Cache<String, u64>> = cache.as_ref();
    let far: &dyn Exposed<C> = subject;
    let put = CacheCast::Put {
        key: "one".to_owned(),
        value: 1,
    };
    let mut out = Out::<C>::new(form);
    Cache::<String, u64>::put_cast(&put, &mut out).unwrap();
    far.cast(tag("put"), In::new(&out.into_bytes(), form))
        .unwrap();

    // An argument is identified by its position.
    let mut out = Out::<C>::new(form);
    out.record(1).unwrap();
    out.field(tag("0"), &"one".to_owned()).unwrap();
    let asked = far.call(
        tag("get"),
        In::new(&out.into_bytes(), form),
        AnswerAs::form(form),
    );
    let answer = asked.unwrap().await.unwrap();
    assert_eq!(
        <Option<u64> as Wire>::take(&mut In::<C>::new(&answer, form)),
        Ok(Some(1))
    );
}

#[ambit::test]
async fn a_generic_server_travels_for_parameters_that_do() {
    for form in [Form::Compact, Form::Framed] {
        through::<Bincode>(form).await;
        through::<Postcard>(form).await;
    }
}

#[ambit::test]
async fn a_generic_server_stays_at_home_for_parameters_that_do_not() {
    let cache = Cache::<std::time::Instant, std::sync::Arc<()>>::start()
        .await
        .unwrap();
    assert_eq!(cache.get(std::time::Instant::now()).await, Ok(None));
}

/// A state machine is a server like any other.
struct Door;

#[state_machine(states = [Locked, Open], remote = "house.door")]
impl Door {
    #[call(Locked => Open, Open => refuse)]
    fn unlock(&mut self, code: u32) -> bool {
        code == 7
    }

    #[cast(Open => Locked, Locked => ignore, tag = "shut")]
    fn close(&mut self) {}

    #[call]
    fn state(&self, ctx: &Context<Self>) -> DoorState {
        ctx.state()
    }
}

#[ambit::test]
async fn a_state_machine_travels() {
    let door = Door.start().await.unwrap();
    let subject: &Subject<Door> = door.as_ref();
    let far: &dyn Exposed<Bincode> = subject;
    let asked = far.call(
        tag("unlock"),
        In::new(&[7], Form::Compact),
        AnswerAs::form(Form::Compact),
    );
    assert_eq!(asked.unwrap().await, Ok(vec![1]));
    assert_eq!(far.remote(), "house.door");
    assert_eq!(door.state().await, Ok(DoorState::Open));
    let interface = Door::interface(&mut Types::default());
    let state = interface
        .methods
        .iter()
        .find(|method| method.name == "state");
    let reply = state.unwrap().reply.as_ref().unwrap();
    assert_eq!(reply.to_string(), "house.door.state");
    assert_eq!(methods(interface), ["shut", "state", "unlock"]);
}

mod inside {
    use super::*;

    #[derive(Message, Debug, PartialEq)]
    #[message(name = "shop.secret")]
    struct Secret(u8);

    struct Keeper;

    /// Private types in a private server, inside of a module and a function.
    #[gen_server(remote = "shop.keeper", vis = pub(self))]
    impl Keeper {
        #[call]
        fn told(&self, secret: Secret) -> Secret {
            Secret(secret.0 + 1)
        }
    }

    #[ambit::test]
    async fn private_types_travel() {
        let keeper = Keeper.start().await.unwrap();
        assert_eq!(keeper.told(Secret(1)).await, Ok(Secret(2)));
        assert_eq!(methods(Keeper::interface(&mut Types::default())), ["told"]);
    }
}

/// Receives only infos, which are never sent remotely.
struct Silent;

#[gen_server(remote = "shop.silent")]
impl Silent {
    #[info]
    fn on_tick(&mut self, _tick: std::time::Instant) {}
}

struct OnlyCasts;

#[gen_server(remote = "shop.only_casts")]
impl OnlyCasts {
    #[cast]
    fn first(&mut self) {}

    /// Both alternatives have the same name on the wire.
    #[cfg(not(any()))]
    #[cast]
    fn second(&mut self, number: u32) {
        let _ = number;
    }

    #[cfg(any())]
    #[cast]
    fn second(&mut self, number: std::time::Instant) {}
}

fn methods(interface: Interface) -> Vec<String> {
    let methods = interface.methods.into_iter();
    methods.map(|method| method.name).collect()
}

#[test]
fn an_interface_lists_its_methods_with_their_types() {
    let types = &mut Types::default();
    assert_eq!(methods(Silent::interface(types)), [""; 0]);
    assert_eq!(methods(OnlyCasts::interface(types)), ["first", "second"]);
    let cache = Cache::<String, Vec<u8>>::interface(types);
    let get = &cache.methods[0];
    assert_eq!((get.name.as_str(), get.kind()), ("get", "call"));
    assert_eq!(get.args[0].name, "key");
    assert_eq!(get.args[0].shape.to_string(), "string");
    assert_eq!(get.reply.as_ref().unwrap().to_string(), "option<list<u8>>");
    assert!(OnlyCasts::interface(types).methods[1].reply.is_none());
}
