//! A directory of services: each registers itself with a card, clients choose, and stopped services disappear.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::error::RegisterError;
use ambit::prelude::*;

// ANCHOR: service
/// The description of a service.
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
    /// Registers the service at each start.
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
/// Returns the cheapest service that is registered now.
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

    // Paris is not restarted: its card is removed before its end can be observed.
    service.translate(String::new()).await.ok();
    let service = cheapest(&directory).ok_or("nobody")?;
    println!("{}", service.translate("hello".into()).await?);

    // Rome is restarted, and registers again before it handles any message.
    service.translate(String::new()).await.ok();
    println!("{}", rome.when_available().translate("back".into()).await?);
    let service = cheapest(&directory).ok_or("nobody")?;
    println!("{}", service.translate("hello".into()).await?);
    Ok(())
}
