//! Keys for signing plugins: how the command creates them, and which ones it accepts.

use std::fs;

use insta::assert_snapshot;
use plugwright_contract::Prettify;

use crate::signing::{Signed, builder, host};

#[test]
fn a_secret_key_is_for_its_user_alone_and_is_never_shown_or_replaced() {
    let signed = Signed::new();
    let path = signed.folder().join("new.key");
    let new = || signed.run(&["key", "new", "new.key"]);
    let made = new();
    assert_snapshot!(made, @"
    new.key: the secret key, which signs plugins: keep it private
    new.pub: the public key: give it to everyone who loads your plugins
    [exit code 0]
    ");
    let secret = fs::read_to_string(&path).expect("the file can be read");
    assert!(secret.lines().count() == 2 && !made.to_string().contains(&secret));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).expect("the file exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The public key would replace the secret one.
    assert_snapshot!(signed.run(&["key", "new", "new.pub"]), @"
    ── stderr
    error: `new.pub` is a name for the public key: name a file for the secret key that does not end in `.pub`
    [exit code 2]
    ");
    assert_snapshot!(new(), @"
    ── stderr
    error: `new.key` already exists: name another file
    [exit code 2]
    ");
    assert_eq!(fs::read_to_string(&path).expect("the file can be read"), secret);

    signed.sign("new");
    signed.trusting(&["new"]).load::<Prettify>(signed.plugin()).expect("the plugin is signed");
}

/// Keys from another implementation, the crate `minisign`: one without a password, with its public key, and one
/// with a password.
#[test]
fn keys_of_minisign_sign_unless_they_have_a_password() {
    const PUBLIC: &str = "RWSD7edCAXpJbdqh5PfAInBQuTEbIPSxARebwxuu7gPtR6q848K7Ov7q";
    const SECRET: &str = "untrusted comment: rsign encrypted secret key\n\
        RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAg+3nQgF6SW1eu1Ul6m8ffhUu\
        K6Fgs+ShFzJ+67iuEYWlUdwro5kDc9qh5PfAInBQuTEbIPSxARebwxuu7gPtR6q848K7Ov7qu9O3Ybi25iq+nykTGaPdK4n0\
        vy/w3S7HPqvMoWaZu+M=\n";
    const PROTECTED: &str = "untrusted comment: rsign encrypted secret key\n\
        RWRTY0IyrFr3HsQMuAmsDBZWL7sMZzl0OiKY7V46xpjxoXCFuxEAABAAAAAAAAAAAAIAAAAAKEYjGayRUdg5cQu9NzU68sEm\
        pTHyfwIAgm4Z+hrqQTJ0Hep8tVvLzTnQYWIazvxbPX0pRCgKXpSNm8TNbRF7s4FbEuTYr+m74MtZ2xk967O51YCENKkRnYEP\
        IbjnfgblX7n0B3+MEI0=\n";
    let signed = Signed::new();
    let sign = |secret: &str| {
        fs::write(signed.folder().join("other.key"), secret).expect("the file can be written");
        signed.run(&["sign", "--key", "other.key"])
    };
    assert_eq!(sign(SECRET).code, Some(0));
    let host = host(builder().trust([PUBLIC.parse().expect("the key is valid")]));
    host.load::<Prettify>(signed.plugin()).expect("the plugin is signed");
    let signature = fs::read(signed.signature()).expect("the file can be read");
    assert_snapshot!(sign(PROTECTED), @"
    ── stderr
    error: cannot sign with `other.key`: it is protected by a password: sign with `minisign -S` instead
    [exit code 2]
    ");
    assert_snapshot!(sign(&SECRET.replace("g+3n", "g+3m")), @"
    ── stderr
    error: cannot sign with `other.key`: it is damaged
    [exit code 2]
    ");
    assert_eq!(
        fs::read(signed.signature()).expect("the file can be read"),
        signature,
        "the file is unchanged"
    );
}
