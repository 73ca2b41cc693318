//! The HTTP API: handles as state, errors as status codes.

use std::time::Duration;

use ambit::prelude::*;
use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::stock::{ShopSubject, StockSubject};

// ANCHOR: state
/// The state of the handlers: a handle is cheap to clone, and the handle of a child follows restarts.
#[derive(Clone)]
struct App {
    shop: ShopSubject,
}

/// Lets a handler extract `State<StockSubject>` alone.
impl FromRef<App> for StockSubject {
    fn from_ref(app: &App) -> Self {
        app.shop.stock()
    }
}

impl FromRef<App> for ShopSubject {
    fn from_ref(app: &App) -> Self {
        app.shop.clone()
    }
}
// ANCHOR_END: state

/// A request that failed.
enum Failed {
    Call(CallError),
    Child(ChildError),
    NotFound,
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<ChildError> for Failed {
    fn from(error: ChildError) -> Self {
        Self::Child(error)
    }
}

// ANCHOR: errors
impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let later = [(header::RETRY_AFTER, "1")];
        match self {
            // The request was not executed, and the server will be back: the client may retry.
            Self::Call(error @ (CallError::NoProcess | CallError::Full)) => {
                (StatusCode::SERVICE_UNAVAILABLE, later, error.to_string()).into_response()
            }
            Self::Call(CallError::Timeout) => StatusCode::GATEWAY_TIMEOUT.into_response(),
            // It may have been executed, so the client must not retry. The reason is only logged.
            Self::Call(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::Child(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
        }
    }
}
// ANCHOR_END: errors

async fn count(
    State(stock): State<StockSubject>,
    Path(item): Path<String>,
) -> Result<String, Failed> {
    let count = stock.count(item).await?.ok_or(Failed::NotFound)?;
    Ok(count.to_string())
}

async fn add(
    State(stock): State<StockSubject>,
    Path((item, count)): Path<(String, u64)>,
) -> Result<String, Failed> {
    Ok(stock.add(item, count).await?.to_string())
}

async fn audit(State(stock): State<StockSubject>) -> Result<String, Failed> {
    // The timeout that this API promises, instead of the server's.
    let items = stock.audit().timeout(Duration::from_secs(2)).await?;
    Ok(items.to_string())
}

async fn panic(State(stock): State<StockSubject>) -> Result<(), Failed> {
    Ok(stock.panic().await?)
}

async fn close(State(shop): State<ShopSubject>) -> Result<(), Failed> {
    Ok(shop.terminate_child("stock").await?)
}

async fn open(State(shop): State<ShopSubject>) -> Result<(), Failed> {
    shop.restart_child("stock").await?;
    Ok(())
}

pub(crate) fn api(shop: ShopSubject) -> Router {
    Router::new()
        .route("/stock/{item}", get(count))
        .route("/stock/{item}/{count}", post(add))
        .route("/audit", get(audit))
        .route("/panic", post(panic))
        .route("/close", post(close))
        .route("/open", post(open))
        .with_state(App { shop })
}
