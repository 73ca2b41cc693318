# `just` lists the recipes. A recipe installs the tools that it needs, and prints "skipped" where that is impossible.

_list:
    @just --list --unsorted

# Checks that everything compiles
check:
    cargo check --workspace --all-targets --all-features
    cargo check --manifest-path benches/Cargo.toml --all-targets --all-features

# Formats the code
fmt:
    cargo fmt --all
    cargo fmt --all --manifest-path benches/Cargo.toml

# Clippy, warnings denied
lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    cargo clippy --manifest-path benches/Cargo.toml --all-targets --all-features -- -D warnings

# Clippy with each feature of `ambit` and `ambit-dist` alone, and of the examples with none; CI looks at one or two of them
features:
    #!/usr/bin/env bash
    set -euo pipefail
    for name in $(sed -n '/^\[features\]/,/^\[/s/^\([a-z]*\) = .*/\1/p' ambit/Cargo.toml); do
        echo "$name"
        cargo clippy -p ambit --no-default-features --features "$name" -- -D warnings
    done
    for name in srv mdns; do
        echo "$name"
        cargo clippy -p ambit-dist --no-default-features --features "$name" -- -D warnings
    done
    cargo clippy -p examples -- -D warnings

# All tests
test:
    cargo test --workspace

# Tests of the benchmark programs, which are a separate workspace because they build the rivals
test-benches:
    cargo test --manifest-path benches/Cargo.toml --features remote

# Random crashes, kills, starts and stops for this many seconds, without leftovers; the tests run five seconds
soak seconds="60":
    SOAK={{seconds}} cargo test -p ambit --test soak -- --nocapture

# Creates and ends this many of everything in one process, and checks its memory; the tests run four thousand
churn count="1000000":
    CHURN={{count}} cargo test -p ambit --test soak -- --nocapture what_one_owner

# Messages and then the end of their sender, 10,000 times with 1,000 messages each; the tests run a tenth
flood:
    FLOOD=100 cargo test -p ambit --test all -- conformance::flood::

# Compares waiting calls with fresh ones in this many random scripts: `just handles 100000 7`; the tests run two hundred
handles scripts="10000" seed="0":
    SCRIPTS={{scripts}} SEED={{seed}} cargo test -p ambit --test all -- supervision::handles::

# Random evolutions of methods and of programs, this many of each, none of them misread; the tests try fewer
evolutions count="1000000":
    EVOLUTIONS={{count}} cargo test -p ambit-dist --test all -- evolutions::

# Random faults (loss, kills, freezes, damage) on nodes in separate processes, for this many seconds: `just faults 300 7`; the tests run five
faults seconds="60" seed="1":
    FAULTS={{seconds}} FAULTS_SEED={{seed}} cargo test -p ambit-dist --test faults -- --nocapture

# Five nodes in network namespaces, with cuts, losses, kills and stops of 30 seconds, for this many seconds
members seconds="600":
    MEMBERS={{seconds}} FROZEN=30 cargo test -p ambit-dist --test faults -- --nocapture members frozen

# The cases of the cluster over QUIC on loopback instead of in memory; about three minutes
cluster-quic:
    AMBIT_TEST_NETWORK=quic cargo test -p ambit-dist --test all -- --test-threads 24 ::glob_ ::pres_ ::swim_ ::pg_ ::gs_28_ ::app_13_ \
        names::targets:: names::in_memory::x presence::in_memory::x applications::in_memory::x groups::members::x groups::healing::x \
        presence::hooks::x

# The engine's loom models: every interleaving of its threads
loom:
    RUSTFLAGS="--cfg ambit_loom" CARGO_TARGET_DIR=target/loom cargo test -p ambit --lib --features config,json,remote,signal,stream,test,tower --profile quick models

# The semantic tests with inline calls always, never, and as the seeds choose
ways *options:
    #!/usr/bin/env bash
    set -euo pipefail
    for way in always never ''; do
        printf '== AMBIT_IN_PLACE=%s\n' "${way:-(at random)}"
        run=(cargo test -p ambit --test all {{options}} -- conformance:: servers:: supervision:: supervised:: engine::)
        if [[ $way ]]; then AMBIT_IN_PLACE=$way "${run[@]}"; else "${run[@]}"; fi
    done

# The engine's unit tests under valgrind, in about two minutes
memcheck:
    #!/usr/bin/env bash
    set -euo pipefail
    if ! command -v valgrind >/dev/null; then echo 'skipped: valgrind is not here'; exit 0; fi
    host=$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
    export "CARGO_TARGET_${host}_RUNNER=valgrind -q --error-exitcode=9 --fair-sched=yes"
    cargo test -p ambit --lib engine:: -- --test-threads=1

