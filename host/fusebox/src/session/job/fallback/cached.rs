//! The link `cached`: what the same plugin gave last for the same question.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::{Chain, Job};
use crate::agents::{Agent, Instance};
use crate::session::job::attempt::check_output;
use crate::session::question::Question;
use fusebox_events::TaskRecord;
use fusebox_resilience::degradation::FallbackLink;
use fusebox_store::state::Recalled;
use fusebox_system::wall_clock;
use fusebox_types::Output;
use fusebox_types::units::show_duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Job<'_> {
    /// Keeps a whole result of the task's own agent, if tasks are to fall back
    /// to it.
    pub(in crate::session::job) fn keep_good(
        &self,
        agent: &Agent,
        instance: &Instance,
        output: &Arc<Output>,
    ) {
        let Some(answers) = &self.executor.answers else {
            return;
        };
        if !self.stands_in() && agent.degradation.keeps_results() {
            let question = Question::new(agent, self.task, &self.dependencies);
            answers.keep(question.to(instance), output.clone());
        }
    }

    /// The newest of what the agent's instances gave earlier, or why there is
    /// none.
    pub(super) async fn earlier(&self, agent: &Agent, max_age: Option<Duration>) -> Result<Recalled, String> {
        let answers = self.executor.answers.as_ref();
        let answers = answers.ok_or("nothing is kept from one session to the next")?;
        let question = Question::new(agent, self.task, &self.dependencies);
        let questions: BTreeSet<_> = agent.instances.iter().map(|one| question.to(one)).collect();
        let (mut newest, mut unread): (Option<Recalled>, _) = (None, None);
        for found in answers.last(questions.into_iter().collect()).await {
            match found {
                Ok(found) => newest = newest.into_iter().chain([found]).min_by_key(|found| found.age),
                Err(error) => {
                    let why = fusebox_types::failure::causes(&error);
                    tracing::warn!("a last good output of agent {} cannot be used: {why}", agent.name);
                    unread = Some(why);
                }
            }
        }
        let nothing = || unread.unwrap_or_else(|| "nothing good is kept for this input".into());
        let found = newest.ok_or_else(nothing)?;
        if let Some(most) = max_age.filter(|most| found.age > *most) {
            let (age, most) = (show_age(found.age), show_duration(most));
            return Err(format!("the last good output is {age} old; {most} are allowed"));
        }
        let work = self.host_work(agent).map_err(|failure| failure.message)?;
        let as_declared = check_output(&work, agent, &found.output).await;
        as_declared.map(|()| found).map_err(|failure| failure.message)
    }
}

impl Chain {
    /// Has an earlier output stand in, and says of when it is.
    pub(super) fn earlier(
        &mut self,
        link: &FallbackLink,
        earlier: Result<Recalled, String>,
    ) -> Option<TaskRecord> {
        match earlier {
            Ok(Recalled { age, output }) => {
                let at = wall_clock::before(age);
                self.note("cached", format_args!("the output was given at {at:.3}"));
                self.stand_in(Some(output), &format!("{link}:{}", show_age(age)))
            }
            Err(why) => {
                self.gave_nothing(link, why);
                None
            }
        }
    }
}

/// An age for people: whole units, at least two of them where there are.
fn show_age(age: Duration) -> String {
    let seconds = age.as_secs();
    let unit = [DAY, HOUR, MINUTE].into_iter().find(|unit| seconds >= 2 * unit);
    let unit = unit.unwrap_or(1);
    match seconds / unit * unit {
        0 => "0s".into(),
        whole => show_duration(Duration::from_secs(whole)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_whole_units() {
        for (seconds, told) in [
            (0, "0s"),
            (59, "59s"),
            (119, "119s"),
            (121, "2m"),
            (2 * HOUR - 1, "119m"),
            (47 * HOUR + 59, "47h"),
            (9 * DAY + HOUR, "9d"),
        ] {
            assert_eq!(show_age(Duration::from_secs(seconds)), told);
        }
        assert_eq!(show_age(Duration::from_millis(900)), "0s");
    }
}
