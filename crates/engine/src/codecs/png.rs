use whittle_core::{Cancel, Format, Limits, Recipe};

use crate::{Encoded, Error, Info, Result};

pub(crate) fn inspect(_bytes: &[u8], _limits: &Limits) -> Result<Info> {
    Err(Error::unsupported(Format::Png, "Not built yet."))
}

pub(crate) fn optimize(_bytes: &[u8], _recipe: &Recipe, _cancel: &Cancel) -> Result<Encoded> {
    Err(Error::unsupported(Format::Png, "Not built yet."))
}
