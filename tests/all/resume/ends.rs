//! A journal whose end is gone.

use std::fs;

use super::end_of_task;
use super::held::{bench as webhooks, ok};
use super::salvage::{api, run_three};

/// Cut between two frames, and in the middle of one that had been durable.
#[test]
fn a_journal_that_was_cut_says_so_and_what_may_have_been_sent_is_held() {
    for into in [0, 7] {
        let api = api(vec![ok(), ok(), ok()]);
        let bench = webhooks(&api);
        run_three(&bench);
        let path = bench.path("out/journal");
        let bytes = fs::read(&path).unwrap();
        let cut = end_of_task(&bytes, 1).start + into;
        fs::write(&path, &bytes[..cut]).unwrap();
        let report = fs::read(bench.path("out/report.json")).unwrap();
        let resumed = bench.fusebox(&["resume", "out"]).expect(3);
        let kept = fs::read(bench.path("out/report.json.before-1")).unwrap();
        assert!(kept == report, "it may hold results that the journal has lost");
        let gone = format!("{} bytes of it are gone", bytes.len() - cut + into);
        assert!(resumed.stderr.contains(&gone), "{gone}: {}", resumed.stderr);
        assert!(
            resumed.stderr.contains("second is not run again on its own"),
            "{}",
            resumed.stderr
        );
        assert_eq!(api.received().len(), 2);
        assert_eq!(bench.report("out").code("second"), "held.sent");
        let again = bench.fusebox(&["resume", "out", "--retry-failed"]).expect(0);
        assert!(!again.stderr.contains("are gone"), "{}", again.stderr);
        assert_eq!(api.received().len(), 3);
    }
}

/// A host that is killed after the cut has been seen does not forget it.
#[test]
fn where_nothing_is_said_of_the_end_nothing_is_claimed() {
    let api = api(vec![ok(), ok(), ok()]);
    let bench = webhooks(&api);
    run_three(&bench);
    let path = bench.path("out/journal");
    let bytes = fs::read(&path).unwrap();
    // Cut in front of the session's end: every task is over.
    let cut = super::frames(&bytes)
        .iter()
        .find(|(_, kind)| *kind == 12)
        .unwrap()
        .0
        .start;
    fs::write(&path, &bytes[..cut]).unwrap();
    fs::remove_file(bench.path("out/journal.end")).unwrap();
    let resumed = bench.fusebox(&["resume", "out"]).expect(0);
    assert!(!resumed.stderr.contains("gone"), "{}", resumed.stderr);
    assert_eq!(api.received().len(), 2);
}
