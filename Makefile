# Two commands do all the set-up on a fresh machine:
#   make demo   the main job: a board of agents, some of which misbehave
#   make test   everything that holds

FUSEBOX := $(or $(CARGO_TARGET_DIR),target)/release/fusebox

.PHONY: demo test bench lint plugins build format deny tests clippy docs
# Checks run in the order in which they are listed.
.NOTPARALLEL:

# Exit code 3 is what this board is for: some of its tasks misbehave on purpose.
demo: plugins
	@$(FUSEBOX) run config/boards/demo.canvas; code=$$?; \
	if [ $$code -eq 3 ]; then \
		echo; \
		echo "fusebox ended with 3: degraded. Six nodes of this board misbehave on purpose and one waits for"; \
		echo "one of them; every other task has its result. That is what the demo shows, so it is a success."; \
	else \
		echo "fusebox ended with $$code; 3 was expected" >&2; exit 1; \
	fi

# The cheap checks come first: a red format is seen within a second. The tests come
# last, so that what they end with is what is seen.
test: format deny clippy docs plugins tests

lint: format deny clippy docs

bench: plugins
	cargo bench --workspace --bench overhead --bench limits --bench decisions --bench bystanders --bench pools --bench outages --bench faults --bench leaks --bench waiting

# The host first: it builds the plugins.
plugins: build
	@sh plugins/setup.sh
	$(FUSEBOX) plugin build plugins --out target/plugins

build:
	cargo build --release --workspace

tests:
	cargo test --release --workspace
	cargo test --manifest-path plugins/Cargo.toml --workspace --target-dir target/plugin-tests

format:
	cargo fmt --all --check
	cargo fmt --manifest-path plugins/Cargo.toml --all --check

deny:
	@if cargo deny --version >/dev/null 2>&1; then \
		cargo deny check licenses bans sources && \
		cargo deny --manifest-path plugins/Cargo.toml --config deny.toml check licenses bans sources; \
	else \
		echo "not checked: licences, banned crates and sources; for that: cargo install cargo-deny --locked"; \
	fi

clippy:
	cargo clippy --release --workspace --all-targets -- -D warnings
	cargo clippy --manifest-path plugins/Cargo.toml --workspace --all-targets --target-dir target/plugin-tests -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps
