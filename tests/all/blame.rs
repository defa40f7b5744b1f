//! Whose fault the end of an attempt is: what a guest calls, ignores, says and ends
//! with, in every order, against a plain model of what the host saw.

mod model;

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::played_api::{Answer, Delivery, PlayedApi};
use crate::support::{Bench, Report, context, plugin};
use model::{Act, End, Place, Step, Then};

const SEED: u64 = 20_261_128;
const TASKS: u64 = 240;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    /// A few steps, and mostly an end that is no success.
    fn script(&mut self) -> Vec<Step> {
        let mut steps: Vec<_> = (0..self.roll(5)).map(|_| self.step()).collect();
        if self.roll(8) > 0 {
            steps.push(Step::End(self.pick(&End::ALL)));
        }
        steps
    }

    fn step(&mut self) -> Step {
        let (act, then) = (self.pick(&Act::ALL), self.pick(&Then::ALL));
        match self.roll(8) {
            0 => Step::Log,
            1 => Step::Partial,
            2 => Step::Attempt,
            _ => Step::Call(act, self.pick(&Place::ALL), then),
        }
    }
}

fn api() -> PlayedApi {
    PlayedApi::answering(|request| {
        let status = |status| Some(Answer::json(status, "{}"));
        match request.path.as_str() {
            "/ok" => status(200),
            "/busy" => status(503),
            "/failed" => status(500),
            "/wrong" => status(404),
            "/slow" => Some(Answer::json(429, "{}").header("retry-after", "0")),
            "/cut" => Some(Answer::json(200, "{\"a\": 1}").delivered(Delivery::Cut(3))),
            _ => Some(Answer::json(200, "{}").delivered(Delivery::HangUp)),
        }
    })
}

/// An agent that may call `api`, tried once, with little of all.
fn bench(api: &PlayedApi) -> Bench {
    Bench::with_config(&format!(
        "agents:\n  guest:\n    plugin: {:?}\n    grants: {{ upstreams: [api] }}\n    \
         breaker: {{ mode: \"off\" }}\n    retry: {{ max_attempts: 1 }}\n    \
         limits: {{ fuel: 20000000, memory: 8MiB }}\n\
         upstreams:\n  api: {{ address: {:?}, network: loopback, breaker: {{ mode: \"off\" }} }}\n",
        plugin("script"),
        api.origin(),
    ))
}

fn run(bench: &Bench, api: &PlayedApi, scripts: &[Vec<Step>]) -> Report {
    let mut tasks = String::new();
    for (n, script) in scripts.iter().enumerate() {
        let steps: Vec<Value> = script.iter().map(|step| step.written(&api.origin())).collect();
        writeln!(
            tasks,
            "- {{ id: t{n}, agent: guest, input: {{ json: {} }} }}",
            json!(steps)
        )
        .unwrap();
    }
    bench.session(&tasks, "out");
    bench.report("out")
}

/// What the report says of a task: the code of its failure, and whose fault it is.
fn found(report: &Report, task: usize) -> Option<(String, String)> {
    let failure = &report.task(&format!("t{task}"))["failure"];
    let text = |key: &str| failure[key].as_str().map(str::to_owned);
    Some((text("code")?, text("blame")?))
}

#[test]
fn whose_fault_an_end_is_follows_from_what_the_host_saw_in_every_order() {
    let (api, mut dice) = (api(), Dice(SEED));
    let scripts: Vec<_> = (0..TASKS).map(|_| dice.script()).collect();
    let bench = bench(&api);
    let report = run(&bench, &api, &scripts);
    let mut codes = std::collections::BTreeSet::new();
    for (n, script) in scripts.iter().enumerate() {
        let expected = model::end_of(script);
        let found = found(&report, n);
        let told = found
            .as_ref()
            .map(|(code, blame)| (code.as_str(), blame.as_str()));
        assert_eq!(
            told,
            expected,
            "t{n}: {script:?}: {}",
            report.task(&format!("t{n}"))
        );
        codes.extend(expected.map(|(code, _)| code));
    }
    assert!(codes.len() >= 14, "too little was tried: {codes:?}");
}

/// What Rust's `unwrap` and other languages' exceptions do.
#[test]
fn what_escapes_a_guest_is_the_failure_itself_and_the_report_says_so() {
    let api = api();
    let bench = bench(&api);
    let escapes = [
        (Act::Get, Place::Denied, "denied.upstream"),
        (Act::Get, Place::HungUp, "http.reset"),
        (Act::Post, Place::Busy, "api.overloaded"),
        (Act::Read, Place::Denied, "denied.file"),
    ];
    let script = |(act, place, _): &(Act, Place, &str)| vec![Step::Call(*act, *place, Then::Escape)];
    let scripts: Vec<_> = escapes.iter().map(script).collect();
    let report = run(&bench, &api, &scripts);
    for (n, (_, _, code)) in escapes.iter().enumerate() {
        let failure = &report.task(&format!("t{n}"))["failure"];
        assert_eq!(failure["code"], *code, "{failure}");
        assert_ne!(failure["blame"], "guest");
        let unhandled = context(failure, "unhandled").unwrap_or_default();
        assert!(unhandled.starts_with("trap.panic: "), "{failure}");
    }
}
