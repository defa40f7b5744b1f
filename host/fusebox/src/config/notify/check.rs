//! What of a webhook could never work.

use super::WebhookRules;
use fusebox_upstream::address::Address;
use fusebox_upstream::reach::Reach;
use fusebox_upstream::rules::{Dialect, Network, UpstreamLimits, UpstreamRules, UpstreamTimeouts};

/// The service that a webhook posts to, as the connector knows services.
pub fn upstream_of(rules: &WebhookRules) -> UpstreamRules {
    let (origin, _) = rules.split_url();
    UpstreamRules {
        address: origin.to_owned(),
        network: rules.network.unwrap_or_else(|| network_of(origin)),
        paths: Vec::new(),
        methods: Vec::new(),
        headers: rules.headers.clone(),
        // A notice carries one by itself.
        idempotency_header: None,
        ca_file: rules.ca_file.clone(),
        timeouts: UpstreamTimeouts {
            connect: rules.timeout,
            first_byte: rules.timeout,
            between_bytes: rules.timeout,
        },
        limits: UpstreamLimits::default(),
        dialect: Dialect::default(),
        errors: Vec::new(),
    }
}

/// The network that an address says of itself to be in; of a name nobody knows,
/// so it has to be the internet.
fn network_of(origin: &str) -> Network {
    let Ok(address) = Address::parse(origin) else {
        return Network::Public;
    };
    let is_local = address.host.to_string() == "localhost";
    let reach = address
        .ip()
        .map(Reach::of)
        .or(is_local.then_some(Reach::Loopback));
    reach.and_then(Reach::network).unwrap_or_default()
}

/// What fits the schema key by key and still makes no sense or could never work:
/// the key below the webhook's section, and what is wrong with it.
pub fn contradictions(rules: &WebhookRules) -> Vec<(Vec<String>, String)> {
    let found = fusebox_upstream::contradictions(&upstream_of(rules));
    let renamed = found.into_iter().map(|(mut keys, said)| {
        let written = rules.network.is_some();
        match keys.first_mut() {
            Some(key) if key == "address" || (key == "network" && !written) => "url".clone_into(key),
            _ => {}
        }
        (keys, said)
    });
    renamed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(yaml: &str) -> WebhookRules {
        serde_json::from_value(serde_yaml::from_str(yaml).unwrap()).unwrap()
    }

    #[test]
    fn the_network_is_that_of_the_url_unless_it_is_said() {
        for (yaml, network) in [
            ("{url: 'https://ops.example.com/x'}", Network::Public),
            ("{url: 'http://127.0.0.1:9/x'}", Network::Loopback),
            ("{url: 'http://localhost:9/x'}", Network::Loopback),
            ("{url: 'http://10.1.2.3'}", Network::Private),
            (
                "{url: 'https://ops.inside/x', network: private}",
                Network::Private,
            ),
        ] {
            let rules = rules(yaml);
            assert_eq!(upstream_of(&rules).network, network, "{yaml}");
            assert!(contradictions(&rules).is_empty(), "{yaml}");
        }
    }

    #[test]
    fn what_could_never_be_posted_is_said_at_its_key() {
        for (yaml, key) in [
            ("{url: 'http://169.254.169.254/x'}", "url"),
            ("{url: 'http://127.0.0.1/x', network: public}", "network"),
            ("{url: 'https://a..b:99999/x'}", "url"),
            (
                "{url: 'https://a.example', headers: {host: {value: x}}}",
                "headers.host",
            ),
            (
                "{url: 'https://a.example', headers: {Authorization: {value: x}}}",
                "headers.Authorization",
            ),
        ] {
            let found = contradictions(&rules(yaml));
            let keys: Vec<_> = found.iter().map(|(keys, _)| keys.join(".")).collect();
            assert_eq!(keys, [key], "{yaml}");
        }
    }
}
