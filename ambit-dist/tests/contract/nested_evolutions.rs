//! Random evolutions of whole programs: enum variants and their versions, nested types, keys and elements of sets,
//! replies, and the arguments of methods, of starts and of requests as values.
//!
//! As in `evolutions`, what the rules accept is read as it was meant, in both directions, through both codecs and in the
//! form that is agreed on; what they refuse is not read, is misread, or could be.

use std::cell::Cell;
use std::env;
use std::rc::Rc;
use std::thread;

use ambit::message::{
    Agreement, BreakReason, Codec, Contract, EncodeError, Form, Shape, compatible,
};
use ambit_dist::{Bincode, Postcard};

use super::nested::{Choice, Kind, Part, Program, Ty};
use super::rng::TestRng;

/// The number of evolutions; `EVOLUTIONS` sets another one.
const TRIED: u64 = 4_000;

/// The maximum number of values per version.
const VALUES: usize = 14;

/// A method, and the start of a server.
const METHODS: [[&str; 2]; 2] = [["shop", "put"], ["ambit.start", "shop"]];

/// Creates and changes programs.
struct Maker<'a> {
    rng: &'a mut TestRng,
    /// Meanings and names so far.
    used: u64,
}

impl Maker<'_> {
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.rng.below(limit.max(1) as u64)).unwrap()
    }

    fn one_in(&mut self, number: u64) -> bool {
        self.rng.below(number) == 0
    }

    fn new_name(&mut self) -> u64 {
        self.used += 1;
        self.used
    }

    fn small_program(&mut self) -> Program {
        loop {
            let program = self.program();
            if program.tried() <= VALUES {
                return program;
            }
        }
    }

    fn program(&mut self) -> Program {
        let mut program = Program {
            types: Vec::new(),
            arguments: Vec::new(),
            reply: None,
        };
        for at in 0..1 + self.below(3) {
            let kind = match self.below(2) {
                0 => Kind::Struct(self.parts(at, 3, false)),
                _ => Kind::Enum((0..1 + self.below(3)).map(|_| self.choice(at, 1)).collect()),
            };
            program.types.push((1, kind));
        }
        let known = program.types.len();
        program.arguments = self.parts(known, 2, true);
        if self.below(2) == 0 {
            program.reply = Some(self.ty(known, 2));
        }
        program
    }

    fn choice(&mut self, known: usize, since: u32) -> Choice {
        Choice {
            meaning: self.new_name(),
            name: self.used,
            since,
            parts: self.parts(known, 2, false),
        }
    }

    fn parts(&mut self, known: usize, most: usize, are_arguments: bool) -> Vec<Part> {
        let count = self.below(most + 1);
        (0..count)
            .map(|_| self.part(known, are_arguments))
            .collect()
    }

    fn part(&mut self, known: usize, is_argument: bool) -> Part {
        let ty = self.ty(known, 2);
        let (ty, has_default) = match self.below(3) {
            0 => (ty, false),
            1 if !is_argument && !matches!(ty, Ty::Optional(_)) => (ty, true),
            _ => (Ty::Optional(Rc::new(ty)), false),
        };
        let meaning = self.new_name();
        Part {
            meaning,
            name: meaning,
            ty,
            has_default,
        }
    }

    /// A type made of the first `known` definitions.
    fn ty(&mut self, known: usize, depth: u32) -> Ty {
        let inner = |maker: &mut Self| Rc::new(maker.ty(known, depth - 1));
        match self.below(if depth == 0 { 5 } else { 10 }) {
            0 => Ty::Number,
            1 => Ty::Text,
            2..=4 if known > 0 => Ty::Named(self.below(known)),
            5 => Ty::Optional(inner(self)),
            6 => Ty::List(inner(self)),
            7 => Ty::Set(inner(self)),
            8 => Ty::Map(inner(self), inner(self)),
            9 => Ty::Fallible(inner(self), inner(self)),
            _ => Ty::Number,
        }
    }

    fn change(&mut self, program: &mut Program) {
        let known = program.types.len();
        match self.below(8) {
            0 => self.change_parts(&mut program.arguments, known, true),
            1 => {
                if let Some(reply) = &mut program.reply {
                    self.change_type(reply, known);
                }
            }
            _ => {
                let at = self.below(known);
                let (version, kind) = &mut program.types[at];
                match kind {
                    Kind::Struct(parts) => self.change_parts(parts, at, false),
                    Kind::Enum(choices) => self.change_choices(version, choices, at),
                }
            }
        }
    }

    fn change_choices(&mut self, version: &mut u32, choices: &mut Vec<Choice>, known: usize) {
        let at = self.below(choices.len());
        match self.below(8) {
            // As it should be: with the version that adds it.
            0..=2 => {
                *version += 1;
                let to = self.below(choices.len() + 1);
                choices.insert(to, self.choice(known, *version));
            }
            3 => {
                let since = 1 + u32::try_from(self.below(3)).unwrap();
                *version = (*version).max(since);
                choices.push(self.choice(known, since));
            }
            4 if choices.len() > 1 => {
                choices.remove(at);
            }
            5 if !choices.is_empty() => {
                choices[at].since = 1 + u32::try_from(self.below(3)).unwrap();
                *version = (*version).max(choices[at].since);
            }
            6 if !choices.is_empty() => {
                let to = self.below(choices.len());
                choices.swap(at, to);
            }
            _ if !choices.is_empty() => self.change_parts(&mut choices[at].parts, known, false),
            _ => {}
        }
    }

    fn change_parts(&mut self, parts: &mut Vec<Part>, known: usize, are_arguments: bool) {
        let at = self.below(parts.len());
        match self.below(7) {
            0 | 1 => {
                let part = self.part(known, are_arguments);
                let to = match are_arguments && self.below(4) > 0 {
                    true => parts.len(),
                    false => self.below(parts.len() + 1),
                };
                parts.insert(to, part);
            }
            2 if !parts.is_empty() => {
                parts.remove(at);
            }
            3 if !parts.is_empty() => {
                let to = self.below(parts.len());
                parts.swap(at, to);
            }
            // Arguments are known by position; elsewhere a new name is another part.
            4 if !parts.is_empty() => {
                parts[at].name = self.new_name();
                if !are_arguments {
                    parts[at].meaning = self.used;
                }
            }
            5 if !parts.is_empty() => self.change_type(&mut parts[at].ty, known),
            6 if !parts.is_empty() && !are_arguments => {
                let part = &mut parts[at];
                part.has_default ^= !matches!(part.ty, Ty::Optional(_));
            }
            _ => {}
        }
    }

    fn change_type(&mut self, ty: &mut Ty, known: usize) {
        *ty = match ty.clone() {
            Ty::List(item) if !self.one_in(3) => Ty::Set(item),
            Ty::Set(item) if !self.one_in(3) => Ty::List(item),
            // The field stays optional.
            Ty::Optional(some) => {
                let mut some = (*some).clone();
                self.change_type(&mut some, known);
                Ty::Optional(Rc::new(some))
            }
            _ => self.ty(known, 1),
        };
    }
}

