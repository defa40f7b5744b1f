//! No schema may ask about a value what it asks about that very value: it
//! would never answer.

use super::super::MAX_CHAIN;
use super::super::keyword::Keyword;

/// Refuses cycles and long chains of schemas that ask about the same value.
/// Schemas that no open one asks are taken away until none is left.
pub(super) fn check(schemas: &[Vec<Keyword>], place: impl Fn(u32) -> String) -> Result<(), String> {
    let asks: Vec<Vec<u32>> = schemas
        .iter()
        .map(|keywords| keywords.iter().flat_map(Keyword::in_place).collect())
        .collect();
    let mut asked = vec![0_u32; schemas.len()];
    for id in asks.iter().flatten() {
        count(&mut asked, *id, 1);
    }
    let mut level: Vec<u32> = (0..)
        .zip(&asked)
        .filter(|(_, asked)| **asked == 0)
        .map(|(id, _)| id)
        .collect();
    let mut levels = 0;
    while !level.is_empty() {
        levels += 1;
        if levels > MAX_CHAIN {
            return Err(format!(
                "a chain of more than {MAX_CHAIN} schemas that refer to each other"
            ));
        }
        let inner = level.iter().filter_map(|id| asks.get(*id as usize)).flatten();
        level = inner
            .copied()
            .filter(|id| count(&mut asked, *id, -1) == 0)
            .collect();
    }
    match (0..).zip(&asked).find(|(_, asked)| **asked > 0) {
        Some((id, _)) => Err(format!("{}: it refers to itself without an end", place(id))),
        None => Ok(()),
    }
}

fn count(asked: &mut [u32], id: u32, change: i32) -> u32 {
    let Some(number) = asked.get_mut(id as usize) else {
        return u32::MAX;
    };
    *number = number.saturating_add_signed(change);
    *number
}
