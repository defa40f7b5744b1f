//! A condition on the category: one, or a list of which one has to hold.

#[cfg(feature = "schema")]
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use fusebox_types::failure::Category;

/// All categories.
#[cfg(feature = "schema")]
const ALL: [Category; 8] = [
    Category::Network,
    Category::ApiLimit,
    Category::InstanceFailure,
    Category::CanvasCorruption,
    Category::MemoryOverflow,
    Category::Timeout,
    Category::Validation,
    Category::System,
];

/// For serde: `network` or `[network, timeout]`.
pub(super) fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Category>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(Category),
        More(Vec<Category>),
    }
    Ok(match Written::deserialize(from)? {
        Written::One(category) => vec![category],
        Written::More(categories) => categories,
    })
}

/// For the schema. The two forms are told apart by their type and not by
/// `oneOf`, so that a fault is one of the word that is wrong, at its place.
#[cfg(feature = "schema")]
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    let names = ALL.map(|category| category.to_string());
    let listed = names.join(", ");
    json_schema!({
        "type": ["string", "array"],
        "if": { "type": "string" },
        "then": { "enum": names },
        "items": { "enum": names },
        "minItems": 1,
        "x-expected": format!("a category, or a list with at least one ({listed})"),
    })
}

#[cfg(all(test, feature = "schema"))]
mod tests {
    use super::*;

    /// A new category needs a place in the list above.
    #[test]
    fn every_category_can_be_written() {
        let declared = schemars::schema_for!(Category);
        let known = declared.as_value()["oneOf"].as_array().unwrap();
        let known: Vec<_> = known.iter().map(|one| one["const"].as_str().unwrap()).collect();
        assert_eq!(known, ALL.map(|category| category.to_string()));
    }
}
