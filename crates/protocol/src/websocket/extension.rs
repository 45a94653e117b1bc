//! `Sec-WebSocket-Extensions` and the negotiation of permessage-deflate (RFC 6455, section 9.1;
//! RFC 7692, section 7.1).

use super::{Deflater, Inflater};

/// The extension's name.
pub const NAME: &str = "permessage-deflate";

/// What both sides agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeflateParams {
    /// The server starts each message with an empty window.
    pub server_no_context_takeover: bool,
    /// The client does.
    pub client_no_context_takeover: bool,
    /// The server's window, as a power of two: 8 to 15.
    pub server_max_window_bits: u8,
    /// The client's.
    pub client_max_window_bits: u8,
}

impl DeflateParams {
    /// The streams of the server's side; `level` 0 to 9.
    pub fn server_streams(&self, level: u32) -> (Deflater, Inflater) {
        (
            Deflater::new(self.server_max_window_bits, !self.server_no_context_takeover, level),
            Inflater::new(self.client_max_window_bits, !self.client_no_context_takeover),
        )
    }

    /// The streams of the client's side; `level` 0 to 9.
    pub fn client_streams(&self, level: u32) -> (Deflater, Inflater) {
        (
            Deflater::new(self.client_max_window_bits, !self.client_no_context_takeover, level),
            Inflater::new(self.server_max_window_bits, !self.server_no_context_takeover),
        )
    }
}

/// What this side wants: less memory, or better compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeflatePolicy {
    /// Ask the server (or, as the server, decide) to keep no window between messages.
    pub server_no_context_takeover: bool,
    /// The same for the client.
    pub client_no_context_takeover: bool,
    /// The largest window of the server, 8 to 15.
    pub server_max_window_bits: u8,
    /// The largest window of the client, 8 to 15.
    pub client_max_window_bits: u8,
}

impl Default for DeflatePolicy {
    /// Context takeover both ways, full windows.
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: 15,
            client_max_window_bits: 15,
        }
    }
}

/// One element of an extension header.
#[derive(Debug, Default, PartialEq, Eq)]
struct Element<'a> {
    name: &'a str,
    params: Vec<(&'a str, Option<&'a str>)>,
}

/// The parameters of one permessage-deflate element; None when it has one that is unknown, twice
/// there, or out of its range: then the element must be passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Offer {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    /// `Some(None)`: the parameter is there without a value.
    client_max_window_bits: Option<Option<u8>>,
}

/// A server's choice: the first offer, in the client's order of preference, that can be accepted.
/// `header` is the field's value; several fields are joined with ", ". Returns what was agreed on
/// and the value for the response. None: answer without the extension.
pub fn accept(header: &str, policy: &DeflatePolicy) -> Option<(DeflateParams, String)> {
    parse(header)?.iter().filter(|element| element.name.eq_ignore_ascii_case(NAME)).find_map(|element| {
        let offer = Offer::parse(element)?;
        let params = DeflateParams {
            server_no_context_takeover: offer.server_no_context_takeover || policy.server_no_context_takeover,
            client_no_context_takeover: offer.client_no_context_takeover || policy.client_no_context_takeover,
            server_max_window_bits: offer.server_max_window_bits.unwrap_or(15).min(policy.server_max_window_bits),
            // A client that does not name the parameter cannot be told to use a smaller window.
            client_max_window_bits: match offer.client_max_window_bits {
                None => 15,
                Some(bits) => bits.unwrap_or(15).min(policy.client_max_window_bits),
            },
        };
        let mut value = String::from(NAME);
        if params.server_no_context_takeover {
            value.push_str("; server_no_context_takeover");
        }
        if params.client_no_context_takeover {
            value.push_str("; client_no_context_takeover");
        }
        if offer.server_max_window_bits.is_some() || params.server_max_window_bits < 15 {
            value.push_str(&format!("; server_max_window_bits={}", params.server_max_window_bits));
        }
        if offer.client_max_window_bits.is_some() && params.client_max_window_bits < 15 {
            value.push_str(&format!("; client_max_window_bits={}", params.client_max_window_bits));
        }
        Some((params, value))
    })
}