/// Checks that the values of one version are read by the other one. Values that the writer knows to be unknown to the
/// reader are not sent.
fn is_read<C: Codec>(
    [ours, theirs]: [&Rc<Program>; 2],
    peer: &Contract,
    form: Form,
    kept_back: &Cell<bool>,
) -> bool {
    let keeps_back = || {
        kept_back.set(true);
        true
    };
    let arguments = ours.records(&ours.arguments);
    let arguments =
        arguments.into_iter().all(
            |values| match ours.put_arguments::<C>(&values, form, peer) {
                Err(EncodeError::Newer { .. }) => keeps_back(),
                Err(_) => false,
                Ok(bytes) => {
                    let meant = theirs.meant_record(&theirs.arguments, &values);
                    let found = theirs.take_arguments::<C>(&bytes, form).ok();
                    meant.is_some() && found == meant
                }
            },
        );
    let (Some(our_reply), Some(their_reply)) = (&ours.reply, &theirs.reply) else {
        return arguments;
    };
    let replies = ours.samples(our_reply, 1).into_iter();
    arguments
        && replies.into_iter().all(|value| {
            match ours.put_reply::<C>(our_reply, &value, form, peer) {
                Err(EncodeError::Newer { .. }) => keeps_back(),
                Err(_) => false,
                Ok(bytes) => {
                    let meant = theirs.meant(their_reply, &value);
                    let found = theirs.take_reply::<C>(their_reply, &bytes, form).ok();
                    meant.is_some() && found == meant
                }
            }
        })
}

/// An argument that replaces another at its position is a renamed one by the rules, unless they are optional: a
/// program cannot tell them apart. One that has moved there keeps its name.
fn rename_replaced(old: &[Part], new: &mut [Part]) {
    for at in 0..old.len().min(new.len()) {
        let is_optional = |part: &Part| matches!(part.ty, Ty::Optional(_));
        let is_kept = new.iter().any(|part| part.meaning == old[at].meaning);
        let has_moved = old.iter().any(|part| part.meaning == new[at].meaning);
        if !is_kept && !has_moved && !is_optional(&old[at]) && !is_optional(&new[at]) {
            new[at].meaning = old[at].meaning;
        }
    }
}

