//! The HTTP API: handles as state, errors as status codes.

use std::time::Duration;

use ambit::prelude::*;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::app::AppSubject;
use crate::links::Rejected;

#[derive(Deserialize)]
struct NewLink {
    target: String,
}

#[derive(Serialize)]
struct Code {
    code: String,
}

#[derive(Serialize)]
struct Link {
    target: String,
    visits: u64,
}

/// A request that failed.
enum Failed {
    NotFound,
    Rejected(Rejected),
    Call(CallError),
}

impl From<Rejected> for Failed {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Rejected(Rejected::Target) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Rejected(Rejected::Full) => StatusCode::INSUFFICIENT_STORAGE,
            // The request was not executed: the client may retry.
            Self::Call(CallError::NoProcess | CallError::Full) => {
                let later = [(header::RETRY_AFTER, "1")];
                return (StatusCode::SERVICE_UNAVAILABLE, later).into_response();
            }
            Self::Call(CallError::Timeout) => StatusCode::GATEWAY_TIMEOUT,
            // It may have been executed.
            Self::Call(error) => {
                tracing::error!(%error, "a call failed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        status.into_response()
    }
}

async fn create(
    State(app): State<AppSubject>,
    Json(link): Json<NewLink>,
) -> Result<(StatusCode, Json<Code>), Failed> {
    let code = app.links().shorten(link.target).await??;
    Ok((StatusCode::CREATED, Json(Code { code })))
}

async fn follow(
    State(app): State<AppSubject>,
    Path(code): Path<String>,
) -> Result<Redirect, Failed> {
    let target = app.links().target(code.clone()).await?;
    let target = target.ok_or(Failed::NotFound)?;
    // The visitor does not wait for the count; under overload it is lost, and logged.
    if let Err(error) = app.visits().record(code).now() {
        tracing::warn!(%error, "a visit is not counted");
    }
    Ok(Redirect::temporary(&target))
}

async fn show(
    State(app): State<AppSubject>,
    Path(code): Path<String>,
) -> Result<Json<Link>, Failed> {
    let target = app.links().target(code.clone()).await?;
    let target = target.ok_or(Failed::NotFound)?;
    let visits = app.visits().count(code).await?;
    Ok(Json(Link { target, visits }))
}

/// Succeeds if every server answers within a second.
async fn health(State(app): State<AppSubject>) -> Result<&'static str, Failed> {
    let limit = Duration::from_secs(1);
    app.links().target(String::new()).timeout(limit).await?;
    app.visits().count(String::new()).timeout(limit).await?;
    Ok("ok")
}

/// Returns the routes of the API. Their state is the handle of the tree: the handles of its children follow restarts.
pub fn routes(app: AppSubject) -> Router {
    Router::new()
        .route("/links", post(create))
        .route("/links/{code}", get(show))
        .route("/health", get(health))
        .route("/{code}", get(follow))
        .with_state(app)
}
