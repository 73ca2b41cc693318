//! kameo's registry of three processes: a distributed hash table on libp2p.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use kameo::Actor;
use kameo::actor::{ActorRef, RemoteActorRef, Spawn};
use kameo::remote::{Behaviour, RemoteActor, messaging};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, Swarm, SwarmBuilder, identify, noise, tcp, yamux};
use tokio::sync::{mpsc, oneshot};

use super::far::wait_for_the_end;
use super::pair::Far;
use super::pki::Secrets;
use super::rows::{ClusterWork, Row, Work};
use super::system::Failure;
use crate::rows::Sample;
use crate::runtime;

/// The first argument of a far process; then come the addresses of those that run.
pub(crate) const COMMAND: &str = "peer";
/// The name that the last peer registers.
const TARGET: &str = "target";

#[derive(Actor)]
struct Target;

impl RemoteActor for Target {
    const REMOTE_ID: &'static str = "bench.target";
}

#[derive(NetworkBehaviour)]
struct Network {
    kameo: Behaviour,
    identify: identify::Behaviour,
}

/// Reads its secrets, prints its address, and ends with its input. A peer with a seed registers a name first.
pub(crate) fn peer(seeds: &[&str]) -> Result<(), String> {
    let serve = || -> Result<(), Failure> {
        // They are those of the other systems: libp2p makes its own keys.
        Secrets::read(&mut io::stdin().lock())?;
        let seeds: Vec<SocketAddr> = addresses(seeds)?;
        runtime::run(async move {
            let address = join(&seeds).await?;
            let target = Target::spawn(Target);
            if !seeds.is_empty() {
                target.register(TARGET).await?;
            }
            println!("{address}");
            io::stdout().flush()?;
            tokio::task::spawn_blocking(wait_for_the_end).await?;
            Ok::<(), Failure>(())
        })?;
        std::process::exit(0)
    };
    serve().map_err(|error| error.to_string())
}

fn addresses(texts: &[&str]) -> Result<Vec<SocketAddr>, Failure> {
    let parsed = texts.iter().map(|text| text.parse());
    Ok(parsed.collect::<Result<_, _>>()?)
}

pub(crate) fn run(row: &'static Row, operations: u64) -> Result<Sample, Failure> {
    let (_, secrets) = Secrets::pair()?;
    let b = Far::run(&[COMMAND], &secrets)?;
    let c = Far::run(&[COMMAND, &b.address.to_string()], &secrets)?;
    runtime::run(async move {
        join(&[b.address, c.address]).await?;
        let took = match row.work {
            Work::Cluster(ClusterWork::Register { callers }) => register(operations, callers).await,
            Work::Cluster(ClusterWork::Lookup) => lookup(operations).await,
            _ => Err("kameo has no such row".into()),
        }?;
        drop((b, c));
        let figures = vec![row.value(operations, took)];
        Ok(Sample { took, figures })
    })
}

/// Registers actors, each under its own name.
async fn register(names: u64, callers: u64) -> Result<Duration, Failure> {
    let each = names.div_ceil(callers);
    let actors = |count: u64| (0..count).map(|_| Target::spawn(Target)).collect();
    register_all(0, actors(8)).await?;
    let shares: Vec<(u64, Vec<_>)> = (1..=callers).map(|one| (one, actors(each))).collect();
    let began = Instant::now();
    let register = |(caller, share)| tokio::spawn(register_all(caller, share));
    let callers: Vec<_> = shares.into_iter().map(register).collect();
    for caller in callers {
        caller.await??;
    }
    Ok(began.elapsed())
}

async fn register_all(caller: u64, actors: Vec<ActorRef<Target>>) -> Result<(), Failure> {
    for (index, actor) in actors.iter().enumerate() {
        actor.register(format!("{caller}-{index}")).await?;
    }
    Ok(())
}

/// Looks up a name of an actor of another process.
async fn lookup(lookups: u64) -> Result<Duration, Failure> {
    let began = Instant::now();
    for _ in 0..lookups {
        let found = RemoteActorRef::<Target>::lookup(TARGET).await?;
        found.ok_or("the name is gone")?;
    }
    Ok(began.elapsed())
}

/// Starts the network of this process, and waits until it knows all these peers. Returns its address.
async fn join(seeds: &[SocketAddr]) -> Result<SocketAddr, Failure> {
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(
            tcp::Config::default().nodelay(true),
            noise::Config::new,
            yamux::Config::default,
        )?
        .with_behaviour(|key| Network {
            kameo: Behaviour::new(key.public().to_peer_id(), messaging::Config::default()),
            identify: identify::Behaviour::new(identify::Config::new(
                "/bench/1".to_owned(),
                key.public(),
            )),
        })?
        .build();
    swarm.behaviour().kameo.try_init_global()?;
    swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse()?)?;
    for seed in seeds {
        let address = Multiaddr::from(seed.ip()).with(Protocol::Tcp(seed.port()));
        swarm.dial(address)?;
    }
    let (listening, address) = oneshot::channel();
    let (known, mut peers) = mpsc::unbounded_channel();
    tokio::spawn(drive(swarm, listening, known));
    for _ in seeds {
        peers.recv().await.ok_or("the network has ended")?;
    }
    Ok(address.await?)
}

/// Runs the network; reports its address, and each peer that it can reach.
async fn drive(
    mut swarm: Swarm<Network>,
    listening: oneshot::Sender<SocketAddr>,
    known: mpsc::UnboundedSender<()>,
) {
    let mut listening = Some(listening);
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::NewListenAddr { address, .. } => {
                if let (Some(address), Some(listening)) = (socket(&address), listening.take()) {
                    // The caller waits for it.
                    let _ = listening.send(address);
                }
            }
            SwarmEvent::Behaviour(NetworkEvent::Identify(identify::Event::Received {
                peer_id,
                info,
                ..
            })) => {
                for address in info.listen_addrs {
                    swarm.add_peer_address(peer_id, address);
                }
                // After the start nobody waits for peers.
                let _ = known.send(());
            }
            _ => {}
        }
    }
}

fn socket(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    match (parts.next()?, parts.next()?) {
        (Protocol::Ip4(ip), Protocol::Tcp(port)) => Some((ip, port).into()),
        _ => None,
    }
}
