use ambit::prelude::*;
use ambit_dist::{Node, RegisterNameError};

use super::bid::{Bidder, Lot};
use super::house::House;
use super::news::News;
use super::session::SessionSubject;

/// The name of the desk in the cluster.
pub const DESK: &str = "desk";

/// The place where bidders of other machines begin.
pub struct Desk {
    house: House,
}

#[gen_server(remote = "gavel.desk")]
impl Desk {
    #[init]
    pub async fn new(
        ctx: &mut Context<Self>,
        house: House,
        node: Node,
    ) -> Result<Self, RegisterNameError> {
        node.names().register(DESK, &ctx.subject()).await?;
        Ok(Self { house })
    }

    #[call]
    pub async fn lots(&self) -> Result<Vec<Lot>, String> {
        self.house.lots().await.map_err(|error| error.to_string())
    }

    /// Returns the session of a bidder, and starts it if there is none.
    #[call]
    pub async fn session(&mut self, bidder: Bidder) -> Result<SessionSubject, String> {
        let session = self.house.session(bidder).await;
        session.map_err(|error| error.to_string())
    }

    /// Sends the news of a lot to a reader, as long as it runs and can be reached.
    #[call]
    pub fn follow(&mut self, lot: Lot, reader: Recipient<News>) -> bool {
        self.house.news(&lot).subscribe(&reader)
    }
}
