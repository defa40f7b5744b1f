//! Retry sections that contradict themselves, and rules that could do nothing.

use std::time::Duration;

use super::Contradictions;
use crate::validate::did_you_mean;
use fusebox_resilience::{CodePattern, RetryRule, RetryRules};
use fusebox_types::failure::{Code, printable};
use fusebox_yaml::KeyPath;

/// What the codes of plugins begin with.
const GUEST: &str = "guest.";

impl Contradictions<'_> {
    pub(super) fn retry(&mut self, path: &KeyPath, rules: &RetryRules) {
        for (name, most) in limits(rules) {
            self.longer(path, ("base", rules.base), (name, most));
        }
        for (index, rule) in rules.rules.iter().enumerate() {
            let at = path.key("rules").index(index);
            self.code(&at, rule);
            self.never(&at, rule);
            self.waits(&at, path, rule, rules);
        }
    }

    /// A rule for a code that there is not.
    fn code(&mut self, at: &KeyPath, rule: &RetryRule) {
        let Some(code) = &rule.when.code else { return };
        if can_fit(code) {
            return;
        }
        let written = printable(code.as_str());
        let known: Vec<_> = Code::ALL.iter().map(ToString::to_string).collect();
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        let near = did_you_mean(code.as_str().trim_end_matches('*'), &known);
        let message = format!(
            "no failure has a code like `{written}`{near} (`fusebox explain` lists the host's; a plugin's own \
             begin with `{GUEST}`)"
        );
        self.say(&at.key("when").key("code"), message);
    }

    /// Values for what is never tried again.
    fn never(&mut self, at: &KeyPath, rule: &RetryRule) {
        if rule.never && rule.sets_something() {
            let message = "what is never tried again needs no other key besides `when`; leave out the one or the others";
            self.say(&at.key("never"), message.into());
        }
    }

    /// A base that is longer than a limit, one of which the rule sets. The
    /// other may be the section's.
    fn waits(&mut self, at: &KeyPath, section: &KeyPath, rule: &RetryRule, rules: &RetryRules) {
        let both = rule.over(rules.values());
        let place = |name: &str, set: bool| if set { at.key(name) } else { section.key(name) };
        let set = [rule.max_delay.is_some(), rule.max_elapsed.is_some()];
        for ((name, most), set) in limits(&both).into_iter().zip(set) {
            if set || rule.base.is_some() {
                let base = place("base", rule.base.is_some());
                self.longer_at((&base, both.base), (&place(name, set), most));
            }
        }
    }
}

/// What no wait of a section may be longer than.
fn limits(rules: &RetryRules) -> [(&'static str, Duration); 2] {
    [("max_delay", rules.max_delay), ("max_elapsed", rules.max_elapsed)]
}

/// Whether any failure can have such a code: one of the host's, or a plugin's.
fn can_fit(pattern: &CodePattern) -> bool {
    let text = pattern.as_str();
    let beginning = text.strip_suffix('*');
    let of_guest = text.starts_with(GUEST) || beginning.is_some_and(|beginning| GUEST.starts_with(beginning));
    of_guest || Code::ALL.iter().any(|code| pattern.fits(&code.to_string()))
}