/// A client's offer, for the request.
pub fn offer(policy: &DeflatePolicy) -> String {
    let mut value = String::from(NAME);
    if policy.server_no_context_takeover {
        value.push_str("; server_no_context_takeover");
    }
    if policy.client_no_context_takeover {
        value.push_str("; client_no_context_takeover");
    }
    if policy.server_max_window_bits < 15 {
        value.push_str(&format!("; server_max_window_bits={}", policy.server_max_window_bits));
    }
    match policy.client_max_window_bits {
        15 => value.push_str("; client_max_window_bits"),
        bits => value.push_str(&format!("; client_max_window_bits={bits}")),
    }
    value
}

/// A server's answer does not fit the offer: the client must fail the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server's extensions do not fit the offer")]
pub struct BadAnswer;

/// A client reads the server's answer to [`offer`]. None: the server does without.
///
/// # Errors
/// [`BadAnswer`] for another extension, or parameters that the offer does not allow.
pub fn confirm(header: &str, policy: &DeflatePolicy) -> Result<Option<DeflateParams>, BadAnswer> {
    let elements = parse(header).ok_or(BadAnswer)?;
    let element = match elements.as_slice() {
        [] => return Ok(None),
        [element] if element.name.eq_ignore_ascii_case(NAME) => element,
        _ => return Err(BadAnswer),
    };
    let answer = Offer::parse(element).ok_or(BadAnswer)?;
    if policy.server_no_context_takeover && !answer.server_no_context_takeover {
        return Err(BadAnswer);
    }
    let server_max_window_bits = answer.server_max_window_bits.unwrap_or(15);
    if server_max_window_bits > policy.server_max_window_bits {
        return Err(BadAnswer);
    }
    let client_max_window_bits = match answer.client_max_window_bits {
        None => policy.client_max_window_bits,
        // In an answer the value must be there (RFC 7692, section 7.1.2.2).
        Some(None) => return Err(BadAnswer),
        Some(Some(bits)) => bits.min(policy.client_max_window_bits),
    };
    Ok(Some(DeflateParams {
        server_no_context_takeover: answer.server_no_context_takeover,
        client_no_context_takeover: answer.client_no_context_takeover || policy.client_no_context_takeover,
        server_max_window_bits,
        client_max_window_bits,
    }))
}

impl Offer {
    fn parse(element: &Element<'_>) -> Option<Self> {
        let mut offer = Self::default();
        for (name, value) in &element.params {
            let name = name.to_ascii_lowercase();
            match (name.as_str(), value) {
                ("server_no_context_takeover", None) if !offer.server_no_context_takeover => {
                    offer.server_no_context_takeover = true;
                }
                ("client_no_context_takeover", None) if !offer.client_no_context_takeover => {
                    offer.client_no_context_takeover = true;
                }
                ("server_max_window_bits", Some(bits)) if offer.server_max_window_bits.is_none() => {
                    offer.server_max_window_bits = Some(window_bits(bits)?);
                }
                ("client_max_window_bits", value) if offer.client_max_window_bits.is_none() => {
                    offer.client_max_window_bits = Some(match value {
                        Some(bits) => Some(window_bits(bits)?),
                        None => None,
                    });
                }
                _ => return None,
            }
        }
        Some(offer)
    }
}

/// "8" to "15", without leading zeros.
fn window_bits(text: &str) -> Option<u8> {
    let bits = text.parse::<u8>().ok()?;
    ((8..=15).contains(&bits) && !text.starts_with(['0', '+'])).then_some(bits)
}

/// Parses an extension header; None when it is not well formed.
fn parse(header: &str) -> Option<Vec<Element<'_>>> {
    let mut elements = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(elements);
        }
        let mut element = Element::default();
        (element.name, rest) = token(rest)?;
        loop {
            rest = rest.trim_start_matches([' ', '\t']);
            let Some(after) = rest.strip_prefix(';') else {
                break;
            };
            let (name, after) = token(after.trim_start_matches([' ', '\t']))?;
            rest = after.trim_start_matches([' ', '\t']);
            let mut value = None;
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start_matches([' ', '\t']);
                let (text, after) = match after.strip_prefix('"') {
                    // A quoted value must be a token once unquoted: no escapes needed.
                    Some(quoted) => {
                        let (text, after) = token(quoted)?;
                        (text, after.strip_prefix('"')?)
                    }
                    None => token(after)?,
                };
                value = Some(text);
                rest = after;
            }
            element.params.push((name, value));
        }
        elements.push(element);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

/// A token (RFC 9110, section 5.6.2) at the start of `text`, and what follows it.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let end = text.bytes().position(|b| !is_token(b)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}
