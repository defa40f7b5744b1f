//! What patterns take.

use super::*;

#[test]
fn a_cache_takes_what_was_held_for_it() {
    let text = "ab1-".repeat(64 << 10);
    for pattern in [
        "[ab]*a[ab]{20}c",
        "(.*a){20}$c",
        r"(\w{1,60}\d){20}c",
        r"(\p{L}|\d|-){1,20}c",
        "^a.*b$",
    ] {
        let pattern = Pattern::new(pattern, MAX_SIZES).unwrap();
        let mut pace = Pace::unmetered();
        let search = async {
            let mut cache = pattern.cache(&mut pace).await?;
            pattern.is_in(text.as_bytes(), &mut cache, &mut pace).await?;
            Ok::<_, Misfit>(cache.memory_usage() + size_of::<Cache>())
        };
        let taken = futures_util::FutureExt::now_or_never(search).unwrap().unwrap();
        assert!(
            u64::try_from(taken).unwrap() <= pattern.room,
            "{}: {taken} {}",
            pattern.text,
            pattern.room
        );
    }
}

#[test]
fn patterns_of_people_are_small() {
    let patterns = [
        (r"^[\w.-]{1,200}$", 20_000),
        (r"^[\w.+-]+@[\w-]+\.[\w.]+$", 2_000),
        (
            "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            3_000,
        ),
        (
            r"^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
            3_000,
        ),
        (r"^.{1,500}$", 250_000),
        (r"^\p{L}{1,10}$", 200_000),
    ];
    for (text, most) in patterns {
        let size = Pattern::new(text, MAX_SIZES)
            .unwrap()
            .dfa
            .get_nfa()
            .memory_usage();
        assert!(size < most, "{text}: {size}");
    }
}
