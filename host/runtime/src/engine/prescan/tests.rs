use std::fmt::Write;

use proptest::prelude::*;

use super::*;

fn scan(wat: &str) -> Result<(), PluginFault> {
    check(&wat::parse_str(wat).unwrap(), &LoadingRules::default())
}

#[track_caller]
fn too_large(wat: &str, expected: Measure) {
    let found = scan(wat);
    assert!(
        matches!(found, Err(PluginFault::TooLarge { what, .. }) if what == expected),
        "{found:?}"
    );
}

#[test]
fn what_is_no_component_is_named() {
    let rules = LoadingRules::default();
    assert!(matches!(check(b"", &rules), Err(PluginFault::Malformed(_))));
    assert!(matches!(
        check(b"(component)", &rules),
        Err(PluginFault::Malformed(_))
    ));
    assert_eq!(scan("(module)"), Err(PluginFault::CoreModule));
    assert_eq!(scan("(component)"), Ok(()));
    let mut torn = wat::parse_str("(component (core module (func)))").unwrap();
    torn.truncate(torn.len() - 2);
    assert!(matches!(check(&torn, &rules), Err(PluginFault::Malformed(_))));
}

/// Sixty levels, each of which makes the one before it twice. `between` is put
/// before each, to move the index spaces.
fn bomb(between: &str) -> String {
    let mut wat = String::from("(component $c0 (core module $m) (core instance (instantiate $m)))");
    for level in 1..60 {
        let below = level - 1;
        let _ = write!(
            wat,
            "{between}(component $c{level} (alias outer 1 $c{below} (component $in)) {between} \
             (instance (instantiate $in)) (instance (instantiate $in)))"
        );
    }
    format!("(component $root {wat} (instance (instantiate $c59)))").replace("outer 1", "outer $root")
}

#[test]
fn an_instantiation_bomb_is_refused_whatever_moves_its_indices() {
    for between in [
        "",
        "(component)",
        "(core module)",
        "(type string)",
        "(instance)",
        "(core instance)",
        "(core type (func))",
    ] {
        too_large(&bomb(between), Measure::Instances);
    }
}

/// An export is an index of its own: the bomb of a case that was seen.
#[test]
fn components_as_values_are_refused() {
    let rows = [
        "(component (component $c) (export \"c\" (component $c)))",
        "(component (import \"c\" (component)))",
        "(component (component $a (import \"c\" (component))))",
        "(component (component $c) (instance (export \"c\" (component $c))))",
        "(component (import \"i\" (instance $i (export \"c\" (component)))) (alias export $i \"c\" (component $c)))",
    ];
    for wat in rows {
        let found = scan(wat);
        assert!(
            matches!(found, Err(PluginFault::Unsupported(_))),
            "{wat}: {found:?}"
        );
    }
}

#[test]
fn instances_that_hold_each_other_twice_are_refused() {
    let mut wat = String::from("(instance $i0)");
    for level in 1..40 {
        let below = level - 1;
        let _ = write!(
            wat,
            "(instance $i{level} (export \"a\" (instance $i{below})) (export \"b\" (instance $i{below})))"
        );
    }
    let found = scan(&format!("(component {wat})"));
    // The validator has a bound of its own for one type.
    assert!(found.is_err(), "{found:?}");
    let mut wat = String::from("(instance $i0)");
    for level in 1..18 {
        let below = level - 1;
        let _ = write!(
            wat,
            "(instance $i{level} (export \"a\" (instance $i{below})) (export \"b\" (instance $i{below})))"
        );
    }
    let many = "(instance (export \"a\" (instance $i17)))".repeat(20);
    too_large(&format!("(component {wat} {many})"), Measure::Instances);
}

#[test]
fn types_that_double_are_refused_when_many_name_them() {
    let mut wat = String::from("(type $t0 (tuple u8 u8))");
    for level in 1..17 {
        let below = level - 1;
        let _ = write!(wat, "(type $t{level} (tuple $t{below} $t{below}))");
    }
    let many = "(type (func (param \"a\" $t16)))".repeat(20);
    too_large(&format!("(component {wat} {many})"), Measure::Instances);
}

