use std::time::Duration;

use super::*;
use fusebox_upstream::contradictions;
use fusebox_upstream::rules::{Network, PathPattern};
use serde_json::json;

/// As the configuration is read: YAML as JSON has it, then the types.
fn read(yaml: &str) -> Result<Upstream, serde_json::Error> {
    serde_json::from_value(serde_yaml::from_str(yaml).unwrap())
}

fn entry(yaml: &str) -> Upstream {
    read(yaml).unwrap()
}

#[test]
fn an_address_alone_is_a_whole_upstream() {
    let entry = entry("address: https://api.example.com");
    assert_eq!(entry.rules.network, Network::Public);
    assert_eq!(entry.rules.paths, [PathPattern::new("/*")]);
    assert_eq!(entry.rules.limits.in_flight, 4);
    assert!(entry.rules.headers.is_empty() && contradictions(&entry.rules).is_empty());
}

#[test]
fn all_keys_are_read_and_written_back() {
    let text = r#"
address: https://open.bigmodel.cn
paths: [/api/paas/v4/*]
methods: [POST]
headers:
  authorization: { secret: { env: GLM_API_KEY }, prefix: "Bearer " }
  x-client: { value: fusebox }
ca_file: certs/inner.pem
timeouts: { first_byte: 2m }
limits:
  in_flight: 4
  rate: { requests: 10, per: 1s }
  quotas: [{ requests: 120, window: 5h }]
dialect: glm
errors:
  - { when: { status: 200, field: /error/code, equals: ["1304"] }, code: api.quota, retry_at: { field: /error/reset } }
"#;
    let found = entry(text);
    assert_eq!(found.rules.limits.quotas[0].window, Duration::from_secs(5 * 3600));
    assert_eq!(found.rules.limits.rate.unwrap().burst, 1);
    assert_eq!(found.rules.timeouts.connect, Duration::from_secs(10));
    let written = serde_json::to_string(&found).unwrap();
    assert_eq!(entry(&written), found);
    assert!(contradictions(&found.rules).is_empty());
}

#[test]
fn an_unknown_key_is_refused_in_each_section() {
    for text in [
        "{ address: 'http://a', adress: x }",
        "{ address: 'http://a', timeouts: { idle: 1s } }",
        "{ address: 'http://a', limits: { max: 1 } }",
        "{ address: 'http://a', headers: { a: { text: x } } }",
        "{ address: 'http://a', network: internal }",
        "{ address: 'http://a', methods: [CONNECT] }",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

/// As the schema is asked for `config explain`.
#[test]
fn every_key_has_a_meaning_and_every_bound_is_there() {
    let schema = schemars::schema_for!(Upstream).to_value();
    let property = |path: &str| schema.pointer(path).cloned().unwrap_or_default();
    for key in schema["properties"].as_object().unwrap().values() {
        assert!(key["description"].as_str().unwrap().len() > 20, "{key}");
    }
    assert_eq!(property("/required"), json!(["address"]));
    assert_eq!(property("/properties/network/default"), json!("public"));
    assert_eq!(
        property("/$defs/UpstreamTimeouts/properties/connect/x-most"),
        json!("10m")
    );
    assert_eq!(
        property("/$defs/UpstreamLimits/properties/in_flight/maximum"),
        json!(1000)
    );
}