fn check(seed: u64) -> Agreement {
    let mut rng = TestRng::new(seed);
    let mut maker = Maker {
        rng: &mut rng,
        used: 0,
    };
    let old = maker.small_program();
    let mut new = old.clone();
    for _ in 0..1 + maker.below(3) {
        let before = new.clone();
        maker.change(&mut new);
        if new.tried() > VALUES {
            new = before;
        }
    }
    rename_replaced(&old.arguments, &mut new.arguments);
    let [protocol, method] = METHODS[maker.below(2)];
    let [past, next] = [&old, &new].map(|program| program.contract([protocol, method]));
    let [old, new] = [old, new].map(Rc::new);
    let agreed = next.agreement(&past, protocol, method);
    let kept_back = Cell::new(false);
    // Each codec reads half of the evolutions.
    let read = match maker.below(2) {
        0 => is_read::<Bincode>,
        _ => is_read::<Postcard>,
    };
    let both = |form| {
        read([&old, &new], &next, form, &kept_back) && read([&new, &old], &past, form, &kept_back)
    };
    let shown = || format!("seed {seed}: {past}\n-> {next}\n{agreed:?}");
    match &agreed {
        Agreement::Compact => assert!(both(Form::Compact) && both(Form::Framed), "{}", shown()),
        Agreement::Framed => assert!(both(Form::Framed), "{}", shown()),
        Agreement::Refused(breaks) => {
            let mixes = sets(&past) != sets(&next);
            // Values of a type that has only one are never mistaken.
            let has_single = [&old, &new].iter().any(|program| program.has_single());
            let could_be = breaks.iter().any(|found| match found.reason {
                BreakReason::ArgumentRenamed { .. } => true,
                // The fields of two types may agree by accident.
                BreakReason::TypeChanged {
                    old: Shape::Named(_),
                    new: Shape::Named(_),
                } => true,
                // A list reads what a set would merge, but that is no rule.
                BreakReason::KeyFieldAdded | BreakReason::KeyFieldRemoved => mixes || has_single,
                // This list or set is a part of a key, whose own set may have become a list.
                BreakReason::TypeChanged {
                    old: Shape::List(_) | Shape::Set(_),
                    new: Shape::List(_) | Shape::Set(_),
                } => changed_containers(&past, &next) > 1 || has_single,
                _ => has_single,
            });
            // A value that is not sent may have been the only one with the part that breaks.
            let is_read = !could_be && both(Form::Framed) && !kept_back.get();
            assert!(!is_read, "{}", shown());
        }
        Agreement::NoMethod => unreachable!("both have it"),
    }
    // A release may do less than two nodes can live with.
    if compatible(&past, &next).is_empty() {
        assert!(!matches!(agreed, Agreement::Refused(_)), "{}", shown());
    }
    agreed
}

/// The number of sets in a contract.
fn sets(contract: &Contract) -> usize {
    contract.to_string().matches("set<").count()
}

/// The number of places in the text of two contracts where one has a list and the other a set. A change that adds or
/// removes some, or moves a field, counts as several.
fn changed_containers(old: &Contract, new: &Contract) -> usize {
    let are_sets = |contract: &Contract| -> Vec<bool> {
        let text = contract.to_string();
        let words = text.split(|letter: char| !letter.is_ascii_lowercase());
        let containers = words.filter(|word| ["list", "set"].contains(word));
        containers.map(|word| word == "set").collect()
    };
    let (old, new) = (are_sets(old), are_sets(new));
    let pairs = old.iter().zip(&new);
    match old.len() == new.len() {
        true => pairs.filter(|(one, other)| one != other).count(),
        false => usize::MAX,
    }
}

#[test]
fn no_evolution_of_a_program_that_is_accepted_is_misread() {
    let tried = env::var("EVOLUTIONS").map_or(TRIED, |tried| tried.parse().unwrap());
    // Two threads, because each evolution encodes many values.
    let half = |first: u64| {
        let (mut framed, mut refused) = (0_u64, 0_u64);
        for seed in (first..tried).step_by(2) {
            match check(seed) {
                Agreement::Framed => framed += 1,
                Agreement::Refused(_) => refused += 1,
                Agreement::Compact | Agreement::NoMethod => {}
            }
        }
        (framed, refused)
    };
    let (one, other) = thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        (half(0), other.join().unwrap())
    });
    let (framed, refused) = (one.0 + other.0, one.1 + other.1);
    // Both happen often.
    let enough = framed > tried / 20 && refused > tried / 20;
    assert!(enough, "{framed} {refused}");
}
