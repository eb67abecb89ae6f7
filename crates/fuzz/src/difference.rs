//! Two files, one of which is the other with a changed byte and a cut. The first difference between them is
//! reported.

use plugwright::difference;

use crate::mutate::{self, Bytes};
use crate::seeds;

/// The length of the edit that makes the second file from the first: which byte changes, to what, and where the
/// file is cut.
const EDIT: usize = 9;

/// Applies the edit in the first bytes of `input` to the component after them, and compares the two.
///
/// # Panics
///
/// If different files are reported as equal, or if the difference is beyond their ends.
pub fn run(input: &[u8]) {
    let Some((edit, one)) = input.split_first_chunk::<EDIT>() else { return };
    let [a, b, c, d, e, f, g, h, change] = *edit;
    let place = |bytes: [u8; 4]| u32::from_le_bytes(bytes) as usize % (one.len() + 1);
    let mut other = one.to_vec();
    if let Some(byte) = other.get_mut(place([a, b, c, d])) {
        *byte ^= change;
    }
    other.truncate(place([e, f, g, h]));
    for (one, other) in [(one, &*other), (&*other, one)] {
        match difference(one, other) {
            None => assert_eq!(one, other),
            Some(said) => {
                assert_ne!(one, other, "{said}");
                assert!(said.offset <= one.len(), "{said}, of {} bytes", one.len());
            }
        }
    }
    assert_eq!(difference(one, one), None);
}

/// Returns components, each with an edit before it.
pub fn seeds() -> Vec<Vec<u8>> {
    let edits = [[0; EDIT], [40, 1, 0, 0, 0, 2, 0, 0, 1], [1, 2, 3, 4, 255, 255, 255, 255, 255]];
    let components = seeds::components();
    components.iter().flat_map(|it| edits.map(|edit| [&edit[..], it].concat())).collect()
}

/// Mutates the input in the first `size` bytes of `data`, to at most `most` bytes, and returns its new size.
pub fn change(data: &mut [u8], size: usize, most: usize, seed: u32, bytes: Bytes) -> usize {
    if size <= EDIT || seed.is_multiple_of(2) {
        return bytes(data, size, most);
    }
    let component = &mut data[EDIT..];
    EDIT + mutate::change(component, size - EDIT, most - EDIT, seed, bytes)
}
