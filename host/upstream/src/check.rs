//! What of an upstream's configuration could never work.

use super::address::{Address, PathFault, check_path};
use super::reach::Reach;
use crate::rules::{Network, PathPattern, UpstreamRules};

/// What fits the schema key by key and still makes no sense or could never work:
/// the key below the upstream's section, and what is wrong with it.
pub fn contradictions(entry: &UpstreamRules) -> Vec<(Vec<String>, String)> {
    let mut found = entry.contradictions();
    match Address::parse(&entry.address) {
        Ok(address) => {
            found.extend(elsewhere(&address, entry.network).map(|said| (vec!["network".into()], said)));
        }
        Err(error) => found.push((vec!["address".into()], error.to_string())),
    }
    for (at, pattern) in entry.paths.iter().enumerate() {
        if let Err(fault) = could_fit(pattern) {
            let said = format!("could never be called: {fault}");
            found.push((vec!["paths".into(), at.to_string()], said));
        }
    }
    found
}

/// What is wrong if the address itself says that it lies in another network.
fn elsewhere(address: &Address, network: Network) -> Option<String> {
    let is_local = address.host.to_string() == "localhost";
    let reach = address
        .ip()
        .map(Reach::of)
        .or(is_local.then_some(Reach::Loopback))?;
    if reach.is_within(network) {
        return None;
    }
    let advice = match reach.network() {
        Some(Network::Public) => "write `network: public`",
        Some(Network::Private) => "write `network: private`",
        Some(Network::Loopback) => "write `network: loopback`",
        None => "it is never called",
    };
    Some(format!("does not fit the address, which is {reach}; {advice}"))
}

/// Whether any path that a pattern takes is one that is looked at.
fn could_fit(pattern: &PathPattern) -> Result<(), PathFault> {
    check_path(pattern.as_str().trim_end_matches('*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(yaml: &str) -> Vec<String> {
        let entry = serde_json::from_value(serde_yaml::from_str(yaml).unwrap()).unwrap();
        let line = |(path, said): (Vec<String>, String)| format!("{}: {said}", path.join("."));
        contradictions(&entry).into_iter().map(line).collect()
    }

    #[test]
    fn an_address_that_says_where_it_is_has_to_fit_the_network() {
        assert!(found("{address: 'http://localhost:11434', network: loopback}").is_empty());
        assert!(found("{address: 'https://api.example.com'}").is_empty());
        for (yaml, said) in [
            ("{address: 'http://localhost:11434'}", "`network: loopback`"),
            ("{address: 'http://0x7f.1'}", "`network: loopback`"),
            (
                "{address: 'http://10.0.0.1', network: loopback}",
                "`network: private`",
            ),
            (
                "{address: 'http://8.8.8.8', network: private}",
                "`network: public`",
            ),
            (
                "{address: 'http://169.254.169.254', network: private}",
                "never called",
            ),
        ] {
            let found = found(yaml);
            assert!(
                found.len() == 1 && found[0].starts_with("network: ") && found[0].contains(said),
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_could_never_be_called_is_said() {
        let found = found("{address: 'https://a..b:99999', paths: [/v1/*, /v1/../x, /a%2fb/*]}");
        let keys: Vec<_> = found
            .iter()
            .filter_map(|line| Some(line.split_once(':')?.0))
            .collect();
        assert_eq!(keys, ["address", "paths.1", "paths.2"]);
    }
}
