//! Blocks with items other than methods with a role, and unusual spellings of signatures.

use std::fmt::Display;

use ambit::prelude::*;

trait Unit {
    type Value: Send + Clone + 'static;
    const ZERO: Self::Value;
}

struct Text<F> {
    text: String,
    format: F,
}

impl<F> Unit for Text<F> {
    type Value = u64;
    const ZERO: u64 = 0;
}

#[gen_server]
impl<F> Text<F>
where
    F: for<'a> Fn(&'a str) -> &'a str,
{
    #![allow(dead_code, clippy::needless_lifetimes)]

    pub(crate) const LIMIT: usize = 2;

    const fn limit() -> usize {
        Self::LIMIT
    }

    fn longest<'a, T>(&'a self, other: &'a str, _: &T) -> &'a str
    where
        T: Display + ?Sized,
    {
        if self.text.len() < other.len() {
            other
        } else {
            &self.text
        }
    }

    fn words(&self) -> impl Iterator<Item = &str> + '_ {
        self.text.split(' ')
    }

    async fn wait(&mut self) {
        std::future::ready(()).await;
    }

    extern "C" fn foreign(_: u64) -> u64 {
        1
    }

    #[doc = concat!("Documented", " by a macro.")]
    #[call]
    fn get(&self, #[allow(unused_variables)] by: [u8; 2]) -> <Self as Unit>::Value {
        let _ = Self::limit();
        self.text.len() as u64 + <Self as Unit>::ZERO
    }

    #[call]
    fn formatted(&self) -> String {
        (self.format)(self.longest("x", &1)).to_owned()
    }

    #[call]
    async fn first(&mut self) -> Option<String> {
        self.wait().await;
        self.words().next().map(str::to_owned)
    }

    #[info]
    fn on_text(&mut self, text: &'static str) {
        self.text.push_str(text);
    }

    #[info]
    fn on_static(&mut self, ctx: &Context<Self>, _text: &'static [&'static str]) {
        let _ = ctx.pid();
    }

    #[allow(clippy::missing_const_for_fn)]
    #[cast]
    fn reset(&mut self, ctx: &mut Context<Self>, _many: u8, _arguments: u8) {
        ctx.label("text");
        self.text.clear();
    }
}

#[ambit::test]
async fn a_block_holds_whatever_an_impl_block_may() {
    let text = Text {
        text: String::from("one two"),
        format: str::trim,
    };
    let text = text.start().await.unwrap();
    assert_eq!(text.get([1, 2]).await, Ok(7));
    assert_eq!(text.formatted().await.as_deref(), Ok("one two"));
    assert_eq!(text.first().await, Ok(Some("one".into())));
    text.recipient().send(" three").await.unwrap();
    assert_eq!(text.get([1, 2]).await, Ok(13));
    text.reset(1, 2).await.unwrap();
    assert_eq!(text.get([1, 2]).await, Ok(0));
}

struct View<'a, const N: usize>(&'a [u8; N]);

#[gen_server]
impl View<'static, { 1 + 1 }> {
    #[call]
    fn bytes(&self) -> &'static [u8; 2] {
        self.0
    }
}

#[ambit::test]
async fn a_struct_with_a_static_borrow_is_a_server() {
    let view = View(b"ab").start().await.unwrap();
    assert_eq!(view.bytes().await, Ok(b"ab"));
}

struct Empty;

#[gen_server]
impl Empty {}

#[ambit::test]
async fn a_block_without_methods_is_a_server() {
    let empty = Empty.start().await.unwrap();
    assert!(empty.is_alive());
}

struct Underscores;

#[gen_server]
#[allow(clippy::just_underscores_and_digits)]
impl Underscores {
    #[call]
    fn __(&self) -> u64 {
        2
    }

    #[call]
    fn _a_(&self, __: u64) -> u64 {
        __
    }

    #[cast]
    fn ___(&mut self, _0: u64) {}
}

#[ambit::test]
async fn names_are_underscores() {
    let server = Underscores.start().await.unwrap();
    assert_eq!(server.__().await, Ok(2));
    assert_eq!(server._a_(3).await, Ok(3));
    server.___(1).await.unwrap();
}
