//! For serde's `with`: a duration that need not be there.

use std::time::Duration;

use serde::{Deserializer, Serializer};

use fusebox_types::units::span;

pub(super) fn serialize<S: Serializer>(value: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => span::serialize(value, to),
        None => to.serialize_none(),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    span::deserialize(from).map(Some)
}
