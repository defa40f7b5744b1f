//! What to do about a pattern, in words.

use super::classify::{Kind, Statistic};
use super::evidence::Evidence;
use super::pattern::Affected;
use fusebox_types::failure::{Category, Code};

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

/// What to do: what the kind suggests, where it happens, and what the code says;
/// no more than there is evidence for.
pub(super) fn recommendation(
    (code, category): (&Code, Category),
    kind: Option<(Kind, Statistic)>,
    places: &[Affected],
    evidence: &Evidence,
) -> String {
    let mut sentences = Vec::new();
    sentences.extend(kind.map(|(kind, statistic)| of_kind(kind, &statistic, category, evidence)));
    sentences.extend(of_places(places, evidence));
    if evidence.healed {
        sentences
            .push("It ended by itself; a retry or `fusebox resume --retry-failed` can mend the rest.".into());
    }
    sentences.push(code.advice().next.into());
    sentences.join(" ")
}

fn of_kind(kind: Kind, statistic: &Statistic, category: Category, evidence: &Evidence) -> String {
    match (kind, statistic.period) {
        (Kind::Burst, _) if category == Category::ApiLimit => {
            "They come at once: many attempts reach the upstream's limit together.".into()
        }
        (Kind::Burst, _) => "They come at once: look for what these attempts share, such as one input, one \
             upstream or a limit that many reach together; a lower `--max-parallel` shows whether it is load."
            .into(),
        (Kind::Periodic, Some(period)) => format!(
            "They come every {:.1} s: look for what runs at that beat, such as a timer, a quota window or a \
             scheduled job.",
            period.as_secs_f64()
        ),
        (Kind::Periodic | Kind::Random, _) if evidence.blamed.only_guest() => {
            "They come at no particular time: the cause lies in the attempts themselves, not in the moment."
                .into()
        }
        (Kind::Periodic | Kind::Random, _) => "They come at no particular time.".into(),
    }
}

/// Where all of it, or nearly all, happens, if that is the instance's own doing.
fn of_places(places: &[Affected], evidence: &Evidence) -> Option<String> {
    let (first, rest) = places.split_first()?;
    let elsewhere: u64 = rest.iter().map(|affected| affected.count).sum();
    let mostly = first.count >= elsewhere.saturating_mul(4);
    (mostly && evidence.is_of_the_instance(first.count)).then(|| {
        let how = if elsewhere == 0 { "All" } else { "Nearly all" };
        format!(
            "{how} of them come from {}: compare its settings with those of the others.",
            first.place
        )
    })
}
