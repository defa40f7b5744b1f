use super::*;
use crate::rules::{Method, PathPattern};
use fusebox_types::failure::Code;
use http::Uri;

fn show(text: &str) -> String {
    Address::parse(text).map_or_else(|error| format!("{error:?}"), |address| address.to_string())
}

#[test]
fn every_spelling_comes_to_one_form() {
    let cases = [
        ("https://API.Example.COM", "https://api.example.com"),
        ("HTTPS://api.example.com/", "https://api.example.com"),
        ("https://api.example.com:443", "https://api.example.com"),
        ("http://api.example.com:443", "http://api.example.com:443"),
        ("http://api.example.com:080", "http://api.example.com"),
        ("https://Bücher.example", "https://xn--bcher-kva.example"),
        ("https://例え。テスト", "https://xn--r8jz45g.xn--zckzah"),
        ("http://127.1", "http://127.0.0.1"),
        ("http://2130706433", "http://127.0.0.1"),
        ("http://0x7f.0.0.1", "http://127.0.0.1"),
        ("http://0177.0.0.01", "http://127.0.0.1"),
        ("http://0x7f000001:8080", "http://127.0.0.1:8080"),
        ("http://１２７.0.0.1", "http://127.0.0.1"),
        ("http://127.0.0.1.", "http://127.0.0.1"),
        ("http://[0:0:0:0:0:0:0:1]:11434", "http://[::1]:11434"),
        ("http://[::FFFF:127.0.0.1]", "http://[::ffff:7f00:1]"),
    ];
    for (text, canonical) in cases {
        assert_eq!(show(text), canonical, "{text}");
    }
}

#[test]
fn what_says_more_or_less_than_an_address_is_refused() {
    let refused = [
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://:443",
        "https://user@api.example.com",
        "https://user:pass@api.example.com",
        "https://api.example.com/v1",
        "https://api.example.com//",
        "https://api.example.com?x",
        "https://api.example.com#x",
        "https://api.example.com\\@evil.example",
        "https://api.exa\tmple.com",
        "https://api.example.com ",
        "https://api%2eexample.com",
        "https://api.example.com:99999",
        "https://api.example.com:",
        "https://api.example.com.",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://256.1.1.1",
        "https://a..b/../c",
    ];
    for text in refused {
        let read = Address::parse(text);
        let harmless = text.ends_with(':') && read.as_ref().is_ok_and(|read| read.port == 443);
        assert!(read.is_err() || harmless, "{text}: {read:?}");
    }
    assert_eq!(
        Address::parse(&format!("https://{}", "a".repeat(400))),
        Err(AddressError::TooLong)
    );
}

/// Three services: two at one address.
struct World(Vec<(&'static str, Address, Vec<PathPattern>, Vec<Method>)>);

impl World {
    fn new() -> Self {
        let at = |text| Address::parse(text).unwrap();
        let paths = |texts: &[&str]| texts.iter().map(|text| PathPattern::new(*text)).collect();
        Self(vec![
            (
                "chat",
                at("https://api.example.com"),
                paths(&["/v1/chat/*"]),
                vec![Method::Post],
            ),
            (
                "models",
                at("https://api.example.com"),
                paths(&["/v1/models"]),
                vec![Method::Get],
            ),
            (
                "ollama",
                at("http://localhost:11434"),
                paths(&["/*"]),
                vec![Method::Get, Method::Post],
            ),
        ])
    }

    fn ask(&self, granted: &[&str], method: &str, uri: &str) -> Result<&str, Denial> {
        let services = self.0.iter().map(|(name, address, paths, methods)| Service {
            name,
            address,
            paths,
            methods,
        });
        let granted: Vec<String> = granted.iter().map(ToString::to_string).collect();
        let target = Target::of(&uri.parse::<Uri>().unwrap())?;
        choose(services, &granted, "writer", &target, &method.parse().unwrap())
    }
}

#[test]
fn a_request_goes_to_the_granted_upstream_that_takes_it() {
    let (world, both) = (World::new(), ["chat", "models"]);
    assert_eq!(
        world.ask(&both, "POST", "https://api.example.com/v1/chat/completions?a=1"),
        Ok("chat")
    );
    assert_eq!(
        world.ask(&both, "GET", "https://API.example.com:443/v1/models"),
        Ok("models")
    );
    assert_eq!(
        world.ask(&["ollama"], "GET", "http://localhost:11434/"),
        Ok("ollama")
    );
}

#[test]
fn a_denial_says_what_to_add_where() {
    let world = World::new();
    let cases = [
        (
            &["chat"][..],
            "GET",
            "https://evil.example/",
            Code::DeniedUpstream,
            "agents.writer.grants.upstreams",
        ),
        (
            &["chat"],
            "GET",
            "https://evil.example/",
            Code::DeniedUpstream,
            "address: \"https://evil.example\"",
        ),
        (
            &[],
            "POST",
            "https://api.example.com/v1/chat/x",
            Code::DeniedUpstream,
            "add `chat` to `agents.writer.grants",
        ),
        (
            &["chat"],
            "POST",
            "https://api.example.com/v1/models",
            Code::DeniedRequest,
            "`upstreams.chat.paths`",
        ),
        (
            &["chat"],
            "DELETE",
            "https://api.example.com/v1/chat/x",
            Code::DeniedRequest,
            "`upstreams.chat.methods`",
        ),
        (
            &["ollama"],
            "TRACE",
            "http://localhost:11434/",
            Code::DeniedRequest,
            "never",
        ),
        (
            &["ollama"],
            "CONNECT",
            "http://localhost:11434/",
            Code::DeniedRequest,
            "never",
        ),
        (
            &["chat"],
            "POST",
            "https://api.example.com/v1/chat/../x",
            Code::InvalidRequest,
            "`..`",
        ),
        (
            &["chat"],
            "POST",
            "https://a@api.example.com/v1/chat/x",
            Code::InvalidRequest,
            "`@`",
        ),
        (&["chat"], "POST", "/v1/chat/x", Code::InvalidRequest, "http"),
    ];
    for (granted, method, uri, code, said) in cases {
        let denial = world.ask(granted, method, uri).unwrap_err();
        assert_eq!(denial.code(), code, "{uri}");
        assert!(denial.to_string().contains(said), "{uri}: {denial}");
    }
}

/// Never by prefix, suffix or part of the host.
#[test]
fn what_only_looks_like_a_granted_address_is_another_one() {
    let world = World::new();
    for uri in [
        "https://api.example.com.evil.example/v1/chat/x",
        "https://xapi.example.com/v1/chat/x",
        "https://example.com/v1/chat/x",
        "http://api.example.com/v1/chat/x",
        "https://api.example.com:8443/v1/chat/x",
        "http://127.0.0.1:11434/",
    ] {
        let denial = world.ask(&["chat", "ollama"], "POST", uri).unwrap_err();
        assert!(
            matches!(denial, Denial::NotConfigured { .. }),
            "{uri}: {denial:?}"
        );
    }
}
