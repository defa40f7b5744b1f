//! How large types are when everything that they name is written out: the
//! runtime goes through them so. Each is measured once.

use std::collections::HashMap;
use std::hash::Hash;

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentInstanceTypeId, ComponentValType,
};
use wasmparser::types::TypesRef;

/// The types that have been measured. They nest at most a hundred deep, which the
/// validator sees to.
#[derive(Default)]
pub(super) struct TypeSizes {
    instances: HashMap<ComponentInstanceTypeId, u64>,
    functions: HashMap<ComponentFuncTypeId, u64>,
    values: HashMap<ComponentDefinedTypeId, u64>,
}

impl TypeSizes {
    pub(super) fn of_instance(&mut self, types: &TypesRef<'_>, id: ComponentInstanceTypeId) -> u64 {
        if let Some(size) = self.instances.get(&id) {
            return *size;
        }
        let exports = types.get(id).into_iter().flat_map(|of| of.exports.values());
        let size = sum(exports.map(|item| self.of_entity(types, item.ty)));
        keep(&mut self.instances, id, size)
    }

    pub(super) fn of_function(&mut self, types: &TypesRef<'_>, id: ComponentFuncTypeId) -> u64 {
        if let Some(size) = self.functions.get(&id) {
            return *size;
        }
        let Some(function) = types.get(id) else { return 1 };
        let values = function.params.iter().map(|(_, of)| *of).chain(function.result);
        let size = sum(values.map(|of| self.of_value(types, of)));
        keep(&mut self.functions, id, size)
    }

    pub(super) fn of_any(&mut self, types: &TypesRef<'_>, id: ComponentAnyTypeId) -> u64 {
        match id {
            ComponentAnyTypeId::Defined(id) => self.of_value(types, ComponentValType::Type(id)),
            ComponentAnyTypeId::Func(id) => self.of_function(types, id),
            ComponentAnyTypeId::Instance(id) => self.of_instance(types, id),
            ComponentAnyTypeId::Resource(_) | ComponentAnyTypeId::Component(_) => 1,
        }
    }

    fn of_entity(&mut self, types: &TypesRef<'_>, entity: ComponentEntityType) -> u64 {
        match entity {
            ComponentEntityType::Instance(id) => self.of_instance(types, id),
            ComponentEntityType::Func(id) => self.of_function(types, id),
            ComponentEntityType::Type { created, .. } => self.of_any(types, created),
            ComponentEntityType::Value(of) => self.of_value(types, of),
            ComponentEntityType::Module(_) | ComponentEntityType::Component(_) => 1,
        }
    }

    fn of_value(&mut self, types: &TypesRef<'_>, value: ComponentValType) -> u64 {
        let ComponentValType::Type(id) = value else {
            return 1;
        };
        if let Some(size) = self.values.get(&id) {
            return *size;
        }
        let parts = types.get(id).map_or(Vec::new(), parts);
        let size = sum(parts.into_iter().map(|of| self.of_value(types, of)));
        keep(&mut self.values, id, size)
    }
}

fn keep<K: Eq + Hash>(known: &mut HashMap<K, u64>, id: K, size: u64) -> u64 {
    known.insert(id, size);
    size
}

fn sum(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(1, u64::saturating_add)
}

/// The types that a type is made of. A primitive one stands for what has none.
fn parts(of: &ComponentDefinedType) -> Vec<ComponentValType> {
    use ComponentDefinedType as T;
    match of {
        T::Record(record) => record.fields.values().copied().collect(),
        T::Variant(variant) => variant.cases.values().filter_map(|case| case.ty).collect(),
        T::Tuple(tuple) => tuple.types.to_vec(),
        T::List { element, .. } => vec![*element],
        T::FixedLengthList { element, length, .. } => vec![*element; (*length).min(1000) as usize],
        T::Map { key, value, .. } => vec![*key, *value],
        T::Option { ty, .. } => vec![*ty],
        T::Result { ok, err, .. } => [*ok, *err].into_iter().flatten().collect(),
        _ => Vec::new(),
    }
}
