//! Functions of all kinds are called by text, and the plugin's imports are answered by text.

use insta::assert_snapshot;

use super::harbour::script;

#[test]
fn functions_of_each_kind_by_each_of_their_names() {
    assert_snapshot!(script("functions.calls"), @r#"
    > weigh([])
    < (-0, none, [])
    > berths.idle()
    <
    > port:harbour/berths@1.2.0.idle()
    <
    > idle()
    <
    > bool.list(true)
    < false
    > %bool.%list(false)
    < true
    > berths.berth(10)
    < berth#1
    > port:harbour/berths@1.2.0.berth(20)
    < berth#2
    > let long = berth(30)
    < berth#3
    > berths.berth.build(0)
    < err(unknown("a berth without length"))
    > let short = ok berth.build(5)
    < ok(berth#4)
    > long.length()
    < 30
    > berths.berth.length(short)
    < 5
    > port:harbour/berths@1.2.0.berth.is-shorter-than(short, long)
    < true
    > long.is-shorter-than(short)
    < false
    [exit code 0]
    "#);
}

#[test]
fn values_of_all_kinds_go_in_and_come_out() {
    assert_snapshot!(script("values.calls"), @r#"
    > let quay = berth(10)
    < berth#1
    > quay.load({label: "tea // no comment", mass: 1.25, seal: '☃', contents: utf8("leaves\n"), danger: none, papers: {}, bearing: (-128, 18446744073709551615, -inf, true)})
      stdout: loading tea // no comment
    < ok(1.25)
    > quay.load({label: file("inputs/label.txt"), mass: 1e3, seal: '\u{202e}', contents: hex("00ff"), danger: %explosive, papers: {health, bill}, remark: some(none), bearing: (127, 0, nan, false)})
      stdout: loading silk ✂
    < ok(1001.25)
    > quay.load({label: """
          two
          lines
          """, mass: 0, seal: '\'', contents: [], danger: flammable, papers: {customs}, remark: some(some("\"fragile\"")), bearing: (0, 1, 0.1, false)})
      stdout: loading two
      stdout: lines
    < ok(1001.25)
    > quay.load({label: "", mass: 1, seal: 'x', contents: [1, 2, 3], danger: none, papers: {}, bearing: (0, 0, 0, true)})
    < err(both((3, 'x')))
    > quay.load({label: "lead", mass: 1000.5, seal: 'x', contents: file("inputs/label.txt"), danger: none, papers: {}, bearing: (0, 0, 0, true)})
    < err(too-heavy(1000.5))
    > let parcels = quay.parcels()
    < [
        {
          label: "tea // no comment",
          mass: 1.25,
          seal: '☃',
          contents: utf8("""
            leaves
            
            """),
          danger: %none,
          papers: {},
          remark: none,
          bearing: (-128, 18446744073709551615, -inf, true),
        },
        {
          label: "silk ✂",
          mass: 1000,
          seal: '\u{202e}',
          contents: hex("00ff"),
          danger: explosive,
          papers: {bill, health},
          remark: some(none),
          bearing: (127, 0, nan, false),
        },
        {
          label: """
            two
            lines
            """,
          mass: 0,
          seal: '\'',
          contents: [],
          danger: flammable,
          papers: {customs},
          remark: some(some("\"fragile\"")),
          bearing: (0, 1, 0.1, false),
        },
      ]
    > weigh(parcels)
    < (1001.25, some(1), utf8("☃\u{202e}'"))
    [exit code 0]
    "#);
}

#[test]
fn handles_of_the_plugins_are_in_values_lent_and_given_away() {
    assert_snapshot!(script("handles.calls"), @r#"
    > let one = berth(1)
    < berth#1
    > let five = berths.berth(5)
    < berth#2
    > longest([one, five])
    < some(5)
    > longest([])
    < none
    > one.unload(five)
    <
    > let plan = ok plan-berths([1, 2, 3])
    < ok({first: berth#3, spare: some(berth#4), more: [berth#5], named: [("of 3", berth#6)]})
    > let first = plan.first
    < berth#3
    > let spare = some plan.spare
    < some(berth#4)
    > first.is-shorter-than(spare)
    < true
    > plan.first.length()
    < 1
    > longest([one, first, spare])
    < some(2)
    > sum({first: first, spare: some(one), more: [spare], named: []})
    < 4
    > let other = ok plan-berths([7, 8, 9])
    < ok({first: berth#7, spare: some(berth#8), more: [berth#9], named: [("of 9", berth#10)]})
    > sum(other)
    < 33
    > let last = berth(4)
    < berth#11
    > drop last
    > fresh
    > let one = berth(10)
    < berth#1
    > one.length()
    < 10
    [exit code 0]
    "#);
}

#[test]
fn handles_of_the_hosts_are_lent_given_away_and_had_back() {
    assert_snapshot!(script("ships.calls"), @r#"
    > let ada = new tower.ship
    < ship#1
    > let quay = berth(20)
    < berth#1
    > quay.has-room(ada)
      tower.ship.draught(ship#1) = 1.5
    < true
    > quay.has-room(ada)
      tower.ship.draught(ship#1) = 2.5
    < false
    > let bea = new ship
    < ship#2
    > quay.moor(bea)
      tower.ship.draught(ship#2) = 99
      tower.ship.draught(ship#2) = 99
    < err(too-heavy(99))
    > let cil = new ship
    < ship#3
    > quay.moor(cil)
      tower.ship.draught(ship#3) = 0.5
      tower.ship.name(ship#3) = "Ada"
      harbour-name() = "Bay \"of\" Ships"
      notice-board.post("Ada is at Bay \"of\" Ships")
    < ok(0)
    > regroup([some(ada), none])
    < (some(ship#1), [])
    > let back = some quay.release()
    < some(ship#3)
    > quay.release()
    < none
    > let groups = regroup([none, some(back), some(new), some(new)])
    < (some(ship#3), [ship#4, ship#5])
    > let first = some groups.0
    < some(ship#3)
    > regroup([some(first)])
    < (some(ship#3), [])
    [exit code 0]
    "#);
}

#[test]
fn what_the_plugin_asks_is_answered_in_turn_by_pattern_and_by_handle() {
    assert_snapshot!(script("convoy.calls"), @r#"
    > admit(0)
      tower.tide(0) = none
    < err(unknown("the tide at 0"))
    > admit(1)
      tower.tide(1) = some(none)
    < ok([])
    > admit(2)
      tower.tide(2) = some(some(1.5))
      stderr: the tide is 1.5
      tower.next() = some(ship#1)
      tower.ship.name(ship#1) = "Ada"
      tower.send-off(ship#1)
      tower.next() = some(ship#2)
      tower.ship.name(ship#2) = "Bea"
      tower.send-off(ship#2)
      tower.next() = none
      tower.next-convoy() = ok({leader: ship#3, others: [ship#4, ship#5]})
      tower.ship.follow(ship#3, ship#4) = ok
      tower.ship.follow(ship#3, ship#5) = ok
      tower.first([ship#4, ship#5, ship#3]) = 1
      tower.ship.name(ship#5) = "Cil"
      notice-board.next() = "Queen"
      tower.ship.find("Queen") = ok(ship#6)
      tower.ship.name(ship#6) = "Dot"
      tower.ship("Dot") = ship#7
      tower.ship.name(ship#7) = "Eva"
    < ok(["Ada", "Bea", "Cil", "Eva"])
    > admit(3)
      tower.tide(3) = some(some(1.5))
      stderr: the tide is 1.5
      tower.next() = none
      tower.next-convoy() = err(both((3, 'x')))
    < err(both((3, 'x')))
    ── stderr
    error: plugin `quay` refused the call (see the last line)
    [exit code 1]
    "#);
}

#[test]
fn an_answer_ends_the_call_and_a_new_instance_begins() {
    // The frames have no names, and another compiler gives other offsets.
    let mut output = script("lost.calls");
    output.stdout = super::ended::without_frames(&output.stdout);
    assert_snapshot!(output, @r#"
    > admit(13)
      tower.tide(13) = trap "there is no such hour\n> idle()"
    ! trap there is no such hour\n> idle()
    > idle()
    ! the instance has ended: begin a new one with `fresh`
    > fresh
    > idle()
    <
    > admit(12)
      tower.tide(12) = none
    < err(unknown("the tide at 12"))
    ── stderr
    error: plugin `quay` refused the call (see the last line)
    [exit code 1]
    "#);
}
