use fusebox_types::failure::Code;

use super::*;

/// Requests and tasks of a session, played by hand.
#[derive(Default)]
struct Played {
    causes: StandingCauses,
}

fn shared() -> Account {
    Account {
        upstream: "llm".into(),
        agent: "writer".into(),
        instance: None,
    }
}

fn holder(instance: &str) -> Holder {
    Holder {
        agent: "writer".into(),
        instance: instance.into(),
    }
}

fn wrong_key() -> Failure {
    let failure = Failure::new(Code::ApiAuth, "upstream llm answered 401: no");
    failure.with("upstream", "llm").with("status", 401)
}

fn ended(index: TaskIndex) -> EndedTask {
    EndedTask {
        index,
        id: format!("t{index}").into(),
    }
}

impl Played {
    fn begin(&mut self, task: TaskIndex) -> Asking {
        self.causes.began(task);
        self.causes.begin(&shared(), task, None).unwrap()
    }

    fn refuse(&mut self, asking: Asking, failure: &Failure) -> Option<StandingCause> {
        self.causes.refused(&asking, failure);
        self.causes.end(asking)
    }

    fn fail(&mut self, task: TaskIndex, failure: &Failure) -> Option<StandingCause> {
        self.causes.task_failed(&holder("one"), &ended(task), failure)
    }

    /// A task that asks once, is refused, and ends of it.
    fn in_vain(&mut self, task: TaskIndex) -> Option<StandingCause> {
        let asking = self.begin(task);
        let early = self.refuse(asking, &wrong_key());
        let late = self.fail(task, &wrong_key());
        self.causes.left(task);
        early.or(late)
    }

    fn admission(&self, task: TaskIndex) -> Admission {
        self.causes.admission(&shared(), task)
    }
}

#[test]
fn two_tasks_that_end_with_the_same_have_it_stand() {
    let mut played = Played::default();
    assert_eq!(played.in_vain(0), None);
    assert_eq!(played.admission(2), Admission::Pass);
    let cause = played.in_vain(1).unwrap();
    assert_eq!(cause.subject.to_string(), "upstream llm");
    assert_eq!(cause.tasks, ["t0".into(), "t1".into()]);
    let Admission::Refused(failure) = played.admission(2) else {
        panic!("it stands");
    };
    assert_eq!(
        (&failure.code, &failure.message),
        (&Code::ApiAuth, &wrong_key().message)
    );
    assert_eq!(
        context(&failure, STANDING),
        Some("not asked: tasks t0, t1 ended with it before")
    );
}

#[test]
fn one_task_alone_is_no_evidence_however_often_it_asks() {
    let mut played = Played::default();
    for _ in 0..5 {
        assert_eq!(played.in_vain(0), None);
    }
    assert_eq!(played.admission(1), Admission::Pass);
}

#[test]
fn while_two_suspects_are_under_way_others_wait_and_suspects_do_not() {
    let mut played = Played::default();
    for task in [0, 1] {
        let asking = played.begin(task);
        played.refuse(asking, &wrong_key());
    }
    assert_eq!(played.admission(2), Admission::Wait);
    assert_eq!(played.admission(0), Admission::Pass);
    // One of them ends of something else.
    played.causes.left(0);
    assert_eq!(played.admission(2), Admission::Pass);
    assert_eq!(played.fail(1, &wrong_key()), None);
}

#[test]
fn nobody_waits_for_a_task_whose_answer_comes_after_its_end() {
    let mut played = Played::default();
    let late = [0, 1].map(|task| played.begin(task));
    [0, 1].iter().for_each(|task| played.causes.left(*task));
    for asking in late {
        assert_eq!(played.refuse(asking, &wrong_key()), None);
    }
    assert_eq!(played.admission(2), Admission::Pass);
}

#[test]
fn a_success_clears_all_and_what_ends_later_of_before_counts_no_more() {
    let mut played = Played::default();
    let works = played.begin(9);
    assert_eq!(played.in_vain(0), None);
    let asking = played.begin(1);
    played.refuse(asking, &wrong_key());
    played.causes.succeeded(&works);
    played.causes.end(works);
    assert_eq!(played.fail(1, &wrong_key()), None);
    assert_eq!(played.admission(2), Admission::Pass);
    assert_eq!(played.in_vain(2), None);
    assert!(played.in_vain(3).is_some());
}

/// Refusals are quick and good answers take their time.
#[test]
fn nothing_stands_while_what_may_succeed_is_under_way() {
    let mut played = Played::default();
    let slow = played.begin(9);
    assert_eq!(played.in_vain(0), None);
    assert_eq!(played.in_vain(1), None);
    assert_eq!(played.admission(2), Admission::Wait);
    let cause = played.refuse(slow, &wrong_key());
    assert_eq!(cause.unwrap().tasks.len(), 2);
}

#[test]
fn of_those_that_wait_one_at_a_time_may_try() {
    let mut played = Played::default();
    let _slow = played.begin(9);
    played.in_vain(0);
    played.in_vain(1);
    let turn = played.causes.turn(&shared());
    let mut tries = |task, turn| played.causes.begin(&shared(), task, Some(turn)).is_ok();
    assert!(tries(2, turn));
    assert!(!tries(3, turn));
    let turn = played.causes.turn(&shared());
    let mut tries = |task, turn| played.causes.begin(&shared(), task, Some(turn)).is_ok();
    assert!(tries(3, turn));
}

