//! What is to be changed on a canvas.

use serde_json::Value;

use crate::canvas::Canvas;
use crate::node::{Kind, Rect};
use crate::place::Space;
use crate::spans::Object;
use crate::splice::{self, Edit};
use crate::style::Style;

/// A text node that is to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewNode<'a> {
    /// Its id, which no other node has.
    pub id: &'a str,
    /// Its text, in Markdown.
    pub text: &'a str,
    /// Its colour, as the canvas writes it.
    pub color: Option<&'a str>,
    /// Where it is wanted. It is put as little below as is needed to overlap nothing.
    pub rect: Rect,
}

/// An edge that is to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewEdge<'a> {
    /// Its id.
    pub id: &'a str,
    /// The node at which it begins, and the side of it.
    pub from: &'a str,
    /// `top`, `right`, `bottom` or `left`.
    pub from_side: &'a str,
    /// The node at which it ends, and the side of it.
    pub to: &'a str,
    /// `top`, `right`, `bottom` or `left`.
    pub to_side: &'a str,
}

/// What is to be changed on a canvas. All else stays byte for byte what it was.
#[derive(Debug)]
pub struct Changes<'a> {
    canvas: &'a Canvas,
    space: Space,
    node_style: Style<'a>,
    edge_style: Style<'a>,
    nodes: Vec<String>,
    edges: Vec<String>,
    edits: Vec<Edit>,
}

impl<'a> Changes<'a> {
    /// Nothing yet.
    pub fn of(canvas: &'a Canvas) -> Self {
        let document = &canvas.document;
        let (nodes, edges) = (&document.nodes, &document.edges);
        Self {
            canvas,
            space: Space::of(canvas.nodes()),
            node_style: Style::of(&canvas.text, document, nodes, edges),
            edge_style: Style::of(&canvas.text, document, edges, nodes),
            nodes: Vec::new(),
            edges: Vec::new(),
            edits: Vec::new(),
        }
    }

    /// Adds a text node, and gives the place that it takes.
    pub fn add_text(&mut self, node: &NewNode<'_>) -> Rect {
        let rect = self.space.take(node.rect);
        let mut members = vec![
            ("id", string(node.id)),
            ("type", string("text")),
            ("text", string(node.text)),
            ("x", integer(rect.x)),
            ("y", integer(rect.y)),
            ("width", integer(rect.width)),
            ("height", integer(rect.height)),
        ];
        members.extend(node.color.map(|color| ("color", string(color))));
        self.nodes.push(self.node_style.object(&members));
        rect
    }

    /// Adds an edge, unless there is one with its id: one that has lost its end is
    /// there still, and finds it again.
    pub fn add_edge(&mut self, edge: &NewEdge<'_>) {
        if self.canvas.has_edge(edge.id) {
            return;
        }
        let members = [
            ("id", string(edge.id)),
            ("fromNode", string(edge.from)),
            ("fromSide", string(edge.from_side)),
            ("toNode", string(edge.to)),
            ("toSide", string(edge.to_side)),
        ];
        self.edges.push(self.edge_style.object(&members));
    }

    /// Makes the node at a place a text node with this text. Everything else of it
    /// stays.
    pub fn set_text(&mut self, at: usize, text: &str) {
        let Some(object) = self.object(at) else { return };
        let source = &self.canvas.text;
        if self
            .canvas
            .nodes()
            .get(at)
            .is_some_and(|node| node.kind != Kind::Text)
        {
            self.edits
                .push(splice::set(source, &object, "type", &string("text")));
        }
        // Compared as text: another program may have escaped it differently.
        if object.string(source, "text").as_deref() != Some(text) {
            self.edits
                .push(splice::set(source, &object, "text", &string(text)));
        }
    }

    /// Gives the node at a place a colour, or takes it away.
    pub fn set_color(&mut self, at: usize, color: Option<&str>) {
        let Some(object) = self.object(at) else { return };
        let source = &self.canvas.text;
        let edit = match color {
            Some(color) => Some(splice::set(source, &object, "color", &string(color))),
            None => splice::remove(source, &object, "color"),
        };
        self.edits.extend(edit);
    }

    /// The text of the canvas with all of it.
    pub fn apply(self) -> String {
        let text = &self.canvas.text;
        splice::splice(text, self.edits())
    }

    /// The same as single edits, in the order in which they were asked for; those at one
    /// place come in that order.
    pub fn edits(mut self) -> Vec<Edit> {
        let document = &self.canvas.document;
        let additions = [
            (&document.nodes, &self.node_style, &*self.nodes),
            (&document.edges, &self.edge_style, &*self.edges),
        ];
        let added = splice::append(&self.canvas.text, document, &additions);
        self.edits.extend(added);
        self.edits
    }

    fn object(&self, at: usize) -> Option<Object> {
        let span = self.canvas.document.nodes.items.get(at)?;
        Object::read(&self.canvas.text, span.clone()).ok()
    }
}

fn string(text: &str) -> String {
    fusebox_system::json::harmless(&Value::from(text).to_string()).into_owned()
}

/// JSON Canvas has whole numbers, and its readers count them in doubles.
fn integer(number: f64) -> String {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    format!("{:.0}", number.clamp(-EXACT, EXACT) + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn what_is_changed_of_a_node_is_its_text_and_its_colour() {
        let text = r#"{"nodes":[{"id":"a","type":"link","url":"x:y","mine" : 1.0}]}"#;
        let canvas = Canvas::parse(text.to_owned()).unwrap();
        let mut changes = Changes::of(&canvas);
        changes.set_text(0, "words");
        changes.set_color(0, Some("1"));
        // There is no such node.
        changes.set_text(7, "nothing");
        assert_eq!(
            changes.apply(),
            r#"{"nodes":[{"id":"a","type":"text","url":"x:y","mine" : 1.0,"text":"words","color":"1"}]}"#
        );
    }

    #[test]
    fn keys_are_made_where_there_are_none() {
        let document = Document::read("{\n  \"other\": \"value\"\n}\n").unwrap();
        let text = "{\n  \"other\": \"value\"\n}\n";
        let style = Style::of(text, &document, &document.nodes, &document.edges);
        let items = ["{}".to_owned()];
        let additions = [
            (&document.nodes, &style, &items[..]),
            (&document.edges, &style, &items[..]),
        ];
        let edits = splice::append(text, &document, &additions);
        let spliced = splice::splice(text, edits);
        let expected =
            "{\n  \"other\": \"value\",\n  \"nodes\": [\n    {}\n  ],\n  \"edges\": [\n    {}\n  ]\n}\n";
        assert_eq!(spliced, expected);
    }
}
