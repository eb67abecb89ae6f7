//! Keys and signatures in minisign's format, in the variant used here: keys without passwords, and signatures of
//! digests.

use anyhow::{Context as _, Result, anyhow};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use blake2b_simd::Params;
use ed25519_compact::{KeyPair, Noise, SecretKey, Seed};

/// A secret key, with the number that identifies it in signatures.
pub(crate) struct Key {
    number: [u8; NUMBER],
    secret: SecretKey,
}

const NUMBER: usize = 8;
const SALT: usize = 32;
const CHECKSUM: usize = 32;

/// The markers of the format: of keys, of signatures of digests, and of secret keys with and without a password.
const ED25519: &[u8] = b"Ed";
const OF_DIGEST: &[u8] = b"ED";
const BY_PASSWORD: &[u8] = b"Sc";
const BY_NOTHING: &[u8] = &[0, 0];
const BLAKE2B: &[u8] = b"B2";

impl Key {
    /// Creates a key from random bytes.
    pub(crate) fn new() -> Result<Self> {
        let (mut number, mut seed) = ([0; NUMBER], [0; Seed::BYTES]);
        for bytes in [&mut number[..], &mut seed] {
            getrandom::fill(bytes).context("cannot get random bytes from the system")?;
        }
        Ok(Self { number, secret: KeyPair::from_seed(Seed::new(seed)).sk })
    }

    /// Reads the text of a secret key's file.
    pub(crate) fn from_text(text: &str) -> Result<Self> {
        let none =
            || anyhow!("it is not a secret key as `plugwright key new` and `minisign -G` write it");
        let bytes = text.lines().nth(1).and_then(|line| BASE64_STANDARD.decode(line.trim()).ok());
        let bytes = bytes.ok_or_else(none)?;
        let mut rest = &*bytes;
        let mut take = |count: usize| {
            let taken = rest.split_off(..count);
            taken.ok_or_else(none)
        };
        let (algorithm, protection) = (take(2)?, take(2)?);
        let _ = (take(2)?, take(SALT)?, take(2 * size_of::<u64>())?);
        let (number, secret, checksum) = (take(NUMBER)?, take(SecretKey::BYTES)?, take(CHECKSUM)?);
        if algorithm != ED25519 {
            return Err(none());
        }
        match protection {
            BY_NOTHING => {}
            BY_PASSWORD => {
                return Err(anyhow!(
                    "it is protected by a password: sign with `minisign -S` instead"
                ));
            }
            _ => return Err(none()),
        }
        let key = Self {
            number: number.try_into().map_err(|_| none())?,
            secret: SecretKey::from_slice(secret).map_err(|_| none())?,
        };
        // The second half of the secret key is the public key.
        let whole = key.checksum() == checksum
            && key.secret.validate_public_key(&key.secret.public_key()).is_ok();
        if whole { Ok(key) } else { Err(anyhow!("it is damaged")) }
    }

    /// Returns the text of the secret key's file.
    pub(crate) fn to_text(&self) -> String {
        let costs = [0; 2 * size_of::<u64>()];
        let line = [
            ED25519,
            BY_NOTHING,
            BLAKE2B,
            &[0; SALT],
            &costs,
            &self.number,
            &*self.secret,
            &self.checksum(),
        ]
        .concat();
        format!("untrusted comment: secret key of plugwright\n{}\n", BASE64_STANDARD.encode(line))
    }

    /// Returns the text of the public key's file.
    pub(crate) fn public_text(&self) -> String {
        let line = [ED25519, &self.number, &*self.secret.public_key()].concat();
        let number = u64::from_le_bytes(self.number);
        let line = BASE64_STANDARD.encode(line);
        format!("untrusted comment: minisign public key {number:016X}\n{line}\n")
    }

    /// Returns the text of a signature of `bytes`, which also covers the comment.
    pub(crate) fn sign(&self, bytes: &[u8], comment: &str) -> String {
        let digest = Params::new().hash_length(64).hash(bytes);
        // Without noise, the same bytes always have the same signature.
        let signature = self.secret.sign(digest, None::<Noise>);
        let line = [OF_DIGEST, &self.number, &*signature].concat();
        let covered = [&*signature, comment.as_bytes()].concat();
        let cover = self.secret.sign(covered, None::<Noise>);
        let (line, cover) = (BASE64_STANDARD.encode(line), BASE64_STANDARD.encode(*cover));
        format!(
            "untrusted comment: signature from plugwright\n{line}\ntrusted comment: {comment}\n{cover}\n"
        )
    }

    fn checksum(&self) -> [u8; CHECKSUM] {
        let mut state = Params::new().hash_length(CHECKSUM).to_state();
        state.update(ED25519).update(&self.number).update(&*self.secret);
        let mut checksum = [0; CHECKSUM];
        checksum.copy_from_slice(state.finalize().as_bytes());
        checksum
    }
}
