use std::convert::Infallible;
use std::io;

use ambit::prelude::*;
use ambit::pubsub::Topic;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_stream::{Stream, StreamExt};

use super::bid::Lot;
use super::error::BidError;
use super::house::House;
use super::money::Money;

/// The server stops: the feeds must end.
#[derive(Clone)]
struct Stopping;

#[derive(Clone)]
struct Web {
    house: House,
    stopping: Topic<Stopping>,
}

/// Serves the house until `stop` is done, and then all requests that have begun.
pub async fn serve(
    listener: TcpListener,
    house: House,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let stopping = PubSub::new().topic("web");
    let web = Web {
        house,
        stopping: stopping.clone(),
    };
    let router = Router::new()
        .route("/lots", get(lots))
        .route("/lots/{lot}", get(lot))
        .route("/lots/{lot}/feed", get(feed))
        .route("/lots/{lot}/bids/{bidder}/{cents}", post(bid))
        .with_state(web);
    let stop = async move {
        stop.await;
        stopping.broadcast(Stopping);
    };
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

async fn lots(State(web): State<Web>) -> Result<String, Failed> {
    let lots = web.house.lots().await?;
    Ok(lots.iter().map(|lot| format!("{lot}\n")).collect())
}

async fn lot(State(web): State<Web>, Path(lot): Path<String>) -> Result<String, Failed> {
    let auction = web.house.auction(lot.as_str());
    let (state, highest) = (auction.state().await?, auction.highest().await?);
    let highest = highest.map_or_else(|| "no bids".into(), |bid| bid.to_string());
    Ok(format!("{state:?}, {highest}\n"))
}

async fn bid(
    State(web): State<Web>,
    Path((lot, bidder, cents)): Path<(String, String, u64)>,
) -> Result<String, Failed> {
    let session = web.house.session(bidder.as_str().into()).await?;
    let amount = Money::cents(cents);
    session.bid(lot.as_str().into(), amount).await??;
    Ok(format!("{amount} accepted\n"))
}

/// Sends the news of a lot, until the client leaves or the server stops.
async fn feed(
    State(web): State<Web>,
    Path(lot): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failed> {
    // Before the first wait, so that a stop during it is seen.
    let end = web.stopping.listen().map(|_| None);
    web.house.auction(lot.as_str()).state().await?;
    let news = web.house.news(&Lot::from(lot.as_str())).listen();
    let events = news.map(|news| {
        Some(match news {
            Ok(news) => Event::default().data(news.to_string()),
            Err(lagged) => Event::default().comment(lagged.to_string()),
        })
    });
    let events = events.merge(end).take_while(Option::is_some);
    Ok(Sse::new(events.filter_map(|event| event).map(Ok)))
}

/// An error as the response to a request.
struct Failed(StatusCode, String);

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let Self(status, text) = self;
        (status, text + "\n").into_response()
    }
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        let status = match error {
            CallError::NoProcess => {
                let text = "this lot has no auction".into();
                return Self(StatusCode::NOT_FOUND, text);
            }
            CallError::Full => StatusCode::SERVICE_UNAVAILABLE,
            CallError::Timeout => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self(status, error.to_string())
    }
}

impl From<ChildError> for Failed {
    fn from(error: ChildError) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

impl From<BidError> for Failed {
    fn from(error: BidError) -> Self {
        let status = match error {
            // ANCHOR: status
            BidError::NoAuction => StatusCode::NOT_FOUND,
            BidError::TooFast => StatusCode::TOO_MANY_REQUESTS,
            BidError::Busy => StatusCode::SERVICE_UNAVAILABLE,
            BidError::Unknown => StatusCode::GATEWAY_TIMEOUT,
            // ANCHOR_END: status
            BidError::Closed
            | BidError::TooLow { .. }
            | BidError::Refused(_)
            | BidError::Implausible => StatusCode::CONFLICT,
        };
        Self(status, error.to_string())
    }
}
