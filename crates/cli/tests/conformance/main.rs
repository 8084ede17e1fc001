//! The contract's conformance checklist, each item against the real `whittle serve` over loopback.
//!
//! The tests are named after the items of the list. Every answer, whichever test asked for it, is
//! held against `openapi.yaml` before the test sees it.

mod accounts;
mod clients;
mod durable;
mod fetching;
mod files;
mod limits;
mod requests;
mod resizing;
mod results;
mod storage;
mod support;
mod webhooks;
