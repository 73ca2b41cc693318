use std::time::Duration;

use ambit::prelude::Inbox;
use ambit::test::{TestOptions, run_test};
use proptest::prelude::*;
use tokio::time::{Instant, sleep};

use super::auction::{Auction, AuctionSubject};
use super::bank::{Bank, BankSubject};
use super::bid::{Bid, Lot};
use super::money::Money;
use super::terms::Terms;

const BIDDERS: [&str; 3] = ["ada", "bob", "eve"];
const PURSE: u64 = 20_00;
const ASKING: u64 = 5_00;
const STEP: u64 = 50;
const OPEN_FOR: Duration = Duration::from_secs(60);
const LAST_CALL: Duration = Duration::from_secs(10);

/// One step of a script.
#[derive(Clone, Debug)]
enum Step {
    Bid { bidder: &'static str, cents: u64 },
    Wait(Duration),
}

fn step() -> impl Strategy<Value = Step> {
    let bidder = prop::sample::select(&BIDDERS[..]);
    let amount = (1..=25_u64).prop_map(|euros| euros * 100);
    // The extra 7 ms: no bid arrives in the very moment of closing.
    let time = (1..=15_u64).prop_map(|seconds| Duration::from_millis(seconds * 1_000 + 7));
    prop_oneof![
        3 => (bidder, amount).prop_map(|(bidder, cents)| Step::Bid { bidder, cents }),
        1 => time.prop_map(Step::Wait),
    ]
}

/// A model of the auction.
struct Model {
    highest: Option<(&'static str, u64)>,
    closes_at: Instant,
}

impl Model {
    fn accepts(&mut self, bidder: &'static str, cents: u64) -> bool {
        let least = self.highest.map_or(ASKING, |(_, highest)| highest + STEP);
        let is_accepted = self.is_open() && (least..=PURSE).contains(&cents);
        if is_accepted {
            self.highest = Some((bidder, cents));
            self.closes_at = self.closes_at.max(Instant::now() + LAST_CALL);
        }
        is_accepted
    }

    fn is_open(&self) -> bool {
        Instant::now() < self.closes_at
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
        let terms = Terms {
            asking: Money::cents(ASKING),
            open_for: OPEN_FOR,
            last_call: LAST_CALL,
        };
        let auction = Auction::start(Lot::from("brass lamp"), terms, bank.clone()).await?;
        let model = Model {
            highest: None,
            closes_at: Instant::now() + OPEN_FOR,
        };
        Ok(Self {
            bank,
            auction,
            model,
        })
    }

    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Bid { bidder, cents } => {
                let answer = self.auction.bid(Bid::new(bidder, cents)).await?;
                let expected = self.model.accepts(bidder, cents);
                prop_assert_eq!(answer.is_ok(), expected, "{:?}", answer);
            }
            Step::Wait(time) => sleep(time).await,
        }
        self.check_money().await
    }

    /// The highest bid wins.
    async fn end(&self) -> Result<(), TestCaseError> {
        let winner = self.auction.winner().no_timeout().await?;
        let highest = self.model.highest;
        prop_assert_eq!(winner, highest.map(|(name, cents)| Bid::new(name, cents)));
        self.check_money().await
    }

    /// Money is conserved, and the bank holds the highest bid until it is paid.
    async fn check_money(&self) -> Result<(), TestCaseError> {
        let sums = self.bank.statement().await?;
        let all = Money::cents(PURSE * BIDDERS.len() as u64);
        prop_assert_eq!(sums.free + sums.held + sums.paid, all);
        let highest = Money::cents(self.model.highest.map_or(0, |(_, cents)| cents));
        let is_open = self.model.is_open();
        prop_assert_eq!(if is_open { sums.held } else { sums.paid }, highest);
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
        run.end().await
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_invariants_hold(script in prop::collection::vec(step(), 1..40)) {
        play(script)?;
    }
}
