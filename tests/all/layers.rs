//! The layers: within each crate, no module at the top uses one that uses it. Cargo
//! sees to it that crates do not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

/// A use of another module: from which file and line.
#[derive(Debug, Clone)]
struct Use {
    from: String,
    to: String,
    place: String,
}

/// All files of a crate that are compiled into it, by the module at the top that
/// they belong to. Tests may look at everything.
fn files(src: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut waiting = vec![src.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(src).unwrap();
                let first = below.components().next().unwrap().as_os_str();
                let module = first.to_str().unwrap().trim_end_matches(".rs").to_owned();
                found.push((module, path));
            }
        }
    }
    found
}

/// Modules that exist only in tests.
fn of_tests(files: &[(String, PathBuf)]) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for (_, file) in files {
        let text = fs::read_to_string(file).unwrap();
        let folder = match file.file_stem().and_then(|stem| stem.to_str()).unwrap() {
            "lib" | "main" => file.parent().unwrap().to_owned(),
            _ => file.with_extension(""),
        };
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let next = lines.peek().map_or("", |next| next.trim());
            let name = next.trim_start_matches("pub(crate) ").strip_prefix("mod ");
            if line.trim().starts_with("#[cfg(")
                && line.contains("test")
                && let Some(name) = name.and_then(|name| name.strip_suffix(';'))
            {
                found.insert(folder.join(name));
            }
        }
    }
    found
}

/// What is compiled of a file outside of tests, its comments blanked.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let uncommented = |line: &str| match line.trim_start().starts_with("//") {
        true => String::new(),
        false => line.to_owned(),
    };
    text.lines().map(uncommented).collect::<Vec<_>>().join("\n")
}

/// The names at the crate's root that stand for something in a module of it.
fn at_root(lib: &str, modules: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for statement in code(lib).split(';') {
        let Some((_, path)) = statement.split_once("use ") else {
            continue;
        };
        let (module, rest) = path.split_once("::").unwrap_or((path, ""));
        if modules.contains(module) {
            let words = rest.split(|c: char| !c.is_alphanumeric() && c != '_');
            names.extend(words.map(|word| (word.to_owned(), module.to_owned())));
        }
    }
    names
}

/// The first names of the paths that begin at the crate's root, each with the place
/// where it stands.
fn from_root(code: &str, depth: usize) -> Vec<(usize, String)> {
    let up = "super::".repeat(depth);
    let mut found = Vec::new();
    for start in ["crate::", up.as_str()] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            let inside = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
            let rest = &code[at + start.len()..];
            if inside || rest.starts_with("super::") {
                continue;
            }
            let names = match rest.strip_prefix('{') {
                Some(group) => first_names(group),
                None => vec![word(rest)],
            };
            let line = code[..at].matches('\n').count() + 1;
            found.extend(names.into_iter().map(|name| (line, name)));
        }
    }
    found
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// The first name of each path in a group, whose brace is open.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut begins) = (1, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => begins = true,
            c if begins && c.is_alphabetic() => {
                names.push(word(&group[at..]));
                begins = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}

/// Every use of one module at the top of a crate by another.
fn uses(src: &Path) -> Vec<Use> {
    let files = files(src);
    let only_tests = of_tests(&files);
    let modules: BTreeSet<_> = files.iter().map(|(module, _)| module.clone()).collect();
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap_or_default();
    let names = at_root(&lib, &modules);
    let mut found = Vec::new();
    for (module, file) in &files {
        let is_test = file
            .ancestors()
            .any(|path| only_tests.contains(&path.with_extension("")));
        if is_test || ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let below = file.strip_prefix(src).unwrap();
        let text = fs::read_to_string(file).unwrap();
        for (line, name) in from_root(&code(&text), below.components().count()) {
            let to = names.get(&name).cloned().or(modules.get(&name).cloned());
            if let Some(to) = to.filter(|to| to != module) {
                found.push(Use {
                    from: module.clone(),
                    to,
                    place: format!("{}:{line}", below.display()),
                });
            }
        }
    }
    found
}

