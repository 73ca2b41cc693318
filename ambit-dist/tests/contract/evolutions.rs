//! Random evolutions, known by what each part means: what the rules accept is read as it was meant, in both directions,
//! through both codecs and in the form that is agreed on; what they refuse is not read, is misread, or could be.
//!
//! A part is sent as its meaning, a number that no other part has. So a reader that takes one part for another shows
//! it. CI tries 100,000; `just evolutions` a million.

use std::env;

use ambit::message::{
    Agreement, BreakReason, Codec, Contract, DecodeError, EncodeError, Form, In, Out, compatible,
    tag,
};
use ambit_dist::{Bincode, Postcard};

use super::rng::TestRng;

/// The number of evolutions; `EVOLUTIONS` sets another one.
const TRIED: u64 = 20_000;

/// The default of a part that was not sent.
const DEFAULT: u64 = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Always,
    Optional,
    Default,
}

/// A field, or an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    meaning: u64,
    /// Its name is made of this number, unless it is known by its position.
    name: u64,
    need: Need,
    /// True if the value is encoded as text.
    is_text: bool,
}

/// The position of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reservation {
    /// In a struct with names.
    Named,
    /// In a struct without.
    Unnamed,
    /// In a method.
    Arguments,
}

const PLACES: [Reservation; 3] = [
    Reservation::Named,
    Reservation::Unnamed,
    Reservation::Arguments,
];

/// The position, as a name, without a leak for each.
const POSITIONS: [&str; 16] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15",
];

impl Reservation {
    fn name(self, at: usize, part: &Part) -> String {
        match self {
            Self::Unnamed => POSITIONS[at].to_owned(),
            Self::Named | Self::Arguments => format!("n{}", part.name),
        }
    }

    /// The name, position or tag of the part in the encoding.
    fn tag(self, at: usize, part: &Part) -> u32 {
        match self {
            Self::Named => tag(&format!("n{}", part.name)),
            Self::Unnamed | Self::Arguments => tag(POSITIONS[at]),
        }
    }

    fn contract(self, parts: &[Part]) -> Contract {
        let each = parts.iter().enumerate().map(|(at, part)| {
            let mark = if part.need == Need::Always { "" } else { "?" };
            let leaf = if part.is_text { "string" } else { "u64" };
            let shape = match part.need {
                Need::Optional => format!("option<{leaf}>"),
                Need::Always | Need::Default => leaf.to_owned(),
            };
            format!("{}{mark}: {shape}", self.name(at, part))
        });
        let each: Vec<String> = each.collect();
        let text = match self {
            Self::Arguments => format!("protocol shop\n  cast put({})\n", each.join(", ")),
            Self::Named | Self::Unnamed => {
                let fields: String = each.iter().map(|field| format!("  {field}\n")).collect();
                format!(
                    "protocol shop\n  cast put(value: shop.t)\nstruct shop.t version 1\n{fields}"
                )
            }
        };
        format!("ambit contract 1\n{text}").parse().unwrap()
    }

    fn write<C: Codec>(self, parts: &[Part], form: Form) -> Result<Vec<u8>, EncodeError> {
        let mut out = Out::<C>::new(form);
        out.record(u16::try_from(parts.len()).unwrap())?;
        for (at, part) in parts.iter().enumerate() {
            let (tag, number, text) = (self.tag(at, part), part.meaning, part.meaning.to_string());
            match (part.need, part.is_text) {
                (Need::Optional, true) => out.field(tag, &Some(text))?,
                (Need::Optional, false) => out.field(tag, &Some(number))?,
                (Need::Always | Need::Default, true) => out.field(tag, &text)?,
                (Need::Always | Need::Default, false) => out.field(tag, &number)?,
            }
        }
        Ok(out.into_bytes())
    }

    /// The meanings that stand at each part; `None` for one that was not sent.
    fn read<C: Codec>(
        self,
        parts: &[Part],
        bytes: &[u8],
        form: Form,
    ) -> Result<Vec<Option<u64>>, DecodeError> {
        let mut input = In::<C>::new(bytes, form);
        let mut record = input.record()?;
        let mut found = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let tag = self.tag(at, part);
            let number = |text: String| text.parse().unwrap_or(u64::MAX);
            let sent = |value: u64| Some(value).filter(|value| *value != DEFAULT);
            found.push(match (part.need, part.is_text) {
                (Need::Always, true) => Some(number(record.field("part", tag)?)),
                (Need::Always, false) => Some(record.field("part", tag)?),
                (Need::Optional, true) => record.field::<Option<String>>("part", tag)?.map(number),
                (Need::Optional, false) => record.field("part", tag)?,
                (Need::Default, true) => {
                    sent(number(record.field_or(tag, || DEFAULT.to_string())?))
                }
                (Need::Default, false) => sent(record.field_or(tag, || DEFAULT)?),
            });
        }
        record.end();
        input.finish()?;
        Ok(found)
    }

    /// Checks that a reader of `theirs` decodes the values of a writer of `ours` correctly, with both codecs.
    fn is_read(self, ours: &[Part], theirs: &[Part], form: Form) -> bool {
        let meant: Vec<_> = theirs
            .iter()
            .map(|part| {
                let is_sent = ours.iter().any(|known| known.meaning == part.meaning);
                is_sent.then_some(part.meaning)
            })
            .collect();
        let bincode = self.write::<Bincode>(ours, form).unwrap();
        let postcard = self.write::<Postcard>(ours, form).unwrap();
        let read = [
            self.read::<Bincode>(theirs, &bincode, form),
            self.read::<Postcard>(theirs, &postcard, form),
        ];
        read.into_iter().all(|read| read.as_ref() == Ok(&meant))
    }
}

