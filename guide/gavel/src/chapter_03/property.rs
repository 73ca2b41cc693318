use ambit::prelude::Inbox;
use ambit::test::{TestOptions, run_test};
use proptest::prelude::*;

use super::auction::{Auction, AuctionSubject};
use super::bank::{Bank, BankSubject};
use super::bid::{Bid, Lot};
use super::money::Money;

const BIDDERS: [&str; 3] = ["ada", "bob", "eve"];
const PURSE: u64 = 20_00;
const ASKING: u64 = 5_00;
const STEP: u64 = 50;

/// One step of a script.
#[derive(Clone, Debug)]
enum Step {
    Bid { bidder: &'static str, cents: u64 },
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    let bidder = prop::sample::select(&BIDDERS[..]);
    let amount = (1..=25_u64).prop_map(|euros| euros * 100);
    prop_oneof![
        9 => (bidder, amount).prop_map(|(bidder, cents)| Step::Bid { bidder, cents }),
        1 => Just(Step::Close),
    ]
}

/// A model of the auction.
#[derive(Default)]
struct Model {
    highest: Option<(&'static str, u64)>,
    is_closed: bool,
}

impl Model {
    fn accepts(&mut self, bidder: &'static str, cents: u64) -> bool {
        let least = self.highest.map_or(ASKING, |(_, highest)| highest + STEP);
        let is_accepted = !self.is_closed && (least..=PURSE).contains(&cents);
        if is_accepted {
            self.highest = Some((bidder, cents));
        }
        is_accepted
    }
}

/// The servers under test, and the model.
struct Run {
    bank: BankSubject,
    auction: AuctionSubject,
    model: Model,
}

impl Run {
    async fn start() -> Result<Self, TestCaseError> {
        let bank = Bank::default().start().await?;
        for bidder in BIDDERS {
            bank.deposit(bidder.into(), Money::cents(PURSE)).await?;
        }
        let asking = Money::cents(ASKING);
        let auction = Auction::start(Lot::from("brass lamp"), asking, bank.clone()).await?;
        Ok(Self {
            bank,
            auction,
            model: Model::default(),
        })
    }

    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Bid { bidder, cents } => {
                let answer = self.auction.bid(Bid::new(bidder, cents)).await?;
                let expected = self.model.accepts(bidder, cents);
                prop_assert_eq!(answer.is_ok(), expected, "{:?}", answer);
            }
            Step::Close => {
                self.model.is_closed = true;
                let highest = self
                    .model
                    .highest
                    .map(|(name, cents)| Bid::new(name, cents));
                prop_assert_eq!(self.auction.close().await??, highest);
            }
        }
        self.check_money().await
    }

    /// Money is conserved, and the bank holds the highest bid until it is paid.
    async fn check_money(&self) -> Result<(), TestCaseError> {
        let sums = self.bank.statement().await?;
        let all = Money::cents(PURSE * BIDDERS.len() as u64);
        prop_assert_eq!(sums.free + sums.held + sums.paid, all);
        let highest = self.model.highest.map_or(0, |(_, cents)| cents);
        prop_assert_eq!(sums.held + sums.paid, Money::cents(highest));
        Ok(())
    }
}

/// Runs a script as a process of a new system, on a virtual clock.
fn play(script: Vec<Step>) -> Result<(), TestCaseError> {
    let options = TestOptions {
        name: "property",
        real_time: false,
        multi_thread: false,
        worker_threads: None,
        seed: None,
    };
    run_test(options, |_: Inbox<()>| async {
        let mut run = Run::start().await?;
        for step in script {
            run.step(step).await?;
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_invariants_hold(script in prop::collection::vec(step(), 1..40)) {
        play(script)?;
    }
}
