//! State machines of a type with the lifetime `'static`.

use ambit::prelude::*;

struct Sign<T>(T);

#[state_machine(states = [Shown])]
impl Sign<&'static str> {
    #[call]
    fn text(&self) -> &'static str {
        self.0
    }
}

struct Label<'a>(&'a str);

#[state_machine(states = [Shown, Hidden])]
impl Label<'static> {
    #[call]
    fn text(&self) -> &'static str {
        self.0
    }

    #[cast(Shown => Hidden, Hidden => Shown)]
    fn switch(&mut self, ctx: &mut Context<Self>) {
        ctx.next_event(LabelInternal::Rename { text: "switched" });
    }

    #[internal]
    fn rename(&mut self, text: &'static str) {
        self.0 = text;
    }
}

#[ambit::test]
async fn machines_of_a_static_lifetime() {
    let sign = Sign("open").start().await.unwrap();
    assert_eq!(sign.text().await, Ok("open"));
    let label = Label("new").start().await.unwrap();
    label.switch().await.unwrap();
    assert_eq!(label.text().await, Ok("switched"));
}