/// One version, and the next.
struct Evolution {
    place: Reservation,
    old: Vec<Part>,
    new: Vec<Part>,
    /// Meanings and names so far.
    used: u64,
}

impl Evolution {
    fn random(rng: &mut TestRng) -> Self {
        let place = PLACES[usize::try_from(rng.below(3)).unwrap()];
        let mut evolution = Self {
            place,
            old: Vec::new(),
            new: Vec::new(),
            used: DEFAULT,
        };
        for _ in 0..rng.below(5) {
            let part = evolution.part(rng);
            evolution.old.push(part);
        }
        evolution.new = evolution.old.clone();
        // A part without a name that replaces another at its position is indistinguishable from it.
        let only_adds = rng.below(2) == 0;
        for _ in 0..1 + rng.below(3) {
            evolution.change(rng, only_adds);
        }
        evolution
    }

    fn part(&mut self, rng: &mut TestRng) -> Part {
        self.used += 1;
        let need = match rng.below(4) {
            0 => Need::Always,
            1 if self.place != Reservation::Arguments => Need::Default,
            _ => Need::Optional,
        };
        Part {
            meaning: self.used,
            name: self.used,
            need,
            is_text: rng.below(3) == 0,
        }
    }

    fn change(&mut self, rng: &mut TestRng, only_adds: bool) {
        let length = u64::try_from(self.new.len()).unwrap();
        let at = |rng: &mut TestRng| usize::try_from(rng.below(length.max(1))).unwrap();
        let is_named = self.place == Reservation::Named;
        match rng.below(6) {
            0 | 1 if only_adds || is_named => {
                let part = self.part(rng);
                let to = usize::try_from(rng.below(length + 1)).unwrap();
                self.new.insert(to, part);
            }
            2 if length > 0 && (!only_adds || is_named) => {
                self.new.remove(at(rng));
            }
            3 if length > 0 && self.place != Reservation::Unnamed => {
                let (one, other) = (at(rng), at(rng));
                self.new.swap(one, other);
            }
            // A better name, which nothing says on the wire; where parts are known by name it is another part.
            4 if length > 0 => {
                self.used += 1;
                let part = &mut self.new[at(rng)];
                part.name = self.used;
                if is_named {
                    part.meaning = self.used;
                }
            }
            5 if length > 0 && self.place != Reservation::Arguments => {
                let part = &mut self.new[at(rng)];
                part.need = match part.need {
                    Need::Always => Need::Default,
                    Need::Default => Need::Always,
                    Need::Optional => Need::Optional,
                };
            }
            _ => {}
        }
    }

    /// Returns the agreed methods, and panics if a value is misread.
    fn check(&self, seed: u64) -> Agreement {
        let Self {
            place, old, new, ..
        } = self;
        let [past, next] = [old, new].map(|parts| place.contract(parts));
        let agreed = next.agreement(&past, "shop", "put");
        let both = |form| place.is_read(old, new, form) && place.is_read(new, old, form);
        let shown = || format!("seed {seed}, {place:?}: {old:?} -> {new:?}: {agreed:?}");
        match &agreed {
            Agreement::Compact => assert!(both(Form::Compact) && both(Form::Framed), "{}", shown()),
            Agreement::Framed => assert!(both(Form::Framed), "{}", shown()),
            Agreement::Refused(breaks) => {
                let could_be = breaks.iter().any(|found| {
                    matches!(
                        found.reason,
                        BreakReason::ArgumentRenamed { .. } | BreakReason::PositionUnclear
                    )
                });
                assert!(could_be || !both(Form::Framed), "{}", shown());
            }
            Agreement::NoMethod => unreachable!("both have it"),
        }
        // A release may do less than two nodes can live with.
        if compatible(&past, &next).is_empty() {
            assert!(!matches!(agreed, Agreement::Refused(_)), "{}", shown());
        }
        agreed
    }
}

#[test]
fn no_evolution_that_is_accepted_is_misread() {
    let tried = env::var("EVOLUTIONS").map_or(TRIED, |tried| tried.parse().unwrap());
    let (mut framed, mut refused) = ([0_u64; 3], [0_u64; 3]);
    for seed in 0..tried {
        let evolution = Evolution::random(&mut TestRng::new(seed));
        let place = PLACES.iter().position(|place| *place == evolution.place);
        match evolution.check(seed) {
            Agreement::Framed => framed[place.unwrap()] += 1,
            Agreement::Refused(_) => refused[place.unwrap()] += 1,
            Agreement::Compact | Agreement::NoMethod => {}
        }
    }
    // Both happen, everywhere.
    let enough = |counts: [u64; 3]| counts.into_iter().all(|count| count > tried / 100);
    assert!(enough(framed) && enough(refused), "{framed:?} {refused:?}");
}