#[test]
fn codes_do_not_add_up() {
    let mut played = Played::default();
    played.in_vain(0);
    let bill = Failure::new(Code::ApiBilling, "upstream llm answered 402").with("upstream", "llm");
    let asking = played.begin(1);
    played.refuse(asking, &bill);
    assert_eq!(played.fail(1, &bill), None);
}

#[test]
fn other_credentials_begin_anew_and_the_same_do_not() {
    let mut played = Played::default();
    played.in_vain(0);
    let under_way = played.begin(5);
    played.causes.reloaded(|_| true);
    assert!(played.in_vain(1).is_none());
    assert!(played.refuse(under_way, &wrong_key()).is_some());
    let mut played = Played::default();
    let before = played.begin(6);
    played.causes.reloaded(|_| false);
    assert_eq!(played.admission(2), Admission::Pass);
    // An answer to what was sent before the reload says nothing of the new key.
    assert_eq!(played.in_vain(2), None);
    assert_eq!(played.refuse(before, &wrong_key()), None);
    assert_eq!(played.fail(6, &wrong_key()), None);
}

/// A document or a question may be forbidden with credentials that are good.
#[test]
fn five_tasks_have_to_end_with_403_and_from_the_third_on_one_at_a_time() {
    let forbidden = Failure::new(Code::ApiAuth, "upstream llm answered 403: no");
    let forbidden = forbidden.with("upstream", "llm").with("status", 403);
    let mut played = Played::default();
    for task in 0..5 {
        assert_eq!(played.admission(task), Admission::Pass);
        let asking = played.begin(task);
        if task >= 2 {
            assert_eq!(played.admission(9), Admission::Wait, "one at a time");
        }
        assert_eq!(played.refuse(asking, &forbidden), None);
        if task >= 1 {
            assert_eq!(played.admission(9), Admission::Wait, "its end is not known");
        }
        assert_eq!(played.fail(task, &forbidden).is_some(), task == 4);
    }
    assert!(matches!(played.admission(9), Admission::Refused(_)));
    let mut played = Played::default();
    for task in 0..4 {
        let asking = played.begin(task);
        played.refuse(asking, &forbidden);
        played.fail(task, &forbidden);
    }
    let works = played.begin(4);
    played.causes.succeeded(&works);
    played.causes.end(works);
    assert_eq!(played.admission(9), Admission::Pass);
}

#[test]
fn own_secrets_are_the_fault_of_who_has_them_alone() {
    let mut played = Played::default();
    let account = |instance: &str| Account {
        instance: Some(instance.into()),
        ..shared()
    };
    for task in [0, 1] {
        played.causes.began(task);
        let asking = played.causes.begin(&account("one"), task, None).unwrap();
        played.refuse(asking, &wrong_key());
        played.fail(task, &wrong_key());
    }
    let admission = |instance| played.causes.admission(&account(instance), 2);
    assert!(matches!(admission("one"), Admission::Refused(_)));
    assert_eq!(admission("two"), Admission::Pass);
}

/// Whatever one agent asks for that no key opens.
#[test]
fn one_agents_requests_are_no_evidence_about_another() {
    let mut played = Played::default();
    played.in_vain(0);
    assert!(played.in_vain(1).is_some());
    let other = Account {
        agent: "other".into(),
        ..shared()
    };
    assert_eq!(played.causes.admission(&other, 2), Admission::Pass);
}

fn denied(grant: &str) -> Failure {
    Failure::new(Code::DeniedUpstream, format!("{grant} is not granted")).with("grant", grant)
}

#[test]
fn a_missing_grant_stands_for_its_instance_alone() {
    let mut played = Played::default();
    assert_eq!(played.fail(0, &denied("llm")), None);
    assert_eq!(played.fail(1, &denied("other")), None);
    let cause = played.fail(2, &denied("llm")).unwrap();
    assert_eq!(cause.subject.to_string(), "instance writer/one");
    assert!(played.causes.lacks(&holder("one")));
    assert!(!played.causes.lacks(&holder("two")));
}

#[test]
fn where_one_task_succeeded_no_denial_stands() {
    let mut played = Played::default();
    played.causes.task_succeeded(&holder("one"));
    for task in 0..5 {
        assert_eq!(played.fail(task, &denied("llm")), None);
    }
    assert!(!played.causes.lacks(&holder("one")));
}

#[test]
fn denials_of_ever_other_paths_are_not_kept() {
    let mut played = Played::default();
    let path = |n: u32| Failure::new(Code::DeniedFile, "").with("path", n);
    (0..1000).for_each(|n| assert_eq!(played.fail(n, &path(n)), None));
    assert!(played.fail(1000, &path(999)).is_some());
}

#[test]
fn a_plugins_words_about_one_task_are_not_said_of_others() {
    let mut played = Played::default();
    let failure = |task: u32| denied("llm").with("guest", format!("guest.x: task {task}"));
    played.fail(0, &failure(0));
    let cause = played.fail(1, &failure(1)).unwrap();
    assert_eq!(context(&cause.failure, "guest"), None);
    assert_eq!(context(&cause.failure, "grant"), Some("llm"));
}
