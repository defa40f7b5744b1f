//! What a retry costs and how much there is.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The policy's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// How many points an agent has at most, and at first.
    pub(crate) budget: u64,
    /// How long it takes until one point comes back, in milliseconds; 0 for
    /// never.
    pub(crate) refill_ms: u64,
    /// What a retry costs, in points.
    pub(crate) cost: u64,
    /// What it costs after particular failures: by code, by the beginning of a
    /// code up to a dot, or by class.
    pub(crate) costs: BTreeMap<String, u64>,
    /// The first wait, in milliseconds. Each wait is twice the one before.
    pub(crate) base_ms: u64,
    /// The longest wait, in milliseconds.
    pub(crate) max_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            budget: 100,
            refill_ms: 6_000,
            cost: 10,
            costs: BTreeMap::new(),
            base_ms: 500,
            max_ms: 30_000,
        }
    }
}

impl Settings {
    /// What a retry costs after a failure: the price of its code, else of the
    /// longest beginning that has one, else of its class, else the usual one.
    pub(crate) fn price(&self, code: &str, category: &str) -> u64 {
        let mut name = code;
        loop {
            if let Some(price) = self.costs.get(name) {
                return *price;
            }
            match name.rsplit_once('.') {
                Some((beginning, _)) => name = beginning,
                None => return self.costs.get(category).copied().unwrap_or(self.cost),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_price_counts() {
        let costs = [("guest.glm", 3), ("guest.glm.1302", 5), ("api-limit", 7)];
        let settings = Settings {
            costs: costs.map(|(name, price)| (name.to_owned(), price)).into(),
            ..Settings::default()
        };
        assert_eq!(settings.price("guest.glm.1302", "api-limit"), 5);
        assert_eq!(settings.price("guest.glm.1113", "api-limit"), 3);
        assert_eq!(settings.price("guest.glmx", "api-limit"), 7);
        assert_eq!(settings.price("net.reset", "network"), 10);
        assert_eq!(settings.price("", ""), 10);
    }
}
