//! The origins that HTTP requests go to.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::Scheme;

/// A scheme, a host and a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    secure: bool,
    /// The host in lowercase letters. An IPv6 address is in brackets.
    host: String,
    port: u16,
}

impl Origin {
    /// Returns the origin of a URL, unless it has another scheme or contains a user name.
    pub(crate) fn of(url: &Uri) -> Option<Self> {
        let scheme = url.scheme()?;
        let secure = *scheme == Scheme::HTTPS;
        if !secure && *scheme != Scheme::HTTP {
            return None;
        }
        let authority = url.authority()?;
        let host = authority.host();
        let plain = match authority.port() {
            Some(port) => authority.as_str() == format!("{host}:{port}"),
            None => authority.as_str() == host,
        };
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        (plain && !host.is_empty()).then(|| Self { secure, host: host.to_ascii_lowercase(), port })
    }
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let url: Uri = text.parse().map_err(|_| "it is not a URL")?;
        if url.path_and_query().is_some_and(|rest| rest != "/") || text.contains('#') {
            return Err("it has more than a scheme, a host and a port");
        }
        Self::of(&url).ok_or("it is not `http://` or `https://` followed by a host")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secure, host, port } = self;
        let scheme = if *secure { "https" } else { "http" };
        write!(f, "{scheme}://{host}:{port}")
    }
}
