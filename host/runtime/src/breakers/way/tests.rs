use std::time::Duration;

use super::*;
use crate::breakers::{BreakerRegistry, Order};
use fusebox_resilience::breaker::State;
use fusebox_types::units::Rate;

const UPSTREAM: &str = "api";

fn rules() -> BreakerRules {
    BreakerRules {
        open_jitter: Rate::percent(0),
        open_growth: 1,
        ..BreakerRules::default()
    }
}

/// Agents of a session, and those that may call the upstream.
struct Scene {
    registry: BreakerRegistry,
    parties: std::collections::BTreeSet<String>,
}

impl Scene {
    fn of(agents: &[&str]) -> Self {
        let names: Vec<_> = agents.iter().map(|name| (*name).to_owned()).collect();
        Self {
            registry: BreakerRegistry::new(&names),
            parties: names.into_iter().collect(),
        }
    }

    fn way(&self, agent: &str) -> Way {
        self.registry.way(UPSTREAM, agent, &self.parties, &rules())
    }

    fn admits(&self, agent: &str) -> bool {
        self.way(agent).admission(&rules()).admits()
    }

    /// A request, and the keys and states of what it changed; none if it is refused.
    fn call(&self, agent: &str, outcome: Outcome) -> Option<Vec<(String, State)>> {
        let mut said = Vec::new();
        let way = self.way(agent);
        let permit = way.acquire(&rules(), |event| said.push(event)).ok()?;
        said.extend(permit.finish(outcome, Duration::ZERO, 0));
        let change = |event| match event {
            Event::Breaker { key, transition, .. } => (key.to_string(), transition.to),
            other => panic!("{other:?}"),
        };
        Some(said.into_iter().map(change).collect())
    }

    /// So many requests that fail: the keys of what they opened.
    fn fail(&self, agent: &str, times: u32) -> Vec<String> {
        let changes = (0..times).flat_map(|_| self.call(agent, Outcome::Failure).expect("a permit"));
        let opened = changes.filter(|(_, to)| *to == State::Open);
        opened.map(|(key, _)| key).collect()
    }

    fn shared(&self) -> State {
        self.registry.upstream(UPSTREAM).state(&rules())
    }
}

async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn five_requests_of_one_agent_for_a_path_that_answers_500_refuse_nobody_else() {
    let scene = Scene::of(&["bad", "good"]);
    assert_eq!(scene.fail("bad", 5), ["upstream:api@bad"]);
    assert!(!scene.admits("bad") && scene.admits("good"));
    assert_eq!(scene.shared(), State::Closed);
    for _ in 0..20 {
        assert_eq!(scene.call("good", Outcome::Success), Some(vec![]));
    }
    // However often the one is probed.
    pass(10).await;
    assert_eq!(scene.fail("bad", 1), ["upstream:api@bad"]);
    assert!(scene.admits("good"));
}

#[tokio::test(start_paused = true)]
async fn the_only_agent_has_one_breaker() {
    let mut scene = Scene::of(&["a"]);
    // Others of the configuration are not here.
    scene.parties.insert("elsewhere".into());
    assert_eq!(scene.fail("a", 5), ["upstream:api"]);
    assert!(scene.registry.ways().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_ways_of_two_agents_open_it_for_all() {
    let scene = Scene::of(&["a", "b", "c"]);
    assert_eq!(scene.fail("a", 5), ["upstream:api@a"]);
    assert_eq!(scene.fail("b", 5), ["upstream:api@b", "upstream:api"]);
    assert!(!scene.admits("c"));
    pass(10).await;
    // Two probes of different agents find that it is still down.
    assert_eq!(scene.fail("c", 1), ["upstream:api@c"]);
    assert_eq!(scene.shared(), State::HalfOpen);
    assert_eq!(scene.fail("a", 1), ["upstream:api@a", "upstream:api"]);
    pass(10).await;
    for agent in ["a", "b", "c"] {
        assert!(scene.call(agent, Outcome::Success).is_some());
    }
    assert_eq!(scene.shared(), State::Closed);
}

/// It came back for the one, and not for the other.
#[tokio::test(start_paused = true)]
async fn one_that_still_fails_does_not_keep_it_open() {
    let scene = Scene::of(&["bad", "good"]);
    scene.fail("bad", 5);
    scene.fail("good", 5);
    pass(10).await;
    assert_eq!(scene.fail("bad", 1), ["upstream:api@bad"]);
    for _ in 0..3 {
        assert!(scene.call("good", Outcome::Success).is_some());
    }
    assert_eq!(scene.shared(), State::Closed);
    assert!(!scene.admits("bad"));
}

#[tokio::test(start_paused = true)]
async fn what_is_ordered_of_it_holds_for_all_ways() {
    let scene = Scene::of(&["a", "b"]);
    let order = |order| scene.registry.order_upstream(UPSTREAM, order, &rules());
    scene.fail("a", 5);
    assert_eq!(order(Order::Disable).len(), 1);
    assert!(scene.admits("a"));
    assert_eq!(order(Order::ForceOpen).len(), 1);
    assert!(!scene.admits("a") && !scene.admits("b"));
    assert_eq!(order(Order::Reset).len(), 2, "the way of `a` as well");
    assert!(scene.admits("a") && scene.admits("b"));
}

#[tokio::test(start_paused = true)]
async fn a_change_a_probe_and_an_order_are_heard_of() {
    let scene = Scene::of(&["a"]);
    let heard = async || {
        let soon = Duration::from_millis(1);
        tokio::time::timeout(soon, scene.registry.changed()).await.is_ok()
    };
    scene.fail("a", 4);
    assert!(!heard().await);
    scene.fail("a", 1);
    assert!(heard().await);
    pass(10).await;
    assert!(scene.call("a", Outcome::Ignored).is_some());
    assert!(heard().await && !heard().await);
    scene.registry.order_upstream(UPSTREAM, Order::Disable, &rules());
    assert!(heard().await);
}
