//! Who carries a task out, and who has.

use fusebox_types::InstanceId;

/// Who carries a task out, and who has.
#[derive(Debug)]
pub(super) struct Placement {
    /// The task's own agent, or one that stands in.
    agent: u16,
    /// Whether it sent a request that may be repeated only with the same
    /// idempotency key.
    is_bound_to_keys: bool,
    /// The instance that had it last.
    instance: Option<InstanceId>,
    /// The instances that failed at it by their own doing, the last one last.
    failed_on: Vec<InstanceId>,
    /// The instances of the agent that have tried it.
    tried: Vec<InstanceId>,
    /// Whether those would end the same way again.
    only_untried: bool,
}

impl Placement {
    /// With an agent of which no instance has tried it.
    pub(super) fn on(agent: u16) -> Self {
        Self {
            agent,
            is_bound_to_keys: false,
            instance: None,
            failed_on: Vec::new(),
            tried: Vec::new(),
            only_untried: false,
        }
    }

    /// Begins anew with another agent.
    pub(super) fn hand_over(&mut self, agent: u16) {
        *self = Self {
            is_bound_to_keys: self.is_bound_to_keys,
            instance: self.instance,
            ..Self::on(agent)
        };
    }

    pub(super) fn agent(&self) -> u16 {
        self.agent
    }

    pub(super) fn instance(&self) -> Option<InstanceId> {
        self.instance
    }

    /// The instances that the next attempt is better not for.
    pub(super) fn failed_on(&self) -> &[InstanceId] {
        &self.failed_on
    }

    /// Whether any instance of the agent has tried it.
    pub(super) fn is_tried(&self) -> bool {
        !self.tried.is_empty()
    }

    pub(super) fn has_tried(&self, instance: InstanceId) -> bool {
        self.tried.contains(&instance)
    }

    /// Notes that an instance tries it.
    pub(super) fn begin(&mut self, instance: InstanceId) {
        self.instance = Some(instance);
        self.only_untried = false;
        if !self.has_tried(instance) {
            self.tried.push(instance);
        }
    }

    /// Notes that an instance failed at it by its own doing.
    pub(super) fn strike(&mut self, instance: InstanceId) {
        self.failed_on.push(instance);
    }

    /// Notes whether an attempt sent a request that may be repeated only with the
    /// same idempotency key.
    pub(super) fn bind(&mut self, is_bound_to_keys: bool) {
        self.is_bound_to_keys |= is_bound_to_keys;
    }

    /// Whether any attempt sent such a request.
    pub(super) fn is_bound_to_keys(&self) -> bool {
        self.is_bound_to_keys
    }

    /// Has the next attempt go to an instance that has not tried it.
    pub(super) fn avoid_tried(&mut self) {
        self.failed_on.clone_from(&self.tried);
    }

    /// The same, and to no other.
    pub(super) fn only_untried(&mut self) {
        self.avoid_tried();
        self.only_untried = true;
    }

    /// Whether an attempt for this instance can end in another way than those before.
    pub(super) fn is_worth(&self, instance: InstanceId) -> bool {
        !self.only_untried || !self.has_tried(instance)
    }
}
