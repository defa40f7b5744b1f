//! Durations, sizes and rates as people write them: `250ms`, `64MiB`, `50%`.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

#[cfg(feature = "schema")]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A kind of quantity and how it is written.
#[derive(Debug)]
pub struct Unit {
    /// What the schema's `x-unit` calls it.
    pub name: &'static str,
    /// What a person is told to write.
    pub example: &'static str,
    /// The units and what each comes to in the smallest one, ascending.
    factors: &'static [(&'static str, u64)],
    /// Digits after the decimal point that may be written.
    decimals: u32,
}

const SPAN: Unit = Unit {
    name: "duration",
    example: "a duration such as `250ms`, `30s`, `5m` or `2h`",
    factors: &[
        ("ms", 1),
        ("s", 1000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
    ],
    decimals: 0,
};
const SIZE: Unit = Unit {
    name: "size",
    example: "a size such as `512B`, `64KiB` or `1MiB`",
    factors: &[("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)],
    decimals: 0,
};
const RATE: Unit = Unit {
    name: "rate",
    example: "a rate such as `50%` or `2.5%`",
    factors: &[("%", 100)],
    decimals: 2,
};

impl Unit {
    /// The unit of a name.
    pub fn named(name: &str) -> Option<&'static Unit> {
        [&SPAN, &SIZE, &RATE].into_iter().find(|unit| unit.name == name)
    }

    /// What a text comes to in the smallest unit: milliseconds, bytes, or
    /// hundredths of a percent.
    pub fn read(&self, text: &str) -> Option<u64> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = text.split_at(end);
        let (_, factor) = self.factors.iter().find(|(name, _)| *name == unit.trim())?;
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if part.len() > self.decimals as usize || (part.is_empty() && number.contains('.')) {
            return None;
        }
        let part = if part.is_empty() {
            0
        } else {
            part.parse::<u64>().ok()? * (factor / 10_u64.pow(part.len() as u32))
        };
        whole.parse::<u64>().ok()?.checked_mul(*factor)?.checked_add(part)
    }

    /// The shortest text that comes to so much.
    fn write(&self, amount: u64) -> String {
        if self.decimals > 0 {
            let (whole, part) = (amount / 100, amount % 100);
            let text = format!("{whole}.{part:02}");
            return format!("{}%", text.trim_end_matches('0').trim_end_matches('.'));
        }
        let fits = |(_, factor): &&(&str, u64)| amount >= *factor && amount.is_multiple_of(*factor);
        let (name, factor) = self.factors.iter().rev().find(fits).copied().unwrap_or(("", 1));
        let name = if name.is_empty() {
            self.factors.first().map_or("", |first| first.0)
        } else {
            name
        };
        format!("{}{name}", amount / factor)
    }

    #[cfg(feature = "schema")]
    fn schema(&self) -> Schema {
        let units: Vec<_> = self.factors.iter().map(|(name, _)| *name).collect();
        let number = if self.decimals > 0 {
            r"[0-9]+(\.[0-9]{1,2})?"
        } else {
            "[0-9]+"
        };
        json_schema!({
            "type": "string",
            "pattern": format!("^{number} ?({})$", units.join("|")),
            "x-unit": self.name,
        })
    }
}

/// A share, in hundredths of a percent, so that every decision is one of
/// integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Rate(pub u32);

impl Rate {
    /// All of it: 100 %.
    pub const WHOLE: Self = Self(10_000);

    /// So many percent.
    pub const fn percent(percent: u32) -> Self {
        Self(percent.saturating_mul(100))
    }

    /// Whether `part` is at least this share of `whole`. Nothing is never
    /// enough, so that a rate of 0 % asks for one.
    pub fn reached_by(self, part: u64, whole: u64) -> bool {
        part > 0 && scaled(part, Self::WHOLE) >= scaled(whole, self)
    }

    /// Whether `part` is more than this share of `whole`.
    pub fn exceeded_by(self, part: u64, whole: u64) -> bool {
        scaled(part, Self::WHOLE) > scaled(whole, self)
    }

    /// This share of a number, rounded down.
    pub const fn of(self, number: u64) -> u64 {
        ((number as u128 * self.0 as u128) / 10_000) as u64
    }
}

/// A count times a rate, exactly: 64 and 32 bits fit into 128.
fn scaled(count: u64, rate: Rate) -> u128 {
    u128::from(count).saturating_mul(u128::from(rate.0))
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&RATE.write(u64::from(self.0)))
    }
}

