//! A directory of services: each announces itself and what it is like, clients choose, and whoever has ended is not in it.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::RegisterError;
use ambit::prelude::*;

// ANCHOR: service
/// What a service says about itself.
#[derive(Clone, Debug)]
struct Card {
    city: &'static str,
    price: u32,
}

/// Any number of services under one key, each with its card.
type Directory = Registry<&'static str, Translator, Card>;

struct Translator(Card);

#[gen_server]
impl Translator {
    /// Announces itself, in each of its lives.
    #[init]
    fn new(ctx: &mut Context<Self>, all: Directory, card: Card) -> Result<Self, RegisterError> {
        all.register_with("translate", &ctx.subject(), card.clone())?;
        Ok(Self(card))
    }

    #[call]
    fn translate(&mut self, text: String) -> String {
        assert_ne!(text, "", "nothing to translate");
        format!("{text}, {} for {}", self.0.city, self.0.price)
    }
}
// ANCHOR_END: service

// ANCHOR: choose
/// The cheapest that is there now.
fn cheapest(directory: &Directory) -> Option<TranslatorSubject> {
    let all = directory.entries("translate").into_iter();
    let (service, _) = all.min_by_key(|(_, card)| card.price)?;
    Some(service)
}
// ANCHOR_END: choose

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = Directory::duplicate();
    let child =
        |city, price| Translator::child_spec(directory.clone(), Card { city, price }).id(city);
    let supervisor = Supervisor::builder().start().await?;
    let paris = child("Paris", 3).restart(Restart::Temporary);
    supervisor.start_child(paris).await?;
    let rome = supervisor.start_child(child("Rome", 5)).await?;
    supervisor.start_child(child("Oslo", 8)).await?;
    let service = cheapest(&directory).ok_or("nobody")?;
    println!("{}", service.translate("hello".into()).await?);

    // Paris is not restarted: its card is gone before anybody can see that it has ended.
    service.translate(String::new()).await.ok();
    let service = cheapest(&directory).ok_or("nobody")?;
    println!("{}", service.translate("hello".into()).await?);

    // Rome is, and announces itself once more before it answers anybody.
    service.translate(String::new()).await.ok();
    println!("{}", rome.patiently().translate("back".into()).await?);
    let service = cheapest(&directory).ok_or("nobody")?;
    println!("{}", service.translate("hello".into()).await?);
    Ok(())
}
