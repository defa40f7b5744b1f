//! The keywords of a schema, typed and ready.

use super::json::{Kind, Number, Value};

/// A schema in a schema, by its number.
pub(super) type Id = u32;

/// What a value has to meet. Everything that names a value of the schema's own
/// text (`u32`) means its place there.
#[derive(Debug)]
pub(super) enum Keyword {
    /// The schema `false`.
    Never,
    Type(Types),
    /// One of some values, sorted.
    Enum(Vec<u32>),
    Const(u32),
    MultipleOf(Number),
    Minimum {
        limit: Number,
        exclusive: bool,
    },
    Maximum {
        limit: Number,
        exclusive: bool,
    },
    /// Characters of a string.
    Length(Count),
    /// The number of a pattern.
    Pattern(u32),
    ItemCount(Count),
    UniqueItems,
    Items {
        prefix: Vec<Id>,
        rest: Option<Id>,
    },
    Contains {
        schema: Id,
        count: Count,
    },
    MemberCount(Count),
    Required(Vec<u32>),
    Members(Members),
    Names(Id),
    DependentRequired(Vec<(u32, Vec<u32>)>),
    DependentSchemas(Vec<(u32, Id)>),
    AllOf(Vec<Id>),
    AnyOf(Vec<Id>),
    OneOf(Vec<Id>),
    Not(Id),
    If {
        condition: Id,
        then: Option<Id>,
        otherwise: Option<Id>,
    },
    Ref(Id),
}

/// `properties`, `patternProperties` and `additionalProperties`.
#[derive(Debug)]
pub(super) struct Members {
    /// The names that have a schema, sorted.
    pub(super) named: Vec<(Box<[u8]>, Id)>,
    /// Patterns of names.
    pub(super) patterns: Vec<(u32, Id)>,
    /// For names that neither knows.
    pub(super) rest: Option<Id>,
}

impl Keyword {
    /// The schemas that it asks about the same value.
    pub(super) fn in_place(&self) -> Vec<Id> {
        match self {
            Keyword::AllOf(all) | Keyword::AnyOf(all) | Keyword::OneOf(all) => all.clone(),
            Keyword::Not(id) | Keyword::Ref(id) => vec![*id],
            Keyword::DependentSchemas(all) => all.iter().map(|(_, id)| *id).collect(),
            Keyword::If {
                condition,
                then,
                otherwise,
            } => [Some(*condition), *then, *otherwise]
                .into_iter()
                .flatten()
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Orders keywords: those that cost least are asked first.
    pub(super) fn cost(&self) -> u8 {
        match self {
            Keyword::Never | Keyword::Type(_) => 0,
            Keyword::Const(_) | Keyword::Enum(_) => 1,
            Keyword::MultipleOf(_) | Keyword::Minimum { .. } | Keyword::Maximum { .. } => 1,
            Keyword::Length(_) | Keyword::ItemCount(_) | Keyword::MemberCount(_) => 1,
            Keyword::Required(_) | Keyword::DependentRequired(_) => 2,
            Keyword::Ref(_) => 3,
            Keyword::Members(_) | Keyword::Items { .. } | Keyword::Names(_) => 4,
            Keyword::Pattern(_) => 4,
            _ => 5,
        }
    }
}

/// A least and a greatest number of something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    pub(super) least: u64,
    pub(super) most: u64,
}

impl Count {
    pub(super) fn has(self, number: u64) -> bool {
        (self.least..=self.most).contains(&number)
    }
}

/// A set of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(u8);

/// The names of types, in the order of their bits.
const NAMES: [&str; 7] = [
    "null", "boolean", "number", "string", "array", "object", "integer",
];

impl Types {
    pub(super) const NONE: Types = Types(0);

    /// With one more type; none if there is no such type.
    pub(super) fn with(self, name: &[u8]) -> Option<Self> {
        let bit = NAMES.iter().position(|known| known.as_bytes() == name)?;
        Some(Self(self.0 | 1 << bit))
    }

    /// Whether a value is of one of the types. 1.0 is an integer.
    pub(super) fn has(self, value: Value<'_>) -> bool {
        let is_integer = || self.0 & 1 << 6 != 0 && value.number().is_some_and(Number::is_whole);
        self.0 & 1 << bit_of(value.kind()) != 0 || is_integer()
    }

    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 & 1 << bit != 0)
            .map(|(_, name)| name)
    }
}

/// The name of what a value is.
pub(super) fn name_of(kind: Kind) -> &'static str {
    NAMES.get(usize::from(bit_of(kind))).copied().unwrap_or("")
}

fn bit_of(kind: Kind) -> u8 {
    match kind {
        Kind::Null => 0,
        Kind::Bool => 1,
        Kind::Number => 2,
        Kind::Text => 3,
        Kind::Array => 4,
        Kind::Object => 5,
    }
}
