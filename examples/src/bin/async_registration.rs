//! A service with a slow warm-up: it registers itself when it is ready, and clients wait for that without polling.
#![forbid(unsafe_code)]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::Semaphore;

type Failure = Box<dyn Error + Send + Sync>;
type Services = Registry<&'static str, Search>;

// ANCHOR: service
struct Search {
    services: Services,
    archive: Arc<Semaphore>,
    pages: Vec<&'static str>,
}

#[gen_server]
impl Search {
    /// Returns at once, so that the start of the program does not wait for the warm-up.
    #[init]
    fn new(ctx: &mut Context<Self>, services: Services, archive: Arc<Semaphore>) -> Self {
        ctx.continue_with(SearchContinue::WarmUp);
        let pages = Vec::new();
        Self {
            services,
            archive,
            pages,
        }
    }

    /// Runs before the first message. An error ends the server, and the supervisor restarts it.
    #[continue_with]
    async fn warm_up(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.archive.acquire().await?.forget(); // it is still being written
        self.pages = vec!["to be", "or not to be"];
        self.services.register("search", &ctx.subject())?;
        Ok(())
    }

    #[call]
    fn find(&self, word: String) -> usize {
        let pages = self.pages.iter();
        pages.filter(|page| page.contains(&word)).count()
    }
}
// ANCHOR_END: service

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (services, archive) = (Services::unique(), Arc::new(Semaphore::new(0)));
    let spec = Search::child_spec(services.clone(), archive.clone());
    let supervisor = Supervisor::builder().start().await?;
    let child = supervisor.start_child(spec).await?;
    println!("it runs: {}", child.is_alive());
    println!("found: {}", services.lookup("search").is_some());

    // ANCHOR: clients
    // One client has a short timeout. The other is woken by the registration, even after a restart of the service.
    let hasty = services
        .wait_for("search")
        .timeout(Duration::from_millis(1));
    if let Err(error) = hasty.await {
        println!("the first client: {error}");
    }
    let patient = tokio::spawn(services.wait_for("search"));
    // ANCHOR_END: clients
    let end = child.monitor();
    ambit::exit(&child, ExitReason::Kill);
    println!("its first life: {}", end.await.reason);
    archive.add_permits(1);
    let found = patient.await??.find("not".into()).await?;
    println!("the second client: {found} page");
    Ok(())
}
