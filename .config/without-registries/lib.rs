//! wasm-pkg-client without registry clients. It has only what cargo-component needs to build plugins that depend on no
//! package in a component registry.
//!
//! Nothing here calls these clients, because a plugin's contract is a folder of WIT. But they bring in network, TLS and
//! desktop-keyring crates: more than half of what cargo-component is compiled from. Functions that would need a client
//! return an error that says so. The names are those of wasm-pkg-client 0.9.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use tokio::io::AsyncRead;
pub use wasm_pkg_common::{
    Error,
    config::Config,
    digest::ContentDigest,
    package::{PackageRef, Version},
    registry::Registry,
};

pub type ContentStream = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;
pub type PublishingSource = Pin<Box<dyn AsyncRead + Send + Sync>>;

#[derive(Clone, Debug)]
pub struct Release {
    pub version: Version,
    pub content_digest: ContentDigest,
}

#[derive(Clone, Debug)]
pub struct VersionInfo {
    pub version: Version,
    pub yanked: bool,
}

#[derive(Clone, Debug, Default)]
pub struct PublishOpts {
    pub package: Option<(PackageRef, Version)>,
    pub registry: Option<Registry>,
}

pub struct Client;

impl Client {
    pub fn new(_: Config) -> Self {
        Self
    }

    pub async fn publish_release_data(
        &self,
        _: PublishingSource,
        _: PublishOpts,
    ) -> Result<(PackageRef, Version), Error> {
        Err(without_registries())
    }
}

pub mod caching {
    use std::path::{Path, PathBuf};

    use super::{
        Client, ContentStream, Error, PackageRef, Release, Version, VersionInfo, without_registries,
    };

    pub struct FileCache;

    impl FileCache {
        pub async fn new(_: impl AsRef<Path>) -> Result<Self, Error> {
            Ok(Self)
        }

        pub async fn global_cache() -> Result<Self, Error> {
            Ok(Self)
        }

        pub fn global_cache_path() -> Option<PathBuf> {
            None
        }
    }

    pub struct CachingClient<Cache> {
        client: Option<Client>,
        _cache: Cache,
    }

    impl<Cache> CachingClient<Cache> {
        pub fn new(client: Option<Client>, cache: Cache) -> Self {
            Self { client, _cache: cache }
        }

        pub fn is_readonly(&self) -> bool {
            self.client.is_none()
        }

        pub fn client(&self) -> Result<&Client, Error> {
            self.client.as_ref().ok_or_else(without_registries)
        }

        pub async fn list_all_versions(&self, _: &PackageRef) -> Result<Vec<VersionInfo>, Error> {
            Err(without_registries())
        }

        pub async fn get_release(&self, _: &PackageRef, _: &Version) -> Result<Release, Error> {
            Err(without_registries())
        }

        pub async fn get_content(
            &self,
            _: &PackageRef,
            _: &Release,
        ) -> Result<ContentStream, Error> {
            Err(without_registries())
        }
    }
}

pub mod warg {
    use std::sync::Arc;

    use wasm_pkg_common::config::RegistryConfig;

    use super::{Error, without_registries};

    #[derive(Default, serde::Serialize)]
    pub struct WargRegistryConfig {
        pub signing_key: Option<Arc<String>>,
    }

    impl TryFrom<&RegistryConfig> for WargRegistryConfig {
        type Error = Error;

        fn try_from(_: &RegistryConfig) -> Result<Self, Error> {
            Err(without_registries())
        }
    }
}

fn without_registries() -> Error {
    Error::RegistryError(anyhow::anyhow!(
        "this cargo-component has no registry clients: replace the package's version with its folder, as \
         `path = \"…\"`"
    ))
}
