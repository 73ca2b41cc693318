//! A web API on axum over a supervised server: handles as state, errors as status codes, and a graceful shutdown.
//!
//! `axum_api [PORT]` serves on loopback until Ctrl-C or SIGTERM, by default on a free port; it prints the address.
//! `GET /stock/{item}`, `POST /stock/{item}/{count}`, `GET /audit` (slow), `POST /panic`, `POST /close`, `POST /open`.
#![forbid(unsafe_code)]

mod api;
mod stock;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::api::api;
use crate::stock::Shop;

/// Completes at Ctrl-C or SIGTERM.
async fn told_to_stop() -> std::io::Result<()> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    tokio::select! {
        biased;
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    println!("no new requests");
    Ok(())
}

// ANCHOR: main
#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let shop = Shop.start().await?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    let stop = async { told_to_stop().await.expect("signals can be listened to") };
    // The requests end first, then the servers they use.
    axum::serve(listener, api(shop.clone()))
        .with_graceful_shutdown(stop)
        .await?;
    println!("requests: all answered");
    shop.stop().await?;
    println!("processes: {}", ambit::inspect::processes().len());
    Ok(())
}
// ANCHOR_END: main
