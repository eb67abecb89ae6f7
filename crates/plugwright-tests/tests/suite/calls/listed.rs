//! The functions that can be called are listed, with their documentation from the contract.

use insta::assert_snapshot;

use super::harbour::{QUAY, call, quay};
use super::run;

#[test]
fn what_can_be_called_is_listed() {
    assert_snapshot!(call(&[]), @"
      weigh: func(parcels: list<parcel>) -> tuple<f64, option<u8>, list<u8>>
      depth: func(place: string) -> result<f32, string>
      suffer: func(mishap: mishap)
      forge: func(length: u32) -> string
      smear: func(length: u32)
      enum mishap { trip, drift, hoard, shout }
      record parcel { label: string, mass: f64, seal: char, contents: list<u8>, danger: danger, papers: papers, remark: option<option<string>>, bearing: tuple<s8, u64, f32, bool> }
      enum danger { none, flammable, explosive }
      flags papers { bill, customs, health }

    port:harbour/berths@1.2.0
      berths.berth: constructor(length: u32)
      berths.berth.build: static func(length: u32) -> result<berth, trouble>
      berths.berth.length: func() -> u32
      berths.berth.moor: func(ship: ship) -> result<u32, trouble>
      berths.berth.has-room: func(ship: borrow<ship>) -> bool
      berths.berth.load: func(parcel: parcel) -> result<f64, trouble>
      berths.berth.parcels: func() -> list<parcel>
      berths.berth.is-shorter-than: func(other: borrow<berth>) -> bool
      berths.berth.unload: func(from: berth)
      berths.berth.release: func() -> option<ship>
      berths.plan-berths: func(lengths: list<u32>) -> result<plan, trouble>
      berths.sum: func(plan: plan) -> u32
      berths.longest: func(berths: list<borrow<berth>>) -> option<u32>
      berths.admit: func(hour: u8) -> result<list<string>, trouble>
      berths.regroup: func(ships: list<option<ship>>) -> tuple<option<ship>, list<ship>>
      berths.idle: func()
      record plan { first: berth, spare: option<berth>, more: list<berth>, named: list<tuple<string, berth>> }
      record parcel { label: string, mass: f64, seal: char, contents: list<u8>, danger: danger, papers: papers, remark: option<option<string>>, bearing: tuple<s8, u64, f32, bool> }
      enum danger { none, flammable, explosive }
      flags papers { bill, customs, health }
      variant trouble { full, too-heavy(f64), unknown(string), both(tuple<u8, char>) }

    port:harbour/bool@1.2.0
      bool.list: func(record: bool) -> bool

    functions that the plugin imports, answered by `import` statements

      harbour-name: func() -> string

    port:harbour/tower@1.2.0
      tower.ship: constructor(name: string)
      tower.ship.name: func() -> string
      tower.ship.draught: func() -> f32
      tower.ship.follow: func(other: borrow<ship>) -> result<_, string>
      tower.ship.find: static func(name: string) -> result<ship, trouble>
      tower.tide: func(hour: u8) -> option<option<f32>>
      tower.next: func() -> option<ship>
      tower.next-convoy: func() -> result<convoy, trouble>
      tower.first: func(ships: list<borrow<ship>>) -> u32
      tower.send-off: func(ship: ship)
      record convoy { leader: ship, others: list<ship> }
      variant trouble { full, too-heavy(f64), unknown(string), both(tuple<u8, char>) }

    port:harbour/notice-board@1.2.0
      notice-board.post: func(notice: string)
      notice-board.next: func() -> string
    [exit code 0]
    ");
}

#[test]
fn the_contract_says_what_each_is_for() {
    let wit = QUAY.path("wit");
    let listed = call(&["--wit", wit.to_str().expect("the path is UTF-8")]);
    assert_snapshot!(listed, @"
      weigh: func(parcels: list<parcel>) -> tuple<f64, option<u8>, list<u8>>
          // Weighs the parcels: all of them, the heaviest one, and the seals.
      depth: func(place: string) -> result<f32, string>
          // Looks a depth up in the charts.
      suffer: func(mishap: mishap)
          // Does something wrong.
      forge: func(length: u32) -> string
          // Gives a text of that many characters, of which none is to be trusted.
      smear: func(length: u32)
          // Puts such a text on the notice board, and trips over it.
      enum mishap { trip, drift, hoard, shout }
      record parcel { label: string, mass: f64, seal: char, contents: list<u8>, danger: danger, papers: papers, remark: option<option<string>>, bearing: tuple<s8, u64, f32, bool> }
      enum danger { none, flammable, explosive }
      flags papers { bill, customs, health }

    port:harbour/berths@1.2.0
      // What a quay does.
      berths.berth: constructor(length: u32)
          // A berth of that length.
      berths.berth.build: static func(length: u32) -> result<berth, trouble>
          // Builds a berth, if there is room.
      berths.berth.length: func() -> u32
      berths.berth.moor: func(ship: ship) -> result<u32, trouble>
          // Takes a ship in, and keeps it.
      berths.berth.has-room: func(ship: borrow<ship>) -> bool
          // Says whether a ship would have room.
      berths.berth.load: func(parcel: parcel) -> result<f64, trouble>
      berths.berth.parcels: func() -> list<parcel>
      berths.berth.is-shorter-than: func(other: borrow<berth>) -> bool
          // Says whether it is shorter than the other one.
      berths.berth.unload: func(from: berth)
          // Takes what is loaded at the other one.
      berths.berth.release: func() -> option<ship>
          // Gives the ship back.
      berths.plan-berths: func(lengths: list<u32>) -> result<plan, trouble>
          // Plans berths of these lengths.
      berths.sum: func(plan: plan) -> u32
          // How long all of them are.
      berths.longest: func(berths: list<borrow<berth>>) -> option<u32>
          // Which of them is the longest.
      berths.admit: func(hour: u8) -> result<list<string>, trouble>
          // Lets in what waits, and sends it off again: says who it was.
      berths.regroup: func(ships: list<option<ship>>) -> tuple<option<ship>, list<ship>>
          // Gives the ships back in another form.
      berths.idle: func()
          // Does nothing.
      record plan { first: berth, spare: option<berth>, more: list<berth>, named: list<tuple<string, berth>> }
      record parcel { label: string, mass: f64, seal: char, contents: list<u8>, danger: danger, papers: papers, remark: option<option<string>>, bearing: tuple<s8, u64, f32, bool> }
      enum danger { none, flammable, explosive }
      flags papers { bill, customs, health }
      variant trouble { full, too-heavy(f64), unknown(string), both(tuple<u8, char>) }

    port:harbour/bool@1.2.0
      // An interface whose name is a word of WIT.
      bool.list: func(record: bool) -> bool
          // Says the opposite, of a function whose name is one, too.

    functions that the plugin imports, answered by `import` statements

      harbour-name: func() -> string
          // Says which harbour this is.

    port:harbour/tower@1.2.0
      // What the harbour gives to a quay.
      tower.ship: constructor(name: string)
          // A ship, as the harbour knows it.
      tower.ship.name: func() -> string
      tower.ship.draught: func() -> f32
      tower.ship.follow: func(other: borrow<ship>) -> result<_, string>
          // Has it follow another one.
      tower.ship.find: static func(name: string) -> result<ship, trouble>
          // Finds a ship in the register.
      tower.tide: func(hour: u8) -> option<option<f32>>
          // What the tide is at that hour.
      tower.next: func() -> option<ship>
          // The next ship that waits.
      tower.next-convoy: func() -> result<convoy, trouble>
          // The next convoy that waits.
      tower.first: func(ships: list<borrow<ship>>) -> u32
          // Says which of two ships goes first.
      tower.send-off: func(ship: ship)
          // Sends a ship away.
      record convoy { leader: ship, others: list<ship> }
      variant trouble { full, too-heavy(f64), unknown(string), both(tuple<u8, char>) }

    port:harbour/notice-board@1.2.0
      // Where notices are put.
      notice-board.post: func(notice: string)
          // Puts a notice there.
      notice-board.next: func() -> string
          // The next ship to be announced: another function than the tower's.
    [exit code 0]
    ");
    assert_eq!(QUAY.run(&["call", "quay"]), listed, "the contract is stored beside the plugin");
}

#[test]
fn inspect_shows_the_same_and_run_says_how_to_call() {
    let folder = quay();
    let inspected = run(&folder, &["inspect", "quay.wasm"]).stdout;
    let (_, callable) =
        inspected.split_once("functions to call\n\n").expect("the text is in the output");
    assert_eq!(callable, call(&[]).stdout);
    assert_snapshot!(run(&folder, &["run", "quay.wasm", "quay.wasm"]), @"
    ── stderr
    error: `quay` does not take documents, because its world is `port:harbour/quay@1.2.0`: `plugwright call quay.wasm` lists its functions
    [exit code 2]
    ");
}
