//! The key of a breaker, in words.

/// What a breaker guards, in words: `upstream llm` for `upstream:llm`, and
/// `upstream llm (for agent writer)` for one agent's own way there. Any other key
/// says what it is.
pub fn guarded(key: &str) -> String {
    let Some(upstream) = key.strip_prefix("upstream:") else {
        return key.to_owned();
    };
    match upstream.split_once('@') {
        Some((name, agent)) => format!("upstream {name} (for agent {agent})"),
        None => format!("upstream {upstream}"),
    }
}

/// Whether a key is that of an agent's own breaker.
pub fn is_of_agent(key: &str) -> bool {
    key.starts_with("agent:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_say_what_is_guarded() {
        assert_eq!(guarded("upstream:llm"), "upstream llm");
        assert_eq!(guarded("upstream:llm@writer"), "upstream llm (for agent writer)");
        assert_eq!(guarded("agent:writer"), "agent:writer");
        assert!(is_of_agent("agent:upstream") && !is_of_agent("upstream:agent"));
    }
}
