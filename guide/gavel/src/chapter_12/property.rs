use std::time::Duration;

use ambit::prelude::Inbox;
use ambit::test::{TestOptions, assert_restarted, crash, run_test};
use proptest::prelude::*;
use tokio::time::{Instant, sleep};

use super::bid::Bid;
use super::house::House;
use super::money::Money;
use super::terms::Terms;

const BIDDERS: [&str; 3] = ["ada", "bob", "eve"];
const LOTS: [&str; 2] = ["brass lamp", "violin"];
const PURSE: u64 = 20_00;
const ASKING: u64 = 5_00;
const STEP: u64 = 50;
const OPEN_FOR: Duration = Duration::from_secs(60);
const LAST_CALL: Duration = Duration::from_secs(10);

/// One step of a script. A lot is an index of `LOTS`.
#[derive(Clone, Debug)]
enum Step {
    Bid {
        lot: usize,
        bidder: &'static str,
        cents: u64,
    },
    Wait(Duration),
    Crash {
        lot: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let lot = 0..LOTS.len();
    let bidder = prop::sample::select(&BIDDERS[..]);
    let amount = (1..=25_u64).prop_map(|euros| euros * 100);
    let bid = (lot.clone(), bidder, amount);
    // The extra 7 ms: no bid arrives in the very moment of closing.
    let time = (1..=15_u64).prop_map(|seconds| Duration::from_millis(seconds * 1_000 + 7));
    prop_oneof![
        6 => bid.prop_map(|(lot, bidder, cents)| Step::Bid { lot, bidder, cents }),
        2 => time.prop_map(Step::Wait),
        1 => lot.prop_map(|lot| Step::Crash { lot }),
    ]
}

/// What an auction must do, in the simplest words.
#[derive(Clone, Copy)]
struct Model {
    highest: Option<(&'static str, u64)>,
    closes_at: Instant,
}

impl Model {
    fn accepts(&mut self, bidder: &'static str, cents: u64, available: u64) -> bool {
        let least = self.highest.map_or(ASKING, |(_, highest)| highest + STEP);
        let is_accepted = self.is_open() && (least..=available).contains(&cents);
        if is_accepted {
            self.highest = Some((bidder, cents));
            self.call_last();
        }
        is_accepted
    }

    /// The last call starts again, after a bid and after a restart.
    fn call_last(&mut self) {
        if self.is_open() {
            self.closes_at = self.closes_at.max(Instant::now() + LAST_CALL);
        }
    }

    fn is_open(&self) -> bool {
        Instant::now() < self.closes_at
    }

    /// Returns what `bidder` has bid here, if that is the highest bid.
    fn spent_by(&self, bidder: &str) -> u64 {
        let own = self.highest.filter(|(name, _)| *name == bidder);
        own.map_or(0, |(_, cents)| cents)
    }

    fn highest(&self) -> u64 {
        self.highest.map_or(0, |(_, cents)| cents)
    }
}

/// The house under test, and the model of each lot.
struct Run {
    house: House,
    models: [Model; LOTS.len()],
}

impl Run {
    async fn start() -> Result<Self, TestCaseError> {
        // ANCHOR: in_each
        let house = House::alone().await;
        // ANCHOR_END: in_each
        for bidder in BIDDERS {
            house
                .bank()
                .deposit(bidder.into(), Money::cents(PURSE))
                .await?;
        }
        for lot in LOTS {
            let terms = Terms {
                asking: Money::cents(ASKING),
                closes_at: Instant::now() + OPEN_FOR,
                last_call: LAST_CALL,
            };
            house.open(lot.into(), terms).await?;
        }
        let model = Model {
            highest: None,
            closes_at: Instant::now() + OPEN_FOR + LAST_CALL,
        };
        Ok(Self {
            house,
            models: [model; LOTS.len()],
        })
    }

    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Bid { lot, bidder, cents } => {
                let auction = self.house.auction(LOTS[lot]);
                let answer = auction.bid(Bid::new(bidder, cents)).await?;
                let available = self.available(lot, bidder);
                let expected = self.models[lot].accepts(bidder, cents, available);
                prop_assert_eq!(answer.is_ok(), expected, "{:?}", answer);
            }
            Step::Wait(time) => sleep(time).await,
            Step::Crash { lot } => {
                let auction = self.house.auction(LOTS[lot]);
                assert_restarted!(auction, crash(&auction).await);
                self.models[lot].call_last();
            }
        }
        self.check_money().await
    }

    /// Returns what `bidder` can bid for `lot`: all but what the other lots hold or have cost.
    fn available(&self, lot: usize, bidder: &str) -> u64 {
        let others = self.models.iter().enumerate().filter(|(n, _)| *n != lot);
        PURSE - others.map(|(_, model)| model.spent_by(bidder)).sum::<u64>()
    }

    /// The highest bids win.
    async fn end(&self) -> Result<(), TestCaseError> {
        for (lot, model) in LOTS.into_iter().zip(self.models) {
            let winner = self.house.auction(lot).winner().no_timeout().await?;
            let highest = model.highest.map(|(name, cents)| Bid::new(name, cents));
            prop_assert_eq!(winner, highest);
        }
        self.check_money().await
    }

    /// Money is conserved, and the bank holds each highest bid until it is paid.
    async fn check_money(&self) -> Result<(), TestCaseError> {
        let sums = self.house.bank().statement().await?;
        let all = Money::cents(PURSE * BIDDERS.len() as u64);
        prop_assert_eq!(sums.free + sums.held + sums.paid, all);
        let (open, closed): (Vec<_>, Vec<_>) =
            self.models.iter().partition(|model| model.is_open());
        let total = |models: Vec<Model>| Money::cents(models.iter().map(Model::highest).sum());
        prop_assert_eq!((sums.held, sums.paid), (total(open), total(closed)));
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
