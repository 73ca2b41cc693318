//! Random events for two or three connection managers.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Deliver(usize),
    Connect(usize, usize),
    Disconnect(usize, usize),
    Wait(u64),
    Restart(usize),
    RestartEarlier(usize),
    Cut(usize),
    Leave(usize),
    /// Replaces the candidates of a node: the hosts whose bits are set.
    Candidates(usize, usize, u8),
    Refuse(usize, usize),
    Readmit(usize, usize),
    EndSession(usize, usize),
}

fn run(net: &mut Net, steps: &[Step]) {
    let hosts = net.hosts.len();
    for step in steps {
        match *step {
            Step::Deliver(route) if !net.wires.is_empty() => {
                let route = route % (net.wires.len() * 2);
                net.deliver(route / 2, route % 2);
            }
            Step::Cut(wire) if !net.wires.is_empty() => net.cut(wire % net.wires.len()),
            Step::Deliver(_) | Step::Cut(_) => {}
            Step::Connect(from, to) => {
                let from = from % hosts;
                net.hosts[from]
                    .peers
                    .connect(address(to % hosts), CallerId(0));
                net.act(from);
            }
            Step::Disconnect(from, to) => {
                let (from, to) = (from % hosts, to % hosts);
                let name = net.hosts[to].peers.own.name.clone();
                let now = net.now;
                net.hosts[from].peers.disconnect(now, &name);
                net.act(from);
            }
            Step::Refuse(from, to) => {
                let (from, to) = (from % hosts, to % hosts);
                let name = net.hosts[to].peers.own.name.clone();
                let now = net.now;
                net.hosts[from].peers.refuse(now, &name);
                net.act(from);
            }
            Step::Readmit(from, to) => {
                let name = net.hosts[to % hosts].peers.own.name.clone();
                net.hosts[from % hosts].peers.readmit(&name);
            }
            Step::EndSession(host, index) => net.end_session(host % hosts, index),
            Step::Wait(millis) => net.timers(Duration::from_millis(millis)),
            Step::Restart(host) => net.restart(host % hosts),
            Step::RestartEarlier(host) => net.begins(host % hosts, 1),
            Step::Candidates(host, source, bits) => {
                let host = host % hosts;
                let listed = (0..hosts).filter(|host| bits & (1 << host) != 0);
                let set = listed.map(address).collect();
                let now = net.now;
                net.hosts[host].peers.candidates(now, SourceId(source), set);
                net.act(host);
            }
            Step::Leave(host) => {
                let host = host % hosts;
                net.hosts[host].peers.leave();
                net.act(host);
            }
        }
    }
}

fn deliveries() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..64_usize).prop_map(Step::Deliver), 0..40)
}

fn anything() -> impl Strategy<Value = Vec<Step>> {
    let host = 0..3_usize;
    let step = prop_oneof![
        20 => (0..64_usize).prop_map(Step::Deliver),
        4 => (host.clone(), host.clone()).prop_map(|(from, to)| Step::Connect(from, to)),
        2 => (0..2_000_u64).prop_map(Step::Wait),
        1 => (host.clone(), host.clone()).prop_map(|(from, to)| Step::Disconnect(from, to)),
        1 => host.clone().prop_map(Step::Restart),
        1 => host.clone().prop_map(Step::RestartEarlier),
        2 => (0..64_usize).prop_map(Step::Cut),
        1 => (host.clone(), host.clone()).prop_map(|(from, to)| Step::Refuse(from, to)),
        1 => (host.clone(), host.clone()).prop_map(|(from, to)| Step::Readmit(from, to)),
        2 => (host.clone(), 0..2_usize, 0..8_u8).prop_map(|(host, source, bits)| Step::Candidates(host, source, bits)),
        4 => (host.clone(), 0..4_usize).prop_map(|(host, index)| Step::EndSession(host, index)),
        1 => host.prop_map(Step::Leave),
    ];
    prop::collection::vec(step, 0..80)
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 4 } else { cases },
        max_shrink_iters: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(3_000))]

    /// Without losses, exactly one connection is established, both nodes agree on it, and neither sees it break.
    #[test]
    fn two_nodes_that_dial_each_other_agree_on_one_connection(steps in deliveries(), both in any::<bool>()) {
        let mut net = Net::new(2);
        net.hosts[0].peers.connect(address(1), CallerId(0));
        net.act(0);
        if both {
            net.hosts[1].peers.connect(address(0), CallerId(0));
            net.act(1);
        }
        run(&mut net, &steps);
        net.settle();
        net.check_agreement();
        for (host, is_waiting) in net.hosts.iter().zip([true, both]) {
            prop_assert_eq!((host.ups, host.downs, host.warnings), (1, 0, 0));
            prop_assert_eq!(host.answers.len(), usize::from(is_waiting));
            prop_assert!(host.answers.iter().all(Result::is_ok));
        }
    }

    /// After any events, ups and downs alternate, there is one connection per node, and both sides agree in the end.
    #[test]
    fn nodes_agree_in_the_end_whatever_happens(steps in anything()) {
        let mut net = Net::new(3);
        run(&mut net, &steps);
        net.settle();
        net.check_agreement();
    }
}