/// A duration as the configuration writes it.
pub fn show_duration(duration: Duration) -> String {
    SPAN.write(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

/// A size as the configuration writes it.
pub fn show_size(bytes: u64) -> String {
    SIZE.write(bytes)
}

/// Makes a type that stands for a unit in a schema, and the two functions with
/// which serde reads and writes the plain type.
macro_rules! written_as {
    ($module:ident, $marker:ident, $unit:ident, $plain:ty, $to:expr, $from:expr) => {
        /// In a schema: the text that such a value is written as.
        #[derive(Debug)]
        pub struct $marker;

        #[cfg(feature = "schema")]
        impl JsonSchema for $marker {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                $unit.name.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $unit.schema()
            }
        }

        /// For serde's `with`.
        pub mod $module {
            use super::*;

            /// Writes the value as people write it.
            ///
            /// # Errors
            /// Those of where it is written to.
            pub fn serialize<S: serde::Serializer>(value: &$plain, to: S) -> Result<S::Ok, S::Error> {
                $unit.write($from(*value)).serialize(to)
            }

            /// Reads what people write.
            ///
            /// # Errors
            /// If it is another kind of quantity, or too much.
            pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<$plain, D::Error> {
                let text = Cow::<'de, str>::deserialize(from)?;
                let amount = $unit.read(&text).and_then($to);
                amount.ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not {}", $unit.example)))
            }
        }
    };
}

written_as!(
    span,
    Span,
    SPAN,
    Duration,
    |ms| Some(Duration::from_millis(ms)),
    |span: Duration| { u64::try_from(span.as_millis()).unwrap_or(u64::MAX) }
);
written_as!(size, Size, SIZE, u64, Some, |bytes: u64| bytes);
written_as!(
    rate,
    Share,
    RATE,
    Rate,
    |share| u32::try_from(share).ok().map(Rate),
    |rate: Rate| { u64::from(rate.0) }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_written_back() {
        let cases = [
            (&SPAN, "250ms", 250),
            (&SPAN, "2h", 7_200_000),
            (&SPAN, "90s", 90_000),
            (&SPAN, "7d", 604_800_000),
            (&SPAN, "0ms", 0),
            (&SIZE, "64MiB", 64 << 20),
            (&SIZE, "1000B", 1000),
            (&RATE, "50%", 5000),
            (&RATE, "2.5%", 250),
            (&RATE, "0.01%", 1),
        ];
        for (unit, text, amount) in cases {
            assert_eq!(unit.read(text), Some(amount), "{text}");
            assert_eq!(unit.write(amount), text);
        }
        assert_eq!(SIZE.read("0 B"), Some(0));
    }

    #[test]
    fn what_has_no_unit_or_is_absurd_is_refused() {
        for text in [
            "",
            "250",
            "ms",
            "-1s",
            "1.5s",
            "3 days",
            "99999999999999999999ms",
            "1.s",
        ] {
            assert_eq!(SPAN.read(text), None, "{text}");
        }
        for text in ["64MB", "64", "18446744073709551615GiB", "1.5MiB"] {
            assert_eq!(SIZE.read(text), None, "{text}");
        }
        for text in ["50", "0.5", "1.234%", "-1%"] {
            assert_eq!(RATE.read(text), None, "{text}");
        }
    }

    #[test]
    fn a_share_of_a_number_does_not_overflow() {
        assert_eq!(Rate::percent(50).of(u64::MAX), u64::MAX / 2);
        assert_eq!(Rate::percent(20).of(7), 1);
    }
}