# The engine's unit tests and the wire decoders under miri, where a nightly toolchain has it
miri:
    #!/usr/bin/env bash
    set -euo pipefail
    if ! cargo +nightly miri --version >/dev/null 2>&1; then
        echo 'SKIPPED: miri needs a nightly toolchain with the component `miri`; `just memcheck` looks at the same tests'
        exit 0
    fi
    # The locks of parking_lot keep pointers in words, of which miri would warn.
    export MIRIFLAGS='-Zmiri-disable-isolation -Zmiri-permissive-provenance' CARGO_TARGET_DIR=target/miri
    cargo +nightly miri test -p ambit --lib engine::
    cargo +nightly miri test -p ambit-dist --lib -- handshake:: node::connection_manager session:: wire::
    cargo +nightly miri test -p ambit-dist --test wire

# The engine's tests under ThreadSanitizer, where a nightly toolchain has the sources of the standard library
tsan:
    #!/usr/bin/env bash
    set -euo pipefail
    host=$(rustc -vV | sed -n 's/^host: //p')
    if ! [[ -d "$(rustc +nightly --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library" ]]; then
        echo 'SKIPPED: ThreadSanitizer needs a nightly toolchain with the component `rust-src`; `just loom` looks at the same code'
        exit 0
    fi
    # All that is linked must be built with it, the standard library too.
    export RUSTFLAGS='-Zsanitizer=thread --cfg ambit_tsan' CARGO_TARGET_DIR=target/tsan
    # To print one backtrace takes longer here than a test waits.
    export RUST_BACKTRACE=0
    tests=(cargo +nightly test -Zbuild-std --target "$host" -p ambit)
    "${tests[@]}" --lib engine::
    "${tests[@]}" --test all engine::

# The unit tests, and the readers of the wire with the fuzzing corpus, under AddressSanitizer, where a nightly toolchain is
asan:
    #!/usr/bin/env bash
    set -euo pipefail
    if ! cargo +nightly --version >/dev/null 2>&1; then
        echo 'SKIPPED: AddressSanitizer needs a nightly toolchain; `just memcheck` looks at the tests of the engine'
        exit 0
    fi
    host=$(rustc -vV | sed -n 's/^host: //p')
    export RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=target/asan
    cargo +nightly test --target "$host" -p ambit --all-features --lib
    cargo +nightly test --target "$host" -p ambit-dist --test wire

# Fuzzes the wire decoders, this many seconds each: `just fuzz 60 frame`; findings are in fuzz/artifacts
fuzz seconds="60" target="":
    #!/usr/bin/env bash
    set -euo pipefail
    if ! cargo +nightly fuzz --version >/dev/null 2>&1; then
        echo 'SKIPPED: fuzzing needs a nightly toolchain and cargo-fuzz; `cargo test -p ambit-dist --test wire corpus::` replays what is there'
        exit 0
    fi
    targets='{{target}}'
    for target in ${targets:-$(cargo +nightly fuzz list)}; do
        mkdir -p "fuzz/found/$target"
        cargo +nightly fuzz run "$target" "fuzz/found/$target" "fuzz/corpus/$target" -- -max_total_time={{seconds}} -rss_limit_mb=1024 -timeout=5
    done

# The compile-fail cases alone; `just ui call` runs those whose path contains "call"
ui case="":
    cargo test -p ui-tests --test ui -- errors {{ if case == "" { "" } else { "trybuild=" + case } }}

# Tests rust-analyzer on the macros: hovers, completions, definitions, renames, diagnostics
rust-analyzer:
    #!/usr/bin/env bash
    set -euo pipefail
    library="$(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.toml"
    # Cargo reads the standard library's manifest on a stable toolchain only so; rust-analyzer does the same.
    if ! rustup component add rust-analyzer rust-src || ! RUSTC_BOOTSTRAP=1 cargo fetch --locked --manifest-path "$library"; then
        echo 'skipped: the components `rust-analyzer` and `rust-src` are not here and cannot be fetched'
        exit 0
    fi
    cargo test -p ui-tests --test rust_analyzer -- --nocapture

# Updates the snapshots of compiler errors and expansions; read the diff before you commit it
bless:
    TRYBUILD=overwrite cargo test -p ui-tests
    UPDATE_EXPECT=1 cargo test -p ambit-macros
    UPDATE_EXPECT=1 cargo test -p guide --test chapters from_mpsc::

# Writes docs/conformance.md: the cases of OTP with the tests that show them; read the diff before you commit it
conformance:
    UPDATE_EXPECT=1 cargo test -p ambit --test all conformance_page::

# Writes the code blocks of the guide's pages from their sources; read the diff before you commit it
guide:
    UPDATE_EXPECT=1 cargo test -p guide --test pages

# Prints the macro expansion of one example binary
expand bin: (_tool "cargo-expand")
    cargo expand --bin {{bin}}

# API documentation, warnings denied
docs:
    RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --all-features

# What `cargo test` leaves out because it builds projects of its own: the template, other editions and names, features, documentation
projects:
    cargo test -p ui-tests --test ui -- --ignored

# Generates, builds, tests and runs the project template; builds its container image where docker runs
template:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo test -p ui-tests --test ui -- --include-ignored template::
    if ! docker info >/dev/null 2>&1; then echo 'skipped: the container image, docker does not run here'; exit 0; fi
    docker build --tag night-links --build-context "ambit=$PWD" target/tmp/template/night-links

