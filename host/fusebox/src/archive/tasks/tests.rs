use super::*;

fn content(text: &str) -> Input {
    Arc::new(Output {
        content_type: "text/plain".into(),
        bytes: text.into(),
    })
}

fn graph() -> Graph {
    let shared = content("shared");
    let text = Dependency::Text {
        id: "note".into(),
        content: shared.clone(),
    };
    let settings = serde_json::json!({ "depth": 2, "share": 0.1, "names": ["a"] });
    let one = Task {
        id: "../one".into(),
        agent: 1,
        input: shared.clone(),
        settings: settings.as_object().cloned().map(Arc::new),
        after: Box::new([text.clone()]),
        required: true,
        on_upstream_failure: Some(OnUpstreamFailure::RunDegraded),
        fallback: None,
    };
    let two = Task {
        id: "two".into(),
        agent: 0,
        input: content("own"),
        settings: None,
        after: Box::new([
            Dependency::Task {
                task: 0,
                on_failure: Some(OnUpstreamFailure::Skip),
            },
            text,
        ]),
        required: false,
        on_upstream_failure: None,
        fallback: Some(content("instead")),
    };
    Graph::new(vec![one, two], vec!["a".into(), "b".into()]).unwrap()
}

#[test]
fn tasks_come_back_as_they_were_and_what_they_share_is_kept_once() {
    let base = tempfile::tempdir().unwrap();
    let digest = write(base.path(), &graph()).unwrap();
    let read = read(base.path(), digest).unwrap();
    assert_eq!(format!("{:?}", read), format!("{:?}", graph()));
    let [one, two] = read.tasks() else { panic!() };
    let [_, Dependency::Text { content, .. }] = &*two.after else {
        panic!()
    };
    assert!(Arc::ptr_eq(&one.input, content));
    assert_eq!(std::fs::read_dir(base.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_not_the_one_that_was_kept_is_refused() {
    let base = tempfile::tempdir().unwrap();
    let digest = write(base.path(), &graph()).unwrap();
    let path = base.path().join(FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[10] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(read(base.path(), digest).is_err());
}
