use std::collections::HashMap;

use ambit::prelude::*;

use super::bid::Lot;
use super::house::House;
use super::news::News;

/// Shows what happens in the auctions that it watches.
pub struct Board {
    house: House,
    monitored: HashMap<MonitorRef, Lot>,
    lines: Vec<String>,
}

/// An auction runs again after a crash.
struct Restarted(Lot);

#[gen_server]
impl Board {
    #[init]
    pub fn new(house: House) -> Self {
        Self {
            house,
            monitored: HashMap::new(),
            lines: Vec::new(),
        }
    }

    #[call]
    pub fn watch(&mut self, ctx: &mut Context<Self>, lot: Lot) {
        let is_subscribed = self.house.news(&lot).subscribe(&ctx.recipient());
        debug_assert!(is_subscribed, "a running server can subscribe");
        self.monitor(ctx, lot);
    }

    #[call]
    pub fn lines(&self) -> Vec<String> {
        self.lines.clone()
    }

    #[info]
    fn on_news(&mut self, news: News) {
        self.lines.push(news.to_string());
    }

    /// The auction has ended. After a crash, the board waits for its restart.
    #[info]
    fn on_down(&mut self, ctx: &mut Context<Self>, down: Down) {
        let Some(lot) = self.monitored.remove(&down.monitor) else {
            return;
        };
        self.lines
            .push(format!("{lot}: interrupted, {}", down.reason));
        if !down.reason.is_clean() {
            let house = self.house.clone();
            ctx.spawn_task(async move {
                // ANCHOR: wait
                house
                    .auction(lot.clone())
                    .when_available()
                    .least()
                    .await
                    .ok();
                // ANCHOR_END: wait
                Restarted(lot)
            });
        }
    }

    #[info]
    fn on_restarted(&mut self, ctx: &mut Context<Self>, Restarted(lot): Restarted) {
        self.lines.push(format!("{lot}: continued"));
        self.monitor(ctx, lot);
    }

    fn monitor(&mut self, ctx: &mut Context<Self>, lot: Lot) {
        let monitor = ctx.monitor(self.house.auction(lot.clone()));
        self.monitored.insert(monitor, lot);
    }
}
