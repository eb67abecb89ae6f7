//! What a request asks for.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::bindings::plugwright::plugin::transform::{Attribute, Setting};
use crate::bindings::wasi::http::types::{Fields, IncomingRequest};
use crate::problem::Problem;
use crate::{Body, Stop};

/// The header of an attribute.
pub(crate) const ATTRIBUTE: &str = "plugwright-attribute";

/// The most that attributes come to, in bytes, with what is needed for each.
const MOST: usize = 32 << 10;

/// The longest name of a document, in bytes.
const LONGEST: usize = 4 << 10;

/// What a document is called that nobody named.
const NAMELESS: &str = "document";

/// A document on its way in, and what is to be done with it.
#[derive(Debug)]
pub struct Asked {
    /// What the document is called.
    pub name: String,
    /// What its bytes are.
    pub media_type: String,
    /// What else is known of it.
    pub attributes: Vec<Attribute>,
    /// Its content.
    pub body: Body,
    /// The options.
    pub settings: Vec<Setting>,
}

impl Asked {
    pub(crate) fn read(request: &IncomingRequest) -> Result<Self, Stop> {
        let (path, query) = target(request);
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
        let settings = pairs.map(|(key, value)| Setting { key, value }).collect();
        let headers = request.headers();
        let media_type = header(&headers, "content-type")?;
        let length = header(&headers, "content-length")?.and_then(|it| it.parse().ok());
        Ok(Self {
            name: name(&path)?,
            media_type: media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
            attributes: attributes(&headers)?,
            body: Body::of(request, length.unwrap_or_default())?,
            settings,
        })
    }
}

/// The path and the query that are asked for.
pub(crate) fn target(request: &IncomingRequest) -> (String, String) {
    let target = request.path_with_query().unwrap_or_else(|| "/".to_owned());
    match target.split_once('?') {
        Some((path, query)) => (path.to_owned(), query.to_owned()),
        None => (target, String::new()),
    }
}

/// What the document is called: the last part of the path.
fn name(path: &str) -> Result<String, Stop> {
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.len() > LONGEST {
        return Err(Problem::too_much().into());
    }
    let name = decoded(last).filter(|name| !name.contains(['/', '\0']));
    let name = name.ok_or_else(|| Problem::request(format!("`{last}` is no name of a file")))?;
    Ok(if name.is_empty() { NAMELESS.to_owned() } else { name.into_owned() })
}

/// Attributes, several of which can stand in one header, as what is between here and there can put them.
fn attributes(headers: &Fields) -> Result<Vec<Attribute>, Stop> {
    let mut attributes: Vec<Attribute> = Vec::new();
    let values = headers.get(ATTRIBUTE);
    // They come back as headers of their own.
    let pairs = values.iter().map(|value| value.split(|it| *it == b',').count()).sum::<usize>();
    if values.iter().map(Vec::len).sum::<usize>() + pairs * 64 > MOST {
        return Err(Problem::too_much().into());
    }
    for value in values {
        let value = text(ATTRIBUTE, value)?;
        for pair in value.split(',').map(str::trim) {
            let decoded = pair
                .split_once('=')
                .and_then(|(key, value)| Some((decoded(key)?, decoded(value)?)));
            let Some((key, value)) = decoded else {
                let told = format!(
                    "the header `{ATTRIBUTE}` is `{pair}`: it is KEY=VALUE, both percent-encoded"
                );
                return Err(Problem::request(told).into());
            };
            attributes.push(Attribute { key: key.into_owned(), value: value.into_owned() });
        }
    }
    Ok(attributes)
}

fn header(headers: &Fields, name: &str) -> Result<Option<String>, Stop> {
    headers.get(name).into_iter().next().map(|value| text(name, value)).transpose()
}

fn text(name: &str, value: Vec<u8>) -> Result<String, Stop> {
    String::from_utf8(value)
        .map_err(|_| Problem::request(format!("the header `{name}` is not UTF-8")).into())
}

fn decoded(text: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(text).decode_utf8().ok()
}
