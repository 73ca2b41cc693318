//! The first program of the page "Two machines": `serve` in one terminal, `ask` in another.
#![allow(missing_docs, reason = "a program of the guide")]

// ANCHOR: program
use std::env;
use std::error::Error;

use ambit::prelude::*;
use ambit_dist::{Auth, Node};

struct Greeter {
    greeted: u64,
}

#[gen_server(remote = "hello.greeter")]
impl Greeter {
    #[init]
    fn new() -> Self {
        Self { greeted: 0 }
    }

    #[call]
    fn greet(&mut self, name: String) -> String {
        self.greeted += 1;
        format!("hello {name}, you are number {}", self.greeted)
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", address] => serve(address).await,
        ["ask", address] => ask(address).await,
        _ => Err("say `serve ADDRESS` or `ask ADDRESS`".into()),
    }
}

async fn serve(address: &str) -> Result<(), Box<dyn Error>> {
    let node = Node::builder("server").auth(Auth::dev()).listen(address);
    let node = node.start().await?;
    // Other nodes may start greeters here, and nothing else.
    node.expose::<Greeter>();
    println!("listening on {}", node.local_addr());
    std::future::pending().await
}

async fn ask(address: &str) -> Result<(), Box<dyn Error>> {
    let node = Node::builder("client").auth(Auth::dev()).start().await?;
    let server = node.connect(address).await?;
    let greeter = node.on(&server.name).start::<Greeter>(()).await?;
    println!("{}", greeter.greet("Ann".into()).await?);
    println!("{}", greeter.greet("Bob".into()).await?);
    // Otherwise it would keep running on the other node.
    greeter.stop().await?;
    node.leave().await;
    Ok(())
}
// ANCHOR_END: program
