//! A hello, byte by byte: any data a node may send about itself.

use ambit_dist::Limits;

/// Encodes a number for the wire.
pub(crate) fn number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    number(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// The fields of a hello, each of which may be false.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    pub(crate) magic: &'static [u8],
    pub(crate) versions: (u64, u64),
    pub(crate) cluster: String,
    pub(crate) name: String,
    pub(crate) incarnation: u64,
    /// The declared number of addresses; only a few follow.
    pub(crate) addresses: u64,
    pub(crate) features: u64,
    pub(crate) codecs: Vec<&'static str>,
    pub(crate) limits: Vec<u64>,
    pub(crate) heartbeat: u64,
    pub(crate) software: String,
}

impl Hello {
    /// Builds an honest hello.
    pub(crate) fn of(name: &str) -> Self {
        Self {
            magic: b"ambit",
            versions: (1, 1),
            cluster: "ambit".to_owned(),
            name: name.to_owned(),
            incarnation: 1,
            addresses: 0,
            features: 0,
            codecs: vec!["bincode"],
            limits: limits(&Limits::default()),
            heartbeat: 1000,
            software: "a stranger".to_owned(),
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut out = self.magic.to_vec();
        number(self.versions.0, &mut out);
        number(self.versions.1, &mut out);
        text(&self.cluster, &mut out);
        text(&self.name, &mut out);
        number(self.incarnation, &mut out);
        number(self.addresses, &mut out);
        for last in 0..self.addresses.min(8) {
            out.extend([4, 10, 0, 0, last as u8, 1, 1]);
        }
        number(self.features, &mut out);
        number(self.codecs.len() as u64, &mut out);
        for codec in &self.codecs {
            text(codec, &mut out);
        }
        number(self.limits.len() as u64, &mut out);
        for limit in &self.limits {
            number(*limit, &mut out);
        }
        number(self.heartbeat, &mut out);
        text(&self.software, &mut out);
        out
    }
}

/// Returns the limits in the order of the wire.
pub(crate) fn limits(of: &Limits) -> Vec<u64> {
    let sizes = [
        of.max_message,
        of.chunk,
        of.partials,
        of.partial_bytes,
        of.types,
        of.contract,
        of.definition_bytes,
        of.asks,
        of.monitors,
        of.name,
        of.window as usize,
        of.lanes.into(),
        of.window_bytes,
    ];
    sizes.map(|size| size as u64).to_vec()
}
