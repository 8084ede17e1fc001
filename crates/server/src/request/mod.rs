//! What a request says, in whichever of its shapes it came.

mod ask;
mod body;
mod fields;
mod resize;
mod spool;
#[cfg(test)]
mod tests;

pub(crate) use ask::{Ask, ShopChange, Source, check_url};
pub(crate) use body::{Received, drain, read};
pub(crate) use fields::{Fields, Value};
pub(crate) use spool::{Spool, Upload};
