//! A recording of a run gives the same results again.

use std::fs;

use insta::assert_snapshot;

use super::beside;
use super::harbour::{call_in, quay};

/// Records the case, and runs the recording.
fn recorded(case: &str) -> String {
    let folder = quay();
    let file = beside("harbour/cases").join(case);
    let file = file.to_str().expect("the path is UTF-8");
    let live = call_in(&folder, &["--calls", file, "--record", "recorded.calls"]);
    let again = call_in(&folder, &["--calls", "recorded.calls", "--record", "again.calls"]);
    assert_eq!(live, again);
    let read =
        |name: &str| fs::read_to_string(folder.path().join(name)).expect("the recording exists");
    assert_eq!(read("recorded.calls"), read("again.calls"));
    read("recorded.calls")
}

#[test]
fn the_same_is_asked_answered_and_given() {
    assert_snapshot!(recorded("convoy.calls"), @r#"
    import tower.tide(0) = none
    import tower.tide(1) = some(none)
    import tower.tide(2) = some(some(1.5))
    import tower.tide(3) = some(some(1.5))
    import tower.next() = some(new), some(new), none
    import tower.ship.name(_) = "Ada", "Bea", "Cil", "Dot", "Eva"
    import tower.send-off(_)
    import tower.next-convoy() = ok({leader: new, others: [new, new]}), err(both((3, 'x')))
    import tower.ship.follow(_, _) = ok
    import tower.first(_) = 1
    import notice-board.next() = "Queen"
    import tower.ship.find("Queen") = ok(new)
    import tower.ship("Dot") = new

    admit(0)
    admit(1)
    admit(2)
    admit(3)
    "#);
    assert_snapshot!(recorded("ships.calls"), @r#"
    import tower.ship.draught(_) = 1.5, 2.5, 99, 99, 0.5
    import tower.ship.name(_) = "Ada"
    import harbour-name() = "Bay \"of\" Ships"
    import notice-board.post("Ada is at Bay \"of\" Ships")

    let ada = new tower.ship
    let quay = berth(20)
    quay.has-room(ada)
    quay.has-room(ada)
    let bea = new ship
    quay.moor(bea)
    let cil = new ship
    quay.moor(cil)
    regroup([some(ada), none])
    let back = some quay.release()
    quay.release()
    let groups = regroup([none, some(back), some(new), some(new)])
    let first = some groups.0
    regroup([some(first)])
    "#);
    assert_snapshot!(recorded("handles.calls"), @"
    let one = berth(1)
    let five = berths.berth(5)
    longest([one, five])
    longest([])
    one.unload(five)
    let plan = ok plan-berths([1, 2, 3])
    let first = plan.first
    let spare = some plan.spare
    first.is-shorter-than(spare)
    plan.first.length()
    longest([one, first, spare])
    sum({first: first, spare: some(one), more: [spare], named: []})
    let other = ok plan-berths([7, 8, 9])
    sum(other)
    let last = berth(4)
    drop last
    fresh
    let one = berth(10)
    one.length()
    ");
    assert_snapshot!(recorded("lost.calls"), @r#"
    import tower.tide(13) = trap "there is no such hour\n> idle()"
    import tower.tide(12) = none

    admit(13)
    idle()
    fresh
    idle()
    admit(12)
    "#);
}

#[test]
fn nothing_is_recorded_of_a_script_that_is_wrong() {
    let folder = quay();
    let output = call_in(&folder, &["--record", "recorded.calls", "idle()", "admit(1)"]);
    assert_snapshot!(output, @"
    > idle()
    <
    > admit(1)
    ── stderr
    error: statement 2, column 1: the plugin called `tower.tide`, but no statement answers: add `import tower.tide(1) = …`, with a value of type `option<option<f32>>`
    [exit code 2]
    ");
    assert!(!folder.path().join("recorded.calls").exists(), "the file was not written");
    let output = call_in(&folder, &["--record", "nowhere/recorded.calls", "idle()"]);
    assert_snapshot!(output, @"
    ── stderr
    error: cannot write `nowhere/recorded.calls`: there is no folder `nowhere`
    [exit code 8]
    ");
}
