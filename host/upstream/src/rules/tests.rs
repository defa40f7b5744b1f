use super::*;

#[test]
fn what_makes_no_sense_is_said_with_its_key() {
    let entry: UpstreamRules = serde_yaml::from_str(
        r#"
address: http://localhost:1234
ca_file: x.pem
headers:
  Authorization: { value: secret }
  host: { value: elsewhere }
  x-a: { value: b, prefix: c }
  x-b: { value: "a\r\nb" }
  X-B: { value: other }
errors:
  - { when: { equals: ["1"] }, code: none }
"#,
    )
    .unwrap();
    let found: Vec<String> = entry
        .contradictions()
        .iter()
        .map(|(path, said)| format!("{} {}", path.join("."), said.split_whitespace().next().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            "headers.x-b is",
            "headers.Authorization holds",
            "headers.host is",
            "headers.x-a has",
            "headers.x-b holds",
            "ca_file is",
            "errors.0 says"
        ]
    );
}
