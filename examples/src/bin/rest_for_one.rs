//! Children that depend on earlier ones: when a child fails, the later ones are restarted too.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::prelude::*;

/// Logs its start and its stop.
struct Part {
    name: &'static str,
    needs: Option<PartSubject>,
}

#[gen_server]
impl Part {
    #[init]
    fn new(name: &'static str, needs: Option<PartSubject>) -> Self {
        println!("{name} starts");
        Self { name, needs }
    }

    /// Returns the chain of dependencies.
    #[call]
    async fn chain(&mut self) -> Result<String, CallError> {
        match &self.needs {
            Some(part) => Ok(format!("{} on {}", self.name, part.chain().await??)),
            None => Ok(self.name.into()),
        }
    }

    #[cast]
    fn fail(&mut self) -> Result<(), &'static str> {
        Err("the cable was cut")
    }

    #[terminate]
    fn end(&mut self, reason: &ExitReason) {
        println!("{} stops: {reason}", self.name);
    }
}

struct App;

#[supervisor(strategy = RestForOne)]
impl App {
    #[child]
    fn log(&self) -> ChildSpec<Part> {
        Part::child_spec("log", None)
    }

    #[child]
    fn connection(&self) -> ChildSpec<Part> {
        Part::child_spec("connection", None)
    }

    /// A child finds its siblings through the handle of its supervisor.
    #[child]
    fn session(&self, app: &AppSubject) -> ChildSpec<Part> {
        Part::child_spec("session", Some(app.connection()))
    }

    #[child]
    fn screen(&self, app: &AppSubject) -> ChildSpec<Part> {
        Part::child_spec("screen", Some(app.session()))
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = App.start().await?;
    println!("{}", app.screen().chain().await??);

    // Everything after the connection is restarted; the log is not affected.
    let screen = app.screen().monitor();
    app.connection().fail().await?;
    screen.await;
    println!("{}", app.screen().when_available().chain().await??);
    app.stop().await?;
    Ok(())
}
