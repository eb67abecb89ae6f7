//! Logins: with the credentials of `docker login`, or with a token that they are exchanged for. The specification is
//! [distribution's](https://distribution.github.io/distribution/spec/auth/token/).

use http_auth::parse_challenges;
use oci_client::secrets::RegistryAuth;
use reqwest::header::WWW_AUTHENTICATE;
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::Deserialize;

use super::transport::Transport;
use crate::error::RegistryError;
use crate::reference::Reference;

/// The longest answer of a token service, in bytes.
const MOST: usize = 64 << 10;

/// The kind of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// The credentials of a request.
pub(super) enum Login {
    Nobody,
    Password(String, String),
    Token(String),
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Login {
    pub(super) fn allow(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Nobody => request,
            Self::Password(name, password) => request.basic_auth(name, Some(password)),
            Self::Token(token) => request.bearer_auth(token),
        }
    }
}

/// Asks the registry how to log in, and does so.
pub(super) async fn log_in(
    transport: &Transport,
    reference: &Reference,
    access: Access,
    auth: &RegistryAuth,
) -> Result<Login, RegistryError> {
    let response = transport.send(&Method::GET, transport.base(), 0, |request| request).await?;
    let own = match auth {
        RegistryAuth::Basic(name, password) => Login::Password(name.clone(), password.clone()),
        _ => Login::Nobody,
    };
    if response.status() != StatusCode::UNAUTHORIZED {
        return Ok(own);
    }
    let asked = response.headers().get(WWW_AUTHENTICATE).and_then(|it| it.to_str().ok());
    let challenges = asked.and_then(|asked| parse_challenges(asked).ok()).unwrap_or_default();
    let parameter = |name: &str| {
        let bearer = challenges.iter().find(|it| it.scheme.eq_ignore_ascii_case("bearer"))?;
        let (_, value) = bearer.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value.to_unescaped())
    };
    let Some(realm) = parameter("realm") else {
        let basic = challenges.iter().any(|it| it.scheme.eq_ignore_ascii_case("basic"));
        return match (&own, basic) {
            (Login::Password(..), true) => Ok(own),
            _ => Err(transport.denied(response.status().to_string())),
        };
    };
    let url = Url::parse(&realm);
    let mut url = url.map_err(|error| transport.wrong(&format!("`{realm}`: {error}")))?;
    let actions = if access == Access::Read { "pull" } else { "pull,push" };
    let scope = format!("repository:{}:{actions}", reference.name());
    if let Some(service) = parameter("service") {
        url.query_pairs_mut().append_pair("service", &service);
    }
    url.query_pairs_mut().append_pair("scope", &scope);
    let response = transport.send(&Method::GET, &url, 0, |request| own.allow(request)).await?;
    match response.status() {
        StatusCode::OK => {}
        status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            return Err(transport.denied(status.to_string()));
        }
        status => return Err(transport.wrong(&format!("the token service answered {status}"))),
    }
    let answer = transport.whole("the token", response, MOST).await?;
    let token = serde_json::from_slice::<Token>(&answer).ok();
    let token = token.and_then(|it| it.token.or(it.access_token));
    token.map(Login::Token).ok_or_else(|| transport.wrong("the token service returned no token"))
}
