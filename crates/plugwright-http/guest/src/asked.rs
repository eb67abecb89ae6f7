//! Requests.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::bindings::plugwright::plugin::transform::{Attribute, Setting};
use crate::bindings::wasi::http::types::{Fields, IncomingRequest};
use crate::problem::Problem;
use crate::{Body, Stop};

/// The header of an attribute.
pub(crate) const ATTRIBUTE: &str = "plugwright-attribute";

/// The greatest size of all attributes, in bytes, with some bytes for each.
const MOST: usize = 32 << 10;

/// The longest name of a document, in bytes.
const LONGEST: usize = 4 << 10;

/// The name of a document that the request does not name.
const NAMELESS: &str = "document";

/// A request: a document and options.
#[derive(Debug)]
pub struct Asked {
    /// The document's name.
    pub name: String,
    /// The document's media type.
    pub media_type: String,
    /// The document's attributes.
    pub attributes: Vec<Attribute>,
    /// The document's body.
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

/// Returns the path and the query of a request.
pub(crate) fn target(request: &IncomingRequest) -> (String, String) {
    let target = request.path_with_query().unwrap_or_else(|| "/".to_owned());
    match target.split_once('?') {
        Some((path, query)) => (path.to_owned(), query.to_owned()),
        None => (target, String::new()),
    }
}

/// Returns the document's name, which is the last part of the path.
fn name(path: &str) -> Result<String, Stop> {
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.len() > LONGEST {
        return Err(Problem::too_much().into());
    }
    let name = decoded(last).filter(|name| !name.contains(['/', '\0']));
    let name = name.ok_or_else(|| Problem::request(format!("`{last}` is not a file name")))?;
    Ok(if name.is_empty() { NAMELESS.to_owned() } else { name.into_owned() })
}

/// Reads the attributes. One header can have several, because a proxy may join headers.
fn attributes(headers: &Fields) -> Result<Vec<Attribute>, Stop> {
    let mut attributes: Vec<Attribute> = Vec::new();
    let values = headers.get(ATTRIBUTE);
    // In the response, each attribute becomes its own header.
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
                    "the header `{ATTRIBUTE}` is `{pair}`: write `KEY=VALUE`, with both parts percent-encoded"
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
