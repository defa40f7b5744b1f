//! From ECMA-262's patterns to those of the engine.

use regex_syntax::ast::{self, Assertion, AssertionKind, Ast, Visitor};
use regex_syntax::hir::Hir;
use regex_syntax::hir::translate::TranslatorBuilder;

/// Most levels of groups.
const MAX_NEST: u32 = 50;

/// Reads a pattern: `\d`, `\w`, `\s` and `.` mean what ECMA-262 says, by the
/// crate that validators use for it; `\b` is about ASCII words.
pub(super) fn to_hir(pattern: &str) -> Result<Hir, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("a pattern that is none: `{pattern}`: {error}");
    let translated = jsonschema_regex::to_rust_regex(pattern).map_err(|()| wrong(&"it cannot be read"))?;
    let parse = |text: &str| {
        let parsed = ast::parse::ParserBuilder::new()
            .nest_limit(MAX_NEST)
            .build()
            .parse(text);
        parsed.map_err(|error| match error.kind() {
            ast::ErrorKind::UnsupportedLookAround => {
                wrong(&"what looks ahead or behind is not supported, as it takes unbounded time")
            }
            ast::ErrorKind::UnsupportedBackreference => {
                wrong(&"references to groups are not supported, as they take unbounded time")
            }
            kind => wrong(kind),
        })
    };
    let ast = parse(&translated)?;
    let words = ast::visit(&ast, Words(Vec::new())).unwrap_or_default();
    let translated = with_ascii_words(&translated, &words);
    let ast = parse(&translated)?;
    let mut translator = TranslatorBuilder::new().utf8(false).build();
    translator
        .translate(&translated, &ast)
        .map_err(|error| wrong(error.kind()))
}

/// The places of `\b` and `\B`.
struct Words(Vec<std::ops::Range<usize>>);

impl Visitor for Words {
    type Output = Vec<std::ops::Range<usize>>;
    type Err = ();

    fn finish(self) -> Result<Self::Output, ()> {
        Ok(self.0)
    }

    fn visit_post(&mut self, ast: &Ast) -> Result<(), ()> {
        if let Ast::Assertion(assertion) = ast {
            let Assertion { span, kind } = &**assertion;
            if !matches!(
                kind,
                AssertionKind::StartLine
                    | AssertionKind::EndLine
                    | AssertionKind::StartText
                    | AssertionKind::EndText
            ) {
                self.0.push(span.start.offset..span.end.offset);
            }
        }
        Ok(())
    }
}

fn with_ascii_words(pattern: &str, words: &[std::ops::Range<usize>]) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut from = 0;
    for word in words {
        text.push_str(pattern.get(from..word.start).unwrap_or_default());
        text.push_str("(?-u:");
        text.push_str(pattern.get(word.clone()).unwrap_or_default());
        text.push(')');
        from = word.end;
    }
    text.push_str(pattern.get(from..).unwrap_or_default());
    text
}
