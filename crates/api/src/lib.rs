//! Wire types of the HTTP API and the client over them: filled by its own issue
