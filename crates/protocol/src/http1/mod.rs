//! HTTP/1.0 and HTTP/1.1 (RFC 9110, RFC 9112), both sides, over the caller's buffers.

pub mod body;
pub mod client;
pub mod head;
pub mod header;
pub mod method;
pub mod request;
pub mod response;
pub mod status;

pub use body::{BodyDecoder, BodyError, BodyKind, BodyStep};
pub use client::{ClientError, ClientLimits, ClientProgress, RequestEncoder, ResponseHead, ResponseParser};
pub use header::{HeaderSpan, KnownHeader, Span};
pub use request::{Limits, Method, Parser, Progress, Reject, RequestHead, Upgrade, Version};
pub use response::{DateCache, EncodeError, Framing, Outcome, ResponseContext, ResponseEncoder};
