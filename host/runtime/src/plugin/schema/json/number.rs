//! Numbers, compared and divided as they are written.

use std::cmp::Ordering;

/// A number: whole ones exactly, others as the nearest float.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    /// Whether it has no fraction: 1.0 has none.
    pub(in super::super) fn is_whole(self) -> bool {
        match self {
            Number::Int(_) => true,
            Number::Float(float) => float.fract() == 0.0,
        }
    }

    /// As a count: a whole number that is not negative.
    pub(in super::super) fn as_count(self) -> Option<u64> {
        match self {
            Number::Int(int) => u64::try_from(int).ok(),
            Number::Float(float) if float.fract() == 0.0 && (0.0..=1e15).contains(&float) => {
                Some(float as u64)
            }
            Number::Float(_) => None,
        }
    }

    /// By value: 1 and 1.0 are equal, and no digit is lost.
    pub(in super::super) fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Number::Int(one), Number::Int(other)) => one.cmp(&other),
            (Number::Float(one), Number::Float(other)) => one.partial_cmp(&other).unwrap_or(Ordering::Equal),
            (Number::Int(one), Number::Float(other)) => against_float(one, other),
            (Number::Float(one), Number::Int(other)) => against_float(other, one).reverse(),
        }
    }

    /// Whether it is a multiple of another, in decimal: 0.3 is one of 0.1.
    pub(in super::super) fn is_multiple_of(self, unit: Self) -> bool {
        let (Some((digits, power)), Some((unit, unit_power))) = (self.decimal(), unit.decimal()) else {
            return false;
        };
        if unit == 0 {
            return false;
        }
        if power >= unit_power {
            let remainder = digits % unit * power_of_ten(power - unit_power, unit) % unit;
            return remainder == 0;
        }
        let scaled = (power..unit_power).try_fold(unit, |unit, _| unit.checked_mul(10));
        // A unit that is too large for the type is larger than any number of digits.
        scaled.map_or(digits == 0, |unit| digits % unit == 0)
    }

    /// Its digits, without the sign, and the power of ten that they count.
    fn decimal(self) -> Option<(u128, i32)> {
        let float = match self {
            Number::Int(int) => return Some((int.unsigned_abs(), 0)),
            Number::Float(float) => float.abs(),
        };
        let text = format!("{float:e}");
        let (digits, power) = text.split_once('e')?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        let shift = i32::try_from(fraction.len()).ok()?;
        Some((digits, power.parse::<i32>().ok()? - shift))
    }
}

/// 10^n modulo a unit, which is below 2^64, so that no product overflows.
fn power_of_ten(mut n: i32, unit: u128) -> u128 {
    let (mut power, mut square) = (1 % unit, 10 % unit);
    while n > 0 {
        if n % 2 == 1 {
            power = power * square % unit;
        }
        square = square * square % unit;
        n /= 2;
    }
    power
}

/// Orders a whole number against a float. Beyond 2^64 only the size counts.
fn against_float(int: i128, float: f64) -> Ordering {
    if float.abs() > 1e30 {
        return if float > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        };
    }
    let whole = float.trunc();
    let rest = || 0.0_f64.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal);
    int.cmp(&(whole as i128)).then_with(rest)
}
