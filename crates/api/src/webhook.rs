//! Names of the headers that a webhook carries, by the Standard Webhooks scheme.

/// The same over all tries of one delivery.
pub const ID: &str = "webhook-id";
/// Seconds since 1970 at this try.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// `v1,` and base64 of an HMAC-SHA256.
pub const SIGNATURE: &str = "webhook-signature";
/// What a secret begins with; base64 of the key follows.
pub const SECRET_PREFIX: &str = "whsec_";
