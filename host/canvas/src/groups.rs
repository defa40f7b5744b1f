//! Which group holds a node.

use crate::node::{Kind, Node};

/// The groups of a canvas, the smallest first.
pub struct Groups<'a>(Vec<&'a Node>);

impl<'a> Groups<'a> {
    /// Of all nodes of a canvas.
    pub fn of(nodes: &'a [Node]) -> Self {
        let mut groups: Vec<_> = nodes.iter().filter(|node| node.kind == Kind::Group).collect();
        let area = |node: &Node| node.rect.width * node.rect.height;
        // Stable: of groups of one size, the first in the document comes first.
        groups.sort_by(|one, other| area(one).total_cmp(&area(other)));
        Self(groups)
    }

    /// The label of the innermost group that holds a node. A group does not
    /// hold itself.
    pub fn label_of(&self, node: &Node) -> Option<&'a str> {
        let holds = |group: &&&Node| !std::ptr::eq(**group, node) && group.rect.holds(&node.rect);
        self.0.iter().find(holds)?.content.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Rect;

    fn node(kind: Kind, label: &str, x: f64, y: f64, side: f64) -> Node {
        Node {
            kind,
            content: Some(label.into()),
            rect: Rect {
                x,
                y,
                width: side,
                height: side,
            },
            ..Node::default()
        }
    }

    #[test]
    fn the_innermost_group_holds_a_node() {
        let nodes = [
            node(Kind::Group, "outer", 0.0, 0.0, 100.0),
            node(Kind::Group, "inner", 10.0, 10.0, 50.0),
            node(Kind::Text, "in both", 20.0, 20.0, 10.0),
            node(Kind::Text, "in outer", 55.0, 55.0, 10.0),
            node(Kind::Text, "half out", 95.0, 95.0, 10.0),
            node(Kind::Group, "twin", 10.0, 10.0, 50.0),
        ];
        let groups = Groups::of(&nodes);
        let labels: Vec<_> = nodes.iter().map(|node| groups.label_of(node)).collect();
        let inner = Some("inner");
        assert_eq!(labels, [None, Some("twin"), inner, Some("outer"), None, inner]);
    }
}
