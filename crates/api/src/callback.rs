use serde::{Deserialize, Serialize};

/// Where webhooks go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackUrl {
    /// Its number.
    pub id: u64,
    /// HTTPS, unless the operator allows otherwise.
    pub url: String,
}

/// A callback URL in the one answer that shows its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCallbackUrl {
    /// Its number.
    pub id: u64,
    /// As it was sent.
    pub url: String,
    /// Key of `webhook-signature`: `whsec_` and base64 of 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl std::fmt::Debug for NewCallbackUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCallbackUrl")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The answer of `POST /v1/callback_urls`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackUrlResponse {
    /// With its secret.
    pub callback_url: NewCallbackUrl,
}

/// The answer of `GET /v1/callback_urls`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackUrlList {
    /// Oldest first, without secrets.
    pub callback_urls: Vec<CallbackUrl>,
}
