use super::*;
use fusebox_types::failure::Code;

fn output(text: &str) -> Arc<Output> {
    Arc::new(Output {
        content_type: "text/plain".into(),
        bytes: text.into(),
    })
}

fn failed(status: TaskStatus, reason: GiveUp) -> TaskRecord {
    TaskRecord {
        failure: Some(Arc::new(Failure::new(Code::TrapPanic, "no"))),
        reason: Some(reason),
        ..TaskRecord::new(status)
    }
}

/// The lines that an end gets.
fn told(salvage: &Salvage, record: TaskRecord, keeps: bool) -> Vec<(String, String)> {
    let failure = salvage.accounted(record, keeps).failure;
    failure.map_or_else(Vec::new, |failure| failure.context.clone())
}

#[test]
fn an_end_without_what_was_handed_in_says_why() {
    let salvage = Salvage::resumed(Some(Ok(output("part"))), Some(Ok(output("instead"))));
    let stood_in = TaskRecord {
        output: Some(output("whole")),
        fallback: Some("agent:b".into()),
        ..failed(TaskStatus::Degraded, GiveUp::Attempts)
    };
    let partial = |line: &str| ("partial".to_owned(), line.to_owned());
    let fallback = |line: &str| ("fallback".to_owned(), line.to_owned());
    for (record, keeps, lines) in [
        (
            stood_in,
            true,
            vec![partial(
                "4 bytes of partial result were not kept: `agent:b` stands in for the result",
            )],
        ),
        (
            failed(TaskStatus::Failed, GiveUp::Attempts),
            false,
            vec![
                fallback("what was handed in does not stand in: `skip` let the task fail"),
                partial("4 bytes of partial result were not kept: `degradation.keep_partial` is false"),
            ],
        ),
        (
            failed(TaskStatus::Failed, GiveUp::FailsSession),
            true,
            vec![
                fallback("what was handed in does not stand in: `fail-session` ended the session"),
                partial("4 bytes of partial result were not kept"),
            ],
        ),
        (TaskRecord::new(TaskStatus::Succeeded), true, vec![]),
    ] {
        assert_eq!(told(&salvage, record, keeps), lines);
    }
    let kept = TaskRecord {
        partial: Some(output("part")),
        ..failed(TaskStatus::Cancelled, GiveUp::Cancelled)
    };
    assert_eq!(told(&salvage, kept, true), vec![], "it is there");
}

#[test]
fn one_byte_is_not_told_as_several() {
    let salvage = Salvage::resumed(Some(Ok(output("p"))), None);
    let lines = told(&salvage, failed(TaskStatus::Failed, GiveUp::Attempts), false);
    assert!(
        lines[0].1.starts_with("1 byte of partial result was not kept"),
        "{lines:?}"
    );
}

#[test]
fn what_is_handed_in_later_takes_the_place_of_what_was_refused() {
    let mut salvage = Salvage::resumed(Some(Err("it is gone".into())), None);
    let record = || failed(TaskStatus::Failed, GiveUp::Attempts);
    let lines = told(&salvage, record(), true);
    assert_eq!(lines[0].1, "a partial result was not kept: it is gone");
    salvage.keep_partial(Ok(output("part")));
    let kept = TaskRecord {
        partial: salvage.partial().cloned(),
        ..record()
    };
    assert_eq!(told(&salvage, kept, true), vec![]);
}
