//! What makes no sense together about what is kept.

use super::Contradictions;
use fusebox_store::state::CachedRules;
use fusebox_types::units::show_size;
use fusebox_yaml::KeyPath;

impl Contradictions<'_> {
    /// An output that is larger than all of them may be is never kept.
    pub(super) fn cached(&mut self, rules: &CachedRules) {
        let path = KeyPath::of(["state", "cached"]);
        if rules.max_output > rules.max_total {
            let (each, all) = (show_size(rules.max_output), show_size(rules.max_total));
            self.clash(&path.key("max_output"), &path.key("max_total"), |[one, other]| {
                format!("`max_output` of {each}{one} is larger than `max_total` of {all}{other}")
            });
        }
    }
}
