//! What to do about a pattern, in words.

use super::classify::{Kind, Statistic};
use super::pattern::Affected;
use fusebox_types::failure::Code;

impl Kind {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Burst => "burst",
            Self::Periodic => "periodic",
            Self::Random => "random",
        }
    }
}

/// What to do: what the kind suggests, where it happens, and what the code says.
pub(super) fn recommendation(
    code: &Code,
    kind: Option<Kind>,
    statistic: &Statistic,
    places: &[Affected],
    auto_recovery: bool,
) -> String {
    let mut sentences = Vec::new();
    sentences.extend(kind.map(|kind| of_kind(kind, statistic)));
    sentences.extend(of_places(places));
    if auto_recovery {
        sentences
            .push("It ended by itself; a retry or `fusebox resume --retry-failed` can mend the rest.".into());
    }
    sentences.push(code.advice().next.into());
    sentences.join(" ")
}

fn of_kind(kind: Kind, statistic: &Statistic) -> String {
    match (kind, statistic.period) {
        (Kind::Burst, _) => "They come at once: look for what these attempts share, such as one input, one \
             upstream or a limit that many reach together; a lower `--max-parallel` shows whether it is load."
            .into(),
        (Kind::Periodic, Some(period)) => format!(
            "They come every {:.1} s: look for what runs at that beat, such as a timer, a quota window or a \
             scheduled job.",
            period.as_secs_f64()
        ),
        (Kind::Periodic | Kind::Random, _) => {
            "They come at no particular time: the cause lies in the attempts themselves, not in the moment."
                .into()
        }
    }
}

/// Where all of it, or nearly all, happens.
fn of_places(places: &[Affected]) -> Option<String> {
    let (first, rest) = places.split_first()?;
    let elsewhere: u64 = rest.iter().map(|affected| affected.count).sum();
    let mostly = first.count >= elsewhere.saturating_mul(4);
    mostly.then(|| {
        let how = if elsewhere == 0 { "All" } else { "Nearly all" };
        format!(
            "{how} of them come from {}: compare its settings with those of the others, or give it another plugin.",
            first.place
        )
    })
}
