//! An order of all values, in which equal ones are equal in JSON's sense.

use std::cmp::Ordering;

use super::{Kind, Value};
use crate::sandbox::Stop;
use crate::sandbox::pace::{PIECE, Pace, grow};

/// Most values that are sorted at once, without asking the meter between.
const AT_ONCE: usize = 64;
/// Longest string that is compared at once.
const SHORT: usize = 256;

/// Orders values that are no containers and not long; none for others.
pub(in super::super) fn scalars(one: Value<'_>, other: Value<'_>) -> Option<Ordering> {
    if let Some(order) = by_kind(one, other) {
        return Some(order);
    }
    match one.kind() {
        Kind::Null | Kind::Bool => Some(one.bool().cmp(&other.bool())),
        Kind::Number => Some(one.number()?.order(other.number()?)),
        Kind::Text => {
            let (one, other) = (one.text()?, other.text()?);
            (one.len().min(other.len()) <= SHORT).then(|| one.cmp(other))
        }
        Kind::Array | Kind::Object => None,
    }
}

/// Orders any two values.
pub(in super::super) async fn compare(
    one: Value<'_>,
    other: Value<'_>,
    pace: &mut Pace<'_>,
) -> Result<Ordering, Stop> {
    pace.step(1).await?;
    if let Some(order) = scalars(one, other) {
        return Ok(order);
    }
    match (one.text(), other.text()) {
        (Some(one), Some(other)) => texts(one, other, pace).await,
        _ => Box::pin(containers(one, other, pace)).await,
    }
}

/// By what values are, and containers by their sizes.
fn by_kind(one: Value<'_>, other: Value<'_>) -> Option<Ordering> {
    let order = one
        .kind()
        .cmp(&other.kind())
        .then(one.count().cmp(&other.count()));
    (order != Ordering::Equal).then_some(order)
}

async fn texts(one: &[u8], other: &[u8], pace: &mut Pace<'_>) -> Result<Ordering, Stop> {
    for (one, other) in one.chunks(PIECE).zip(other.chunks(PIECE)) {
        pace.bytes(one.len()).await?;
        let common = one.len().min(other.len());
        let order = one.get(..common).cmp(&other.get(..common));
        if order != Ordering::Equal {
            return Ok(order);
        }
    }
    Ok(one.len().cmp(&other.len()))
}

async fn containers(one: Value<'_>, other: Value<'_>, pace: &mut Pace<'_>) -> Result<Ordering, Stop> {
    for (one, other) in one.items().zip(other.items()) {
        let order = compare_inside(one, other, pace).await?;
        if order != Ordering::Equal {
            return Ok(order);
        }
    }
    for (key, other_key) in one.keys().zip(other.keys()) {
        let order = compare_inside(key, other_key, pace).await?;
        if order != Ordering::Equal {
            return Ok(order);
        }
        let order = compare_inside(key.after(), other_key.after(), pace).await?;
        if order != Ordering::Equal {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

/// One function of the two that call each other has its future's type named.
fn compare_inside<'f>(
    one: Value<'f>,
    other: Value<'f>,
    pace: &'f mut Pace<'_>,
) -> impl Future<Output = Result<Ordering, Stop>> + Send + 'f {
    let boxed: std::pin::Pin<Box<dyn Future<Output = _> + Send + 'f>> = Box::pin(compare(one, other, pace));
    boxed
}

/// Sorts values; equal ones stay in their order.
pub(in super::super) async fn sort<'d>(list: &mut Vec<Value<'d>>, pace: &mut Pace<'_>) -> Result<(), Stop> {
    let count = list.len();
    if count <= AT_ONCE && list.iter().all(|value| is_short(*value)) {
        pace.step(u32::try_from(count).unwrap_or(0)).await?;
        list.sort_by(|one, other| scalars(*one, *other).unwrap_or(Ordering::Equal));
        return Ok(());
    }
    let before = pace.held();
    let mut other: Vec<Value<'d>> = Vec::new();
    grow(&mut other, count, pace)?;
    let mut width = 1;
    while width < count {
        other.clear();
        for pair in list.chunks(width.saturating_mul(2)) {
            merge(pair, width, &mut other, pace).await?;
        }
        std::mem::swap(list, &mut other);
        width = width.saturating_mul(2);
    }
    pace.release(pace.held() - before);
    Ok(())
}

fn is_short(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Array | Kind::Object => false,
        _ => value.text().is_none_or(|text| text.len() <= SHORT),
    }
}

/// Merges two sorted runs.
async fn merge<'d>(
    pair: &[Value<'d>],
    width: usize,
    to: &mut Vec<Value<'d>>,
    pace: &mut Pace<'_>,
) -> Result<(), Stop> {
    let (left, right) = pair.split_at_checked(width).unwrap_or((pair, &[]));
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let from_right = compare(**one, **other, pace).await? == Ordering::Greater;
        to.extend(if from_right { right.next() } else { left.next() });
    }
    to.extend(left);
    to.extend(right);
    Ok(())
}
