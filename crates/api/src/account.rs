use serde::{Deserialize, Serialize};
use whittle_core::Mode;

use crate::{CallbackUrl, MAX_INTEGER};

/// The quota of an account that has none.
pub const UNLIMITED: u64 = MAX_INTEGER;

/// An account and its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shop {
    /// Name of the account; `shop_identifier` of its webhooks.
    pub login: String,
    /// Where its owner can be reached.
    pub email: Option<String>,
    /// What requests fall back to.
    #[serde(default)]
    pub compression_type: Mode,
    /// What requests with JPEGs fall back to; `None` means 85.
    pub compression_level_jpg: Option<u8>,
    /// What requests with PNGs fall back to; `None` means 85.
    pub compression_level_png: Option<u8>,
    /// What requests with GIFs fall back to; `None` means 85.
    pub compression_level_gif: Option<u8>,
    /// When the plan was last paid for.
    pub charged_at: Option<String>,
    /// When it will be paid for again.
    pub next_charge_at: Option<String>,
    /// UTC, RFC 3339.
    #[serde(default)]
    pub created_at: String,
    /// UTC, RFC 3339.
    #[serde(default)]
    pub updated_at: String,
    /// Oldest first.
    #[serde(default)]
    pub callback_urls: Vec<CallbackUrl>,
    /// What the account may use, and has used.
    pub plan_data: PlanData,
}

/// What an account may use, and has used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanData {
    /// `free` whenever nothing is charged.
    pub code: String,
    /// For people.
    pub name: String,
    /// For people.
    pub price: String,
    /// Bytes of originals in a billing period; [`UNLIMITED`] when there is no quota.
    pub bytes: u64,
    /// Bytes of originals completed in this billing period.
    pub quota_usage: u64,
}

/// The answer of `/v1/shop`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShopResponse {
    /// The account.
    pub shop: Shop,
}
