//! A small name server on loopback, over UDP.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{Name, RData, Record};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// The records, and whether the server answers with a failure.
#[derive(Default)]
struct Zone {
    records: Vec<(Name, RData)>,
    fails: bool,
}

/// A running name server. It ends when this is dropped.
pub(crate) struct NameServer {
    zone: Arc<Mutex<Zone>>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl NameServer {
    pub(crate) async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let zone = Arc::new(Mutex::new(Zone::default()));
        let task = tokio::spawn(serve(socket, zone.clone()));
        Self {
            zone,
            address,
            task,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds an SRV record.
    pub(crate) fn srv(&self, service: &str, priority: u16, weight: u16, port: u16, host: &str) {
        let target = host.parse().unwrap();
        let data = RData::SRV(SRV::new(priority, weight, port, target));
        self.add(service, data);
    }

    /// Adds an address record.
    pub(crate) fn host(&self, host: &str, address: &str) {
        let address: IpAddr = address.parse().unwrap();
        self.add(host, address.into());
    }

    fn add(&self, name: &str, data: RData) {
        let name = name.parse().unwrap();
        self.zone.lock().unwrap().records.push((name, data));
    }

    /// Removes all records of a name.
    pub(crate) fn remove(&self, name: &str) {
        let name: Name = name.parse().unwrap();
        self.zone
            .lock()
            .unwrap()
            .records
            .retain(|(other, _)| *other != name);
    }

    /// Sets whether all answers are failures.
    pub(crate) fn fail(&self, fails: bool) {
        self.zone.lock().unwrap().fails = fails;
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(socket: UdpSocket, zone: Arc<Mutex<Zone>>) {
    let mut buffer = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let query = Message::from_vec(&buffer[..length]).unwrap();
        let answer = answer(&query, &zone.lock().unwrap());
        socket.send_to(&answer, from).await.unwrap();
    }
}

fn answer(query: &Message, zone: &Zone) -> Vec<u8> {
    let mut answer = Message::response(query.metadata.id, OpCode::Query);
    let asked = query.queries[0].clone();
    let of_name = zone.records.iter().filter(|(name, _)| name == asked.name());
    let found = of_name
        .clone()
        .filter(|(_, data)| data.record_type() == asked.query_type());
    for (name, data) in found {
        answer.add_answer(Record::from_rdata(name.clone(), 300, data.clone()));
    }
    answer.metadata.response_code = match (zone.fails, of_name.count()) {
        (true, _) => ResponseCode::ServFail,
        (false, 0) => ResponseCode::NXDomain,
        (false, _) => ResponseCode::NoError,
    };
    if zone.fails {
        answer.answers.clear();
    }
    answer.add_query(asked);
    answer.to_vec().unwrap()
}
