//! Packages of the crates, which cargo makes and builds here.

use crate::repository::{Repository, names, sha256};

#[test]
fn packages_build_offline_with_their_own_lock_files_and_are_the_same_elsewhere() {
    let small = Repository::small();
    let digests = [small.cloned(), small].map(|small| {
        // A registry may have crates of these names.
        let home = small.path("target/home").display().to_string();
        let offline = [("CARGO_NET_OFFLINE", "true"), ("CARGO_HOME", &*home)];
        let output = small.release_with(&offline, ["package"]);
        assert_eq!(output.code, Some(0), "{output}");
        // It can run again.
        let output = small.release_with(&offline, ["package"]);
        assert_eq!(output.code, Some(0), "{output}");
        let unpacked = names(&small.path("target/packages/unpacked"));
        assert_eq!(unpacked, ["apple-0.1.0", "pear-0.1.0", "zebra-0.1.0"]);
        ["apple", "pear", "zebra"]
            .map(|name| sha256(&small.path(&format!("target/packages/{name}-0.1.0.crate"))))
    });
    assert_eq!(digests[0], digests[1]);
}
