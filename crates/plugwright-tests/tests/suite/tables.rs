//! The plugin `csv-json` with large inputs: many rows, many fields, and much that cannot be read.

use insta::assert_snapshot;
use plugwright::{CallError, Limits};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Failure, Head, Setting};
use tests::{streamer, transformer};

fn head() -> Head {
    Head::new("a.csv", "text/csv")
}

#[test]
fn a_table_goes_through_row_by_row() {
    const PIECE: usize = 64 << 10;

    let plugin = streamer("csv-json");
    let small = plugin
        .with_limits(&Limits::none().memory(3 << 20))
        .expect("a call can have a memory limit");
    let mut table = small.session(&head(), &[]).expect("the session opens");
    table.push(b"a,b\n").expect("the call succeeds");
    // More than the whole memory.
    let rows = b"1,\"x\"\n".repeat(PIECE / 6);
    for _ in 0..200 {
        assert!(table.push(&rows).expect("the call succeeds").len() > rows.len());
    }
    let (_, end) = table.finish().expect("the call succeeds");
    assert_eq!(end.attributes[0].value, (200 * (PIECE / 6)).to_string());

    let mut table = plugin.session(&head(), &[]).expect("the session opens");
    table.push(b"a,b\n1,\"never closed\n").expect("the call succeeds");
    let text = vec![b'x'; PIECE];
    let mut pushed = (0..300).map(|_| table.push(&text));
    let error = pushed.find_map(Result::err).expect("a row has more than 8 MiB");
    assert_snapshot!(error, @"plugin `csv-json` refused: invalid input at line 2, column 1: the row has more than 8 MiB: a quote in it may not be closed");
}

/// Converts the whole table.
fn converted(table: Vec<u8>, options: &[(&str, &str)]) -> Result<Document, CallError<Failure>> {
    let options: Vec<_> = options.iter().map(|(key, value)| Setting::new(*key, *value)).collect();
    let document = Document::new("a.csv", "text/csv", table);
    transformer("csv-json").transform(&document, &options)
}

#[test]
fn a_row_of_too_many_fields_is_refused_whatever_is_done_with_broken_ones() {
    let told = [&b","[..], b"\"\","].map(|field| {
        let result = converted(field.repeat(1_200_000), &[("broken-rows", "skip")]);
        result.expect_err("the row is too long").to_string()
    });
    assert_eq!(told[0], told[1]);
    assert_snapshot!(told[0], @"plugin `csv-json` refused: invalid input at line 1, column 1: the row has more than 1000000 fields");
}

#[test]
fn many_bytes_that_cannot_be_read_take_little_time_and_memory() {
    let table = [b"a,b\n1,", &[0xff; 2 << 20][..], b"\n"].concat();
    let error = converted(table.clone(), &[]).expect_err("the file is not text");
    assert_snapshot!(error, @"plugin `csv-json` refused: invalid input at line 2, column 3: the byte 0xff is not UTF-8 here: if the document has another encoding, name it with the option `encoding`");
    let skipped = converted(table, &[("broken-rows", "skip")]).expect("the row is skipped");
    assert_eq!(skipped.body, b"[]\n");
}

#[test]
fn many_columns_of_one_name_are_numbered_in_little_time() {
    let table = [&b"a,".repeat(50_000)[..], b"a\n"].concat();
    assert_eq!(
        converted(table, &[("names", "number")]).expect("the table has a header").body,
        b"[]\n"
    );
}
