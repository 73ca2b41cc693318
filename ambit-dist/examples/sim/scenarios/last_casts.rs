//! Casts sent before a node leaves arrive.

use std::cell::Cell;

use ambit::prelude::*;
use ambit_dist::sim::{Scenario, always};

use super::board::{SECOND, connect, start};
use super::service::with;

thread_local! {
    /// How many letters have arrived in this run.
    static LETTERS: Cell<u64> = const { Cell::new(0) };
}

/// Counts letters. The count outlives the server.
pub(crate) struct LetterBox;

#[gen_server(remote = "sim.letter-box")]
impl LetterBox {
    #[init]
    fn new() -> Self {
        Self
    }

    #[cast]
    fn letter(&mut self, _text: Vec<u8>) {
        LETTERS.set(LETTERS.get() + 1);
    }
}

pub(crate) const LAST_CASTS: Scenario = Scenario {
    name: "last-casts",
    about: "casts before a leave arrive",
    build: |sim| {
        LETTERS.set(0);
        let board = with(
            sim,
            |node| node.expose::<LetterBox>(),
            |_, _| tokio::time::sleep(30 * SECOND),
        );
        sim.client("d", move |host| async move {
            let node = start(&host, &board).await;
            connect(&host, &node, "s").await;
            let mut rng = host.rng("letters");
            let mut boxes = Vec::new();
            for _ in 0..5 {
                boxes.push(node.on("s").start::<LetterBox>(()).await.unwrap());
            }
            let letters = 1 + rng.below(300);
            for _ in 0..letters {
                let to = rng.pick(&boxes).unwrap();
                let text = vec![7; rng.below(2_000) as usize];
                let cast = to.letter(text).no_timeout().await;
                always!(
                    cast.is_ok(),
                    "a quiet network accepts every cast",
                    "{cast:?}"
                );
            }
            drop(boxes);
            node.leave().await;
            tokio::time::sleep(2 * SECOND).await;
            let arrived = LETTERS.get();
            always!(
                arrived == letters,
                "casts before a leave arrive",
                "{arrived} of {letters}"
            );
        });
        sim.loss(0.01);
    },
};
