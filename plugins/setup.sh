#!/bin/sh
# Sees to it that plugins can be built: finds the first way that works, installs
# what it needs, and says which it took. Quiet when nothing is left to do.
#
#   1. the compiler on the path has the WebAssembly target
#   2. rustup can add it
#   3. Debian's own compiler, which builds the standard library from its source
#
# When none works the host still builds; what needs a plugin says what is missing.
set -u
target=wasm32-unknown-unknown

has_target() {
    [ -d "$(rustc --print sysroot 2>/dev/null)/lib/rustlib/$target/lib" ]
}

has_debian() {
    [ -x /usr/bin/cargo ] && [ -e /usr/bin/rust-lld ] &&
        [ -d "$(/usr/bin/rustc --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library/std" ]
}

has_target || has_debian && exit 0

if command -v rustup >/dev/null && rustup target add "$target" >/dev/null 2>&1 && has_target; then
    echo "plugins: built with rustup's target $target"
    exit 0
fi

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

if command -v apt-get >/dev/null; then
    echo "plugins: rustup cannot add $target here; installing Debian's compiler for it"
    log=$(mktemp)
    # The compiler's linker is a link into a versioned package that it only
    # recommends: `lld-<version of its LLVM>`.
    if as_root apt-get update >"$log" 2>&1 &&
        as_root apt-get install -y --no-install-recommends \
            rustc-web cargo-web rust-web-src rust-web-llvm >>"$log" 2>&1 &&
        { [ -e /usr/bin/rust-lld ] ||
            as_root apt-get install -y --no-install-recommends "$(readlink /usr/bin/rust-lld)" >>"$log" 2>&1; } &&
        has_debian; then
        echo "plugins: built with Debian's compiler, standard library from source"
        rm -f "$log"
        exit 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
fi

echo "plugins: no way to build for $target was found; install rustup and run: rustup target add $target" >&2
exit 1
