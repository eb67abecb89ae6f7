//! Checks untrusted bytes before a host loads them: signature, policy, manifest, contract.

pub(crate) mod candidate;
pub(crate) mod compatibility;
pub(crate) mod denial;
pub(crate) mod description;
pub(crate) mod dist;
pub(crate) mod embed;
pub(crate) mod inspection;
pub(crate) mod known;
pub(crate) mod load_error;
pub(crate) mod lock;
pub(crate) mod manifest;
pub(crate) mod mismatch;
pub(crate) mod more;
pub(crate) mod policy;
pub(crate) mod sections;
pub(crate) mod signature;
pub(crate) mod size;
pub(crate) mod surface;
pub(crate) mod wants;
