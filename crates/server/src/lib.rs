//! The HTTP API served from engine and store: filled by its own issue
