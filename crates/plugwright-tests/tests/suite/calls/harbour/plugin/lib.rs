//! Runs a quay.

wit_bindgen::generate!({ path: "../wit", world: "quay" });

use std::cell::RefCell;
use std::fs;

use exports::port::harbour::berths::{self, Berth, BerthBorrow, GuestBerth, Plan};
use exports::port::harbour::bool;
use port::harbour::freight::Trouble;
use port::harbour::notice_board;
use port::harbour::tower::{self, Convoy, Ship};

struct Quay;

export!(Quay);

/// Untrustworthy text: it clears the screen, reverses the direction of text and starts a new line.
const FORGED: &str = "\u{1b}[2J\u{202e}\n> drop x\r\u{7}\0é";

struct Place {
    length: u32,
    ship: RefCell<Option<Ship>>,
    parcels: RefCell<Vec<Parcel>>,
}

impl GuestBerth for Place {
    fn new(length: u32) -> Self {
        Self { length, ship: RefCell::default(), parcels: RefCell::default() }
    }

    fn build(length: u32) -> Result<Berth, Trouble> {
        match length {
            0 => Err(Trouble::Unknown("a berth without length".to_owned())),
            1000.. => Err(Trouble::Full),
            _ => Ok(Berth::new(Self::new(length))),
        }
    }

    fn length(&self) -> u32 {
        self.length
    }

    fn moor(&self, ship: Ship) -> Result<u32, Trouble> {
        if !self.has_room(&ship) {
            return Err(Trouble::TooHeavy(ship.draught().into()));
        }
        notice_board::post(&format!("{} is at {}", ship.name(), harbour_name()));
        match self.ship.replace(Some(ship)) {
            Some(before) => {
                tower::send_off(before);
                Ok(1)
            }
            None => Ok(0),
        }
    }

    fn has_room(&self, ship: &Ship) -> bool {
        f64::from(ship.draught()) * 10.0 <= self.length.into()
    }

    fn load(&self, parcel: Parcel) -> Result<f64, Trouble> {
        if parcel.mass > 1000.0 {
            return Err(Trouble::TooHeavy(parcel.mass));
        }
        if parcel.label.is_empty() {
            return Err(Trouble::Both((parcel.contents.len() as u8, parcel.seal)));
        }
        println!("loading {}", parcel.label);
        let mut parcels = self.parcels.borrow_mut();
        parcels.push(parcel);
        Ok(parcels.iter().map(|parcel| parcel.mass).sum())
    }

    fn parcels(&self) -> Vec<Parcel> {
        self.parcels.borrow().clone()
    }

    fn is_shorter_than(&self, other: BerthBorrow<'_>) -> bool {
        self.length < other.get::<Self>().length
    }

    fn unload(&self, from: Berth) {
        self.parcels.borrow_mut().append(&mut from.into_inner::<Self>().parcels.into_inner());
    }

    fn release(&self) -> Option<Ship> {
        self.ship.take()
    }
}

fn berth(length: u32) -> Berth {
    Berth::new(Place::new(length))
}

fn length(berth: &Berth) -> u32 {
    berth.get::<Place>().length
}

impl berths::Guest for Quay {
    type Berth = Place;

    fn plan_berths(lengths: Vec<u32>) -> Result<Plan, Trouble> {
        let mut lengths = lengths.into_iter();
        let first = berth(lengths.next().ok_or(Trouble::Full)?);
        let spare = lengths.next().map(berth);
        let named = lengths.clone().map(|length| (format!("of {length}"), berth(length)));
        Ok(Plan { first, spare, named: named.collect(), more: lengths.map(berth).collect() })
    }

    fn sum(plan: Plan) -> u32 {
        let Plan { first, spare, more, named } = plan;
        let named = named.iter().map(|(_, berth)| length(berth)).sum::<u32>();
        let more = more.iter().map(length).sum::<u32>();
        length(&first) + spare.as_ref().map_or(0, length) + more + named
    }

    fn longest(berths: Vec<BerthBorrow<'_>>) -> Option<u32> {
        berths.iter().map(|berth| berth.get::<Place>().length).max()
    }

    fn admit(hour: u8) -> Result<Vec<String>, Trouble> {
        match tower::tide(hour) {
            None => return Err(Trouble::Unknown(format!("the tide at {hour}"))),
            Some(None) => return Ok(Vec::new()),
            Some(Some(tide)) => eprintln!("the tide is {tide}"),
        }
        let mut names = Vec::new();
        while let Some(ship) = tower::next() {
            names.push(ship.name());
            tower::send_off(ship);
        }
        let Convoy { leader, others } = tower::next_convoy()?;
        for other in &others {
            leader.follow(other).map_err(Trouble::Unknown)?;
        }
        let ships: Vec<_> = others.iter().chain([&leader]).collect();
        let first = tower::first(&ships) as usize;
        names.push(ships.get(first).ok_or(Trouble::Full)?.name());
        let flagship = Ship::find(&notice_board::next())?;
        names.push(Ship::new(&flagship.name()).name());
        Ok(names)
    }

    fn regroup(ships: Vec<Option<Ship>>) -> (Option<Ship>, Vec<Ship>) {
        let mut ships = ships.into_iter().flatten();
        (ships.next(), ships.collect())
    }

    fn idle() {}
}

impl bool::Guest for Quay {
    fn list(record: bool) -> bool {
        !record
    }
}

impl Guest for Quay {
    fn weigh(parcels: Vec<Parcel>) -> (f64, Option<u8>, Vec<u8>) {
        let mass = |parcel: &Parcel| parcel.mass;
        let heaviest = parcels
            .iter()
            .enumerate()
            .max_by(|(_, one), (_, other)| one.mass.total_cmp(&other.mass));
        let seals: String = parcels.iter().map(|parcel| parcel.seal).collect();
        let heaviest = heaviest.map(|(index, _)| index as u8);
        (parcels.iter().map(mass).sum(), heaviest, seals.into_bytes())
    }

    fn depth(place: String) -> Result<f32, String> {
        let chart = fs::read_to_string(format!("/charts/{place}"));
        let chart = chart.map_err(|_| format!("there is no chart of {place}"))?;
        chart.trim().parse().map_err(|_| format!("the chart of {place} has no depth"))
    }

    fn suffer(mishap: Mishap) {
        match mishap {
            Mishap::Trip => trip(2),
            Mishap::Drift => loop {},
            Mishap::Hoard => drop((0..1000).map(|_| vec![1_u8; 1 << 20]).collect::<Vec<_>>()),
            Mishap::Shout => (0..100_000).for_each(|_| println!("{}", "ahoy ".repeat(100))),
        }
    }

    fn forge(length: u32) -> String {
        FORGED.chars().cycle().take(length as usize).collect()
    }

    fn smear(length: u32) {
        let text = Self::forge(length);
        notice_board::post(&text);
        println!("{text}");
        panic!("{text}");
    }
}

/// Traps after `steps` nested calls.
fn trip(steps: u32) {
    match steps {
        0 => panic!("a rope"),
        steps => trip(steps - 1),
    }
}
