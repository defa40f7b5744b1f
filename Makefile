# Two commands do all the set-up on a fresh machine:
#   make demo   the main job: a board of agents, some of which misbehave
#   make test   everything that holds

FUSEBOX := target/release/fusebox

.PHONY: demo test bench plugins build lint

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

test: plugins
	cargo test --release --workspace
	cargo test --manifest-path plugins/Cargo.toml --workspace --target-dir target/plugin-tests

bench: plugins
	cargo bench --workspace --bench overhead --bench limits --bench decisions --bench bystanders --bench pools --bench leaks --bench waiting

# The host first: it builds the plugins.
plugins: build
	@sh plugins/setup.sh
	$(FUSEBOX) plugin build plugins --out target/plugins

build:
	cargo build --release --workspace

lint:
	cargo fmt --all --check
	cargo fmt --manifest-path plugins/Cargo.toml --all --check
	cargo clippy --release --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps
