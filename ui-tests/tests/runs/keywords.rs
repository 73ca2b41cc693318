//! Raw identifiers, and names that differ from the usual style.

use ambit::prelude::*;

struct r#Type {
    r#loop: u64,
}

#[gen_server]
impl r#Type {
    #[init]
    fn r#new(r#fn: u64) -> Self {
        Self { r#loop: r#fn }
    }

    #[call]
    fn r#match(&self, r#type: u64) -> u64 {
        self.r#loop + r#type
    }

    #[call(deferred)]
    fn r#await(&mut self, r#in: u64, r#mut: ReplyTo<u64>) {
        r#mut.send(r#in);
    }

    #[cast]
    fn r#loop(&mut self, r#ref: u64) {
        self.r#loop = r#ref;
    }

    #[info]
    fn r#if(&mut self, r#else: u64) {
        self.r#loop = r#else;
    }

    #[continue_with]
    fn r#while(&mut self, r#for: u64) {
        self.r#loop = r#for;
    }

    #[call]
    fn r#continue(&mut self, ctx: &mut Context<Self>, r#static: u64) {
        ctx.continue_with(TypeContinue::While { r#for: r#static });
    }
}

#[ambit::test]
async fn keywords_are_names() {
    let server = r#Type::start(1).await.unwrap();
    assert_eq!(server.r#match(2).await, Ok(3));
    assert_eq!(server.r#await(4).await, Ok(4));
    server.r#loop(5).await.unwrap();
    assert_eq!(server.r#match(0).await, Ok(5));
    server.recipient::<u64>().send(6).await.unwrap();
    assert_eq!(server.r#match(0).await, Ok(6));
    let message = ambit::Incoming::Cast(TypeCast::Loop { r#ref: 1 });
    assert_eq!(r#Type::method_of(&message), "loop");
    server.r#continue(7).await.unwrap();
    assert_eq!(server.r#match(0).await, Ok(7));
}

#[allow(non_camel_case_types)]
struct ünïcode_Größe(u64);

#[gen_server]
#[allow(non_snake_case)]
impl ünïcode_Größe {
    #[call]
    fn größe(&self, _größer: u64, Über2: u64) -> u64 {
        self.0 + Über2
    }

    #[call]
    fn _0(&self) -> u64 {
        0
    }

    #[call]
    fn a1_b2(&self) -> u64 {
        12
    }

    #[call]
    fn HTTP_get(&self) -> u64 {
        80
    }
}

#[ambit::test]
async fn names_need_no_style() {
    let server = ünïcode_Größe(1).start().await.unwrap();
    assert_eq!(server.größe(9, 2).await, Ok(3));
    assert_eq!(server._0().await, Ok(0));
    assert_eq!(server.a1_b2().await, Ok(12));
    assert_eq!(server.HTTP_get().await, Ok(80));
}

/// Words that are not raw identifiers, with an underscore instead.
#[protocol]
trait Spelt {
    #[call]
    fn self_(&self, super_: u64) -> u64;
    #[cast]
    fn crate_(&mut self, self_: u64);
}

struct Speller(u64);

#[gen_server(protocol = Spelt)]
impl Speller {
    #[call]
    fn self_(&self, super_: u64) -> u64 {
        self.0 + super_
    }

    #[cast]
    fn crate_(&mut self, self_: u64) {
        self.0 = self_;
    }
}

#[ambit::test]
async fn words_of_the_language_with_an_underscore_are_names_of_a_protocol() {
    let speller = Speller(1).start().await.unwrap();
    speller.crate_(2).await.unwrap();
    assert_eq!(speller.self_(3).await, Ok(5));
}

/// Keywords as arguments of a protocol, some of them unused in the server.
#[protocol(remote = "keywords.words")]
trait Words {
    #[call]
    fn get(&self, r#type: u8, _gen: u8) -> u8;
    #[cast]
    fn put(&self, _gen: u8, _match: u8);
}

struct Dictionary(u8);

#[gen_server(protocol = Words)]
impl Dictionary {
    #[call]
    fn get(&self, _type: u8, r#gen: u8) -> u8 {
        self.0 + r#gen
    }

    #[cast]
    fn put(&mut self, _gen: u8, r#match: u8) {
        self.0 = r#match;
    }
}

#[ambit::test]
async fn a_keyword_with_an_underscore_is_an_unused_argument() {
    let dictionary = Dictionary(1).start().await.unwrap();
    dictionary.put(7, 2).await.unwrap();
    assert_eq!(dictionary.get(9, 3).await, Ok(5));
    let mock = MockWords::new().on_get(|first, second| first + second);
    assert_eq!(mock.start().await.unwrap().get(1, 2).await, Ok(3));
}