# Builds the guide into guide/book
book:
    #!/usr/bin/env bash
    set -euo pipefail
    if ! command -v mdbook >/dev/null && ! cargo install --locked mdbook; then
        echo 'skipped: mdbook is not here and cannot be installed; `cargo test -p guide` checks the pages without it'
        exit 0
    fi
    mdbook build guide

# Licences, advisories, duplicates and sources of the dependencies
deny: (_tool "cargo-deny")
    cargo deny check licenses bans sources
    cargo deny --manifest-path benches/Cargo.toml check licenses bans sources
    @if cargo deny fetch db; then cargo deny check advisories; else echo 'skipped: advisories, their database cannot be fetched'; fi

# Supervision side by side with Erlang/OTP, which is installed first: `just otp --scripts 5000 --seed 7`
otp *options:
    otp-compare/with-erlang cargo run -p otp-compare -- {{options}}

# ambit and its rivals measured in turns, Erlang/OTP among them: `just bench --quick`, `just bench --only call --peers raw,ambit`, `just bench --list`
bench *options:
    otp-compare/with-erlang cargo run --release --manifest-path benches/Cargo.toml -- {{options}}

# Measures messages between two processes, in turns: raw connections, Erlang/OTP's distribution and others: `just bench-remote --quick`, `just bench-remote --only cast --systems tcp`, `just bench-remote --list`
bench-remote *options:
    otp-compare/with-erlang cargo run --release --manifest-path benches/Cargo.toml --features ractor-cluster --bin remote -- {{options}}

# Measures the cost of the transport traits over plain quinn on loopback: `just bench-transport --quick`
bench-transport *options:
    cargo bench -p ambit-dist --bench transport -- {{options}}

# Measures encoding and decoding of messages, beside serde with the same codecs
bench-wire:
    cargo bench -p ambit-dist --bench wire

# Runs this many seeds of each simulation scenario, or of one: `just sim 1000`, `just sim 1000 bounce`, `just sim 1 --list`
sim seeds="200" *scenarios:
    cargo run --profile sim -p ambit-dist --features __scenarios --example sim -- --seeds {{seeds}} {{scenarios}}

# Measures clusters of 5, 20, 50 and 100 nodes in virtual time, or of these sizes: `just scale --check`, `just scale 50 --seed 7`
scale *options:
    cargo run --profile sim -p ambit-dist --features __scenarios --example scale -- {{options}}

# The same from another first seed; CI takes its first seed from the commit: `just sim-from 4221083175 100 order`
sim-from first seeds="200" *scenarios:
    cargo run --profile sim -p ambit-dist --features __scenarios --example sim -- --from {{first}} --seeds {{seeds}} {{scenarios}}

# Runs one seed of a scenario twice, and prints every event: `just sim-replay bounce 17`
sim-replay scenario seed:
    cargo run --profile sim -p ambit-dist --features __scenarios --example sim -- {{scenario}} --replay {{seed}}

# Applies each patch of `planted` to a copy of the tree; the scenario or test that the patch names must fail there: `just planted lose-one-cast-of-fifty`, `just planted --some 3`, `just planted --check`, `just planted --list`
planted *options:
    planted/run {{options}}

# Counts what a message and an idle server cost, and compares it with gates/limits.txt: `just gates --update`, `just gates --annotate call`
gates *options:
    gates/with-valgrind cargo run --profile gates -p gates -- {{options}}

# Counts instructions of each operation on a set, at n and 4n: `just scaling --only registry`, `just scaling --list`
scaling *options:
    gates/with-valgrind cargo run --profile sim -p gates --features scaling --bin scaling -- {{options}}

# Measures what a handler costs in `cargo check`, beside the same code by hand: `just bench-compile --turns 3`, `just bench-compile --fail-above 1.2`
bench-compile *options:
    cargo run -p gates --bin compile -- {{options}}

# Mutation tests of the files in .cargo/mutants.toml; see docs/mutants.md
mutants: (_tool "cargo-mutants")
    cargo mutants --package ambit
    cargo mutants --config .cargo/mutants_replica.toml --package ambit-dist

# Builds with the oldest supported toolchain, in a separate target folder
msrv version="1.88.0":
    #!/usr/bin/env bash
    set -euo pipefail
    if ! rustup run {{version}} cargo --version >/dev/null 2>&1 && ! rustup toolchain install {{version}} --profile minimal; then
        echo 'skipped: toolchain {{version}} is not here and cannot be fetched'
        exit 0
    fi
    CARGO_TARGET_DIR=target/msrv rustup run {{version}} cargo check --workspace --all-features

# Runs the same steps as CI
ci:
    .ci/run

# Installs a missing tool
_tool name:
    @command -v {{name}} >/dev/null || cargo install --locked {{name}} || { echo 'skipped: {{name}} is not here and cannot be installed'; exit 1; }
