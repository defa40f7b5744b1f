//! Boards of all kinds of layout, from a small generator.

use super::board;
use super::lossless::add;

#[test]
fn generated_boards_come_back() {
    for seed in 0..300 {
        let text = Generator(seed).board();
        let spliced = add(&text, &["a", "b"]);
        let again = board(&spliced);
        assert_eq!(
            (again.canvas.nodes().len(), again.canvas.edges().len()),
            (6, 4),
            "{spliced}"
        );
        assert!(again.warnings().is_empty(), "{:?}", again.warnings());
    }
}

struct Generator(u64);

impl Generator {
    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        of[(self.0 >> 33) as usize % of.len()]
    }

    fn space(&mut self) -> &'static str {
        self.pick(&["", " ", "\n", "\r\n\t", "  \n  "])
    }

    /// Pieces with white space around each.
    fn spaced(&mut self, pieces: &[&str]) -> String {
        let mut text = self.space().to_owned();
        for piece in pieces {
            text = text + piece + self.space();
        }
        text
    }

    fn node(&mut self, id: &str) -> String {
        let odd = ["-0.0", "[{ },1e999]", "\"\\ud83d,]}\"", "{\"id\":\"a\"}"];
        let (one, other) = (self.pick(&odd), self.pick(&odd));
        self.spaced(&[
            "{",
            "\"k\\u0065y\"",
            ":",
            one,
            ",",
            "\"i\\u0064\"",
            ":",
            id,
            ",",
            "\"text\"",
            ":",
            "\"{[,:\\\"\"",
            ",",
            "\"type\"",
            ":",
            "\"text\"",
            ",",
            "\"key\"",
            ":",
            other,
            "}",
        ])
    }

    fn board(&mut self) -> String {
        let (a, b) = (self.node("\"a\""), self.node("\"b\""));
        let nodes = self.spaced(&["\"nodes\"", ":", "[", &a, ",", &b, "]"]);
        let edges = self.pick(&[
            "",
            "\"edges\":[]",
            "\"edges\" : [ \n]",
            "\"edges\":null",
            "\"\\u0065dges\":[]",
        ]);
        match self.pick(&["", "before", "after"]) {
            _ if edges.is_empty() => self.spaced(&["{", &nodes, "}"]),
            "before" => self.spaced(&["{", edges, ",", &nodes, "}"]),
            _ => self.spaced(&["{", &nodes, ",", edges, "}"]),
        }
    }
}
