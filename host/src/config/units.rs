//! Durations and sizes as people write them: `250ms`, `64MiB`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// A duration as written: a whole number with `ms`, `s`, `m` or `h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span(pub(super) Duration);

/// A size as written: a whole number with `B`, `KiB`, `MiB` or `GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub(super) u64);

const SPAN_UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
const SIZE_UNITS: &[(&str, u64)] = &[("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// Splits a text into number and unit and multiplies them.
fn measure(text: &str, units: &[(&str, u64)], example: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let known = units.iter().find(|(name, _)| *name == unit.trim());
    let (Ok(number), Some((_, factor))) = (number.parse::<u64>(), known) else {
        let names: Vec<_> = units.iter().map(|(name, _)| *name).collect();
        return Err(format!(
            "`{text}` is not a whole number with one of the units {}; write `{example}` for example",
            names.join(", ")
        ));
    };
    number
        .checked_mul(*factor)
        .ok_or_else(|| format!("`{text}` is too large"))
}

impl FromStr for Span {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        measure(text, SPAN_UNITS, "250ms").map(|ms| Span(Duration::from_millis(ms)))
    }
}

impl FromStr for Size {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        measure(text, SIZE_UNITS, "64MiB").map(Size)
    }
}

/// Reads a value from a string through its `FromStr`.
struct Written<T>(std::marker::PhantomData<T>, &'static str);

impl<T: FromStr<Err = String>> de::Visitor<'_> for Written<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written(
            std::marker::PhantomData,
            "a duration such as `250ms` or `30s`",
        ))
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Written(
            std::marker::PhantomData,
            "a size such as `64MiB` or `512KiB`",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read() {
        assert_eq!("250ms".parse(), Ok(Span(Duration::from_millis(250))));
        assert_eq!("2h".parse(), Ok(Span(Duration::from_secs(7200))));
        assert_eq!("64MiB".parse(), Ok(Size(64 << 20)));
        assert_eq!("0 B".parse(), Ok(Size(0)));
    }

    #[test]
    fn what_has_no_unit_or_is_absurd_is_refused() {
        for text in ["", "250", "ms", "-1s", "1.5s", "3 days", "99999999999999999999ms"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        for text in ["64MB", "64", "18446744073709551615GiB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
