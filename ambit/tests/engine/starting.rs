//! The starter of a server runs only its init inline, and nothing after it.

use std::sync::{Arc, Mutex};

use ambit::prelude::*;

struct Later(Arc<Mutex<Vec<&'static str>>>);

#[gen_server(in_place = always)]
impl Later {
    #[init]
    fn init(ctx: &mut Context<Self>, log: Arc<Mutex<Vec<&'static str>>>) -> Self {
        log.lock().unwrap().push("init");
        ctx.continue_with(LaterContinue::Go { step: 1 });
        ctx.subject().note().now().unwrap();
        Self(log)
    }

    #[continue_with]
    fn go(&mut self, step: u8) {
        assert_eq!(step, 1);
        self.0.lock().unwrap().push("continue");
    }

    #[cast]
    fn note(&mut self) {
        self.0.lock().unwrap().push("cast");
    }

    #[call]
    fn log(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_start_returns_before_the_work_its_init_scheduled() {
    let log = Arc::default();
    let later = Later::start(Arc::clone(&log)).await.unwrap();
    let at_return = log.lock().unwrap().clone();
    if std::env::var("AMBIT_IN_PLACE").as_deref() == Ok("never") {
        assert_eq!(at_return[0], "init");
    } else {
        assert_eq!(at_return, ["init"]);
    }
    assert_eq!(later.log().await.unwrap(), ["init", "continue", "cast"]);
}
