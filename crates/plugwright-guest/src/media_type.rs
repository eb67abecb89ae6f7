//! Checks the media types in a plugin's description.

/// Fails unless each text is a media type such as `text/plain`, or `*/*`. It runs while a plugin is compiled.
pub const fn check(media_types: &[&str]) {
    assert!(!media_types.is_empty(), "a media type is missing: `*/*` stands for any");
    let mut index = 0;
    while index < media_types.len() {
        assert!(
            is_media_type(media_types[index].as_bytes()),
            "this is not a media type: write `*/*`, or a lowercase type without parameters, such as `text/plain`"
        );
        index += 1;
    }
}

/// Returns whether the text is `*/*`, or two names as in RFC 6838, section 4.2, with a slash between them.
const fn is_media_type(text: &[u8]) -> bool {
    if let b"*/*" = text {
        return true;
    }
    let mut index = 0;
    let (mut slash, mut name) = (false, 0);
    while index < text.len() {
        match text[index] {
            b'a'..=b'z' | b'0'..=b'9' => name += 1,
            b'!' | b'#' | b'$' | b'&' | b'-' | b'^' | b'_' | b'.' | b'+' if name > 0 => name += 1,
            b'/' if !slash && name > 0 => {
                slash = true;
                name = 0;
            }
            _ => return false,
        }
        index += 1;
    }
    slash && name > 0
}

#[cfg(test)]
mod tests {
    use super::is_media_type;

    #[test]
    fn a_media_type_is_two_names() {
        let good = ["*/*", "text/plain", "image/svg+xml", "application/vnd.ms-excel", "x/1"];
        assert!(good.iter().all(|text| is_media_type(text.as_bytes())));
        let bad = [
            "",
            "/",
            "text",
            "text/",
            "/plain",
            "text/plain/x",
            "*/plain",
            "text/*",
            "Text/plain",
            "text/+x",
        ];
        let with_parameters = ["text/plain; charset=utf-8", "text /plain", "text/pl\u{e4}in"];
        assert!(!bad.iter().chain(&with_parameters).any(|text| is_media_type(text.as_bytes())));
    }
}