/// The uses that lie on a cycle: those whose target leads back to where they stand.
fn closing(uses: &[Use]) -> Vec<&Use> {
    let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in uses {
        arrows.entry(&one.from).or_default().insert(&one.to);
    }
    let leads = |from: &str, to: &str| {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
        while let Some(at) = waiting.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                waiting.extend(arrows.get(at).into_iter().flatten());
            }
        }
        false
    };
    uses.iter().filter(|one| leads(&one.to, &one.from)).collect()
}

fn crates() -> Vec<(String, PathBuf)> {
    let folders = fs::read_dir(root().join("host")).unwrap();
    let folders = folders.map(|folder| folder.unwrap().path());
    let mut found: Vec<_> = folders
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                path.join("src"),
            )
        })
        .collect();
    found.sort();
    found
}

#[test]
fn no_module_at_the_top_of_a_crate_is_used_by_what_it_uses() {
    let mut said = String::new();
    for (name, src) in crates() {
        for one in closing(&uses(&src)) {
            said += &format!("{name}: {} uses {} at {}\n", one.from, one.to, one.place);
        }
    }
    assert!(said.is_empty(), "{said}");
}

#[test]
fn a_cycle_is_found_and_its_uses_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod a;\nmod b;\nmod c;\npub use b::Named;\n");
    write(
        "a.rs",
        "mod inner;\n// crate::c\nuse crate::{\n    Named, c::Other};\n",
    );
    write("a/inner.rs", "use super::super::c::Other;\n");
    write("b.rs", "fn f() { crate::a::g() }\n#[cfg(test)]\nmod tests;\n");
    write("b/tests.rs", "use crate::c::Other;\n");
    write("c.rs", "#[cfg(test)]\nmod tests {\n use crate::a;\n}\n");
    let uses = uses(folder.path());
    let places = |all: Vec<&Use>| {
        let mut all: Vec<_> = all
            .iter()
            .map(|one| format!("{} {}", one.place, one.to))
            .collect();
        all.sort();
        all
    };
    assert_eq!(
        places(uses.iter().collect()),
        ["a.rs:3 b", "a.rs:3 c", "a/inner.rs:1 c", "b.rs:1 a"]
    );
    assert_eq!(places(closing(&uses)), ["a.rs:3 b", "b.rs:1 a"]);
}

/// A profile is of one package: what is not named there would not be checked.
#[test]
fn arithmetic_is_checked_and_the_lints_hold_in_every_member() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for (folder, src) in crates() {
        let manifest = fs::read_to_string(src.with_file_name("Cargo.toml")).unwrap();
        let name = manifest
            .lines()
            .find_map(|line| line.strip_prefix("name = "))
            .unwrap();
        let profile = format!(
            "[profile.release.package.{}]\noverflow-checks = true\n",
            name.trim_matches('"')
        );
        assert!(workspace.contains(&profile), "{folder}: {profile}");
        assert!(manifest.contains("[lints]\nworkspace = true\n"), "{folder}");
    }
}

/// A name that only the host gives a meaning has to be on the list that guests are kept
/// from.
#[test]
fn every_name_that_the_host_gives_beside_a_failure_is_its_own() {
    let mut found = BTreeSet::new();
    for (_, src) in crates() {
        let files = files(&src);
        let of_tests = of_tests(&files);
        for (_, file) in files.iter().filter(|(_, file)| !of_tests.contains(file)) {
            let text = fs::read_to_string(file).unwrap();
            let (text, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
            for call in [".with(", ".note("] {
                let calls = text.split(call).skip(1).filter_map(|rest| {
                    let (name, _) = rest.trim_start().strip_prefix('"')?.split_once("\",")?;
                    Some(name.to_owned())
                });
                found.extend(calls);
            }
        }
    }
    assert!(found.contains("grant") && found.contains("fallback"), "{found:?}");
    found.retain(|name| !fusebox::failure::HOST_CONTEXT.contains(&name.as_str()));
    assert!(found.is_empty(), "names that guests could use: {found:?}");
}
