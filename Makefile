# synk: `make run` opens the window, `make test` checks everything. Both begin with scripts/setup.sh, which looks for
# what is missing on this machine and installs it after asking once.

# Where rustup puts cargo, for shells that were started before it was installed.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: run test torture bench clean

run:
	@scripts/setup.sh run
	cargo run --release --locked

test:
	@scripts/setup.sh test
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --no-fail-fast

# The long form of what `make test` does for some seconds: processes killed a thousand times under output; and what is only
# measured. One line of JSON for each run.
torture:
	@scripts/setup.sh test
	cargo test --locked --test torture -- --run daemon --rounds 1000 --seconds 200
	cargo test --locked --test torture -- --run keeper --rounds 200
	cargo test --locked --test torture -- --run combos --rounds 500
	cargo test --locked --test torture -- --run starts --rounds 100
	cargo test --locked --test torture -- --run disk --rounds 20
	cargo test --locked --test torture -- --run rundir --rounds 100
	cargo test --locked --test torture -- --run points --rounds 20
	cargo test --locked --test torture -- --run restarts
	cargo test --locked --test torture -- --run restarts --megabytes 20
	cargo test --locked --test torture -- --run memory
	cargo test --locked --test torture -- --run idle

bench:
	@scripts/setup.sh test
	cargo bench --locked

clean:
	cargo clean