#[test]
fn one_huge_function_is_refused() {
    let body = "(drop (i32.const 1))".repeat(400_000);
    too_large(
        &format!("(component (core module (func {body})))"),
        Measure::Function,
    );
}

#[test]
fn what_five_bytes_declare_is_counted() {
    let locals = format!("(func (local {}))", "i64 ".repeat(50_000));
    too_large(
        &format!("(component (core module {}))", locals.repeat(201)),
        Measure::Locals,
    );
    let table = "(core module (table 1000000 funcref) (func $f) (elem (i32.const 999999) $f))";
    too_large(&format!("(component {table} {table})"), Measure::TableElements);
}

#[test]
fn a_component_of_wasi_0_3_is_told_so() {
    let rows = [
        "(component (import \"wasi:cli/stdout@0.3.0\" (instance)))",
        "(component (import \"wasi:http/types@0.3.0-rc-2025-09-16\" (instance)))",
        "(component (type (future u8)))",
        "(component (type (stream u8)))",
        "(component (core module $m (func (export \"f\"))) (core instance $i (instantiate $m)) \
         (func (export \"f\") async (canon lift (core func $i \"f\") async)))",
    ];
    for wat in rows {
        let found = scan(wat);
        assert!(
            matches!(found, Err(PluginFault::LaterWasi(_))),
            "{wat}: {found:?}"
        );
    }
    assert_eq!(
        scan("(component (import \"wasi:cli/stdout@0.2.12\" (instance)))"),
        Ok(())
    );
}

/// A component of components: those that are in it, and which of all that were
/// ended before it makes how often.
#[derive(Debug, Clone)]
struct Model {
    nested: Vec<Model>,
    /// Of each, which of the nested ones it makes.
    makes: Vec<usize>,
    modules: usize,
}

impl Model {
    fn any() -> impl Strategy<Value = Model> {
        let leaf = (0..3_usize).prop_map(|modules| Model {
            nested: vec![],
            makes: vec![],
            modules,
        });
        leaf.prop_recursive(5, 40, 4, |inner| {
            let nested = prop::collection::vec(inner, 1..4);
            (nested, prop::collection::vec(0..100_usize, 0..6), 0..3_usize).prop_map(
                |(nested, makes, modules)| Model {
                    nested,
                    makes,
                    modules,
                },
            )
        })
    }

    fn text(&self) -> String {
        let nested: String = self.nested.iter().map(Model::text).collect();
        let modules = "(core instance (instantiate 0))".repeat(self.modules);
        let made = self.makes.iter().map(|at| at % self.nested.len());
        // The exports of instances move the space of instances.
        let makes: String = made
            .enumerate()
            .map(|(n, at)| format!("(instance $i{n} (instantiate {at})) (export \"e{n}\" (instance $i{n}))"))
            .collect();
        format!("(component (core module) {nested} {modules} {makes})")
    }

    /// Instances that one of it makes, really expanded.
    fn expanded(&self) -> u64 {
        let made = self.makes.iter().map(|at| at % self.nested.len());
        let inner: u64 = made.map(|at| 1 + self.nested[at].expanded()).sum();
        inner + self.modules as u64
    }
}

proptest! {
    /// What is counted is never less than what there is when all is expanded.
    #[test]
    fn the_count_is_never_less_than_the_expansion(model in Model::any()) {
        let bytes = wat::parse_str(model.text()).unwrap();
        let mut expansion = Expansion::default();
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let mut counted = 0;
        for payload in Parser::new(0).parse_all(&bytes) {
            let payload = payload.unwrap();
            expansion.before(&payload).unwrap();
            validator.payload(&payload).unwrap();
            expansion.after(&payload, validator.types(0)).unwrap();
            counted = counted.max(expansion.open_items());
        }
        prop_assert!(counted >= model.expanded(), "{counted} of {}", model.expanded());
    }
}
