//! JSON Canvas 1.0 documents, read and changed without loss: what is not changed stays
//! byte for byte what it was, whether this crate understands it or not.
//!
//! ```text
//! text -> spans: where each value stands -> document: the top level and its two arrays
//!                                               |
//!                        node, edge, groups: what can be understood of them
//!                                               |
//!      new text <- splice <- changes: nodes and edges added or changed (place, style)
//! ```
//!
//! ```
//! use fusebox_canvas::{Canvas, Changes, NewNode, Rect};
//!
//! let canvas = Canvas::parse(r#"{"nodes":[],"mine":1.50}"#.to_owned())?;
//! let mut changes = Changes::of(&canvas);
//! let rect = Rect { x: 0.0, y: 0.0, width: 250.0, height: 60.0 };
//! changes.add_text(&NewNode { id: "a", text: "hello", color: None, rect });
//! let text = changes.apply();
//! assert!(text.starts_with(r#"{"nodes":[{"id":"a","type":"text","text":"hello""#));
//! assert!(text.ends_with(r#"}],"mine":1.50}"#));
//! # Ok::<(), fusebox_canvas::CanvasError>(())
//! ```

#![warn(missing_docs)]

mod canvas;
mod changes;
mod document;
mod edge;
mod error;
mod groups;
mod node;
mod place;
mod spans;
mod splice;
mod style;

pub use canvas::Canvas;
pub use changes::{Changes, NewEdge, NewNode};
pub use edge::Edge;
pub use error::{CanvasError, CanvasWarning, Element};
pub use groups::Groups;
pub use node::{Kind, Node, Rect};
pub use place::{BELOW, BESIDE};
pub use splice::Edit;
