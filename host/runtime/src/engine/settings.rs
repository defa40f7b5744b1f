//! What the runtime is set to, and why.

use std::time::Duration;

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmFeatures,
};

/// How many sandboxes there can be at once.
pub const POOL_PLACES: u32 = 1000;

/// How long one tick of the engine's clock takes. A spinning guest hands its
/// core on once a tick, so a shorter one is fairer and a longer one cheaper;
/// with 10 ms, sixty spinning guests re-poll the others only every 0.6 s.
pub const EPOCH_TICK: Duration = Duration::from_millis(1);

/// Places that nobody is in and that keep what they had touched. Those that were
/// in use at once stay warm anyway; more of them only hold memory back.
const WARM_PLACES: u32 = 16;

/// The largest memory that any agent's limits may grant, in bytes.
const MAX_MEMORY: usize = 256 << 20;

/// Proposals that no plugin needs and that would widen what a guest can do.
const REFUSED: WasmFeatures = WasmFeatures::CM_ASYNC
    .union(WasmFeatures::CM_THREADING)
    .union(WasmFeatures::GC)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::STACK_SWITCHING);

/// What is the same in the host and in the child that compiles for it: all
/// that the compiled code depends on.
pub(super) fn common() -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .cranelift_opt_level(OptLevel::Speed)
        // Copies the initial memory only where it is written to.
        .memory_init_cow(true)
        // But for one page an image is at most twice as large as the data that it
        // is made of: a byte at either end of a memory is no image of the memory.
        .memory_guaranteed_dense_image_size(4 << 10)
        // Most of the advisories of this major version were in the support for
        // concurrency; nothing here needs it, and a task is cheaper without.
        .concurrency_support(false)
        // Off by configuration, not by leaving a crate feature out: another
        // crate in the same build could turn a feature on.
        .wasm_features(REFUSED, false)
        .shared_memory(false)
        // Guests get no way to see what the processor is: the same result on
        // every machine.
        .relaxed_simd_deterministic(true)
        .cranelift_nan_canonicalization(true)
        // A guest cannot read its own stack, and clearing it would cost more
        // than the rest of a small task.
        .async_stack_zeroing(false)
        // The guest's part of the stack, and room for host functions above it.
        .max_wasm_stack(512 << 10)
        .async_stack_size(1 << 20);
    config
}

/// The host's engine: places for sandboxes are reserved once and used again.
///
/// # Errors
/// If the system does not give the address space.
pub(super) fn pooling() -> wasmtime::Result<Engine> {
    let engine = |scan| {
        let mut config = common();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(scan)));
        Engine::new(&config)
    };
    // The runtime refuses to scan where the kernel cannot (before Linux 6.7).
    engine(true).or_else(|_| engine(false))
}

fn pool(scan: bool) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.max_unused_warm_slots(WARM_PLACES)
        .total_component_instances(POOL_PLACES)
        .total_stacks(POOL_PLACES)
        // Components of interpreted languages are made of many core modules.
        .total_core_instances(POOL_PLACES * 4)
        .total_memories(POOL_PLACES * 2)
        .total_tables(POOL_PLACES * 4)
        .max_core_instances_per_component(100)
        .max_memories_per_component(8)
        .max_tables_per_component(50)
        .max_memories_per_module(8)
        .max_tables_per_module(8)
        .max_memory_size(MAX_MEMORY)
        .table_elements(50_000)
        .max_core_instance_size(4 << 20)
        .max_component_instance_size(4 << 20)
        // Where the kernel can say which pages were touched, only those are
        // cleared when a place is used again, and keeping more resident costs
        // only memory. Elsewhere all that is kept has to be cleared.
        .pagemap_scan(if scan { Enabled::Yes } else { Enabled::No })
        .linear_memory_keep_resident(if scan { 256 << 10 } else { 64 << 10 })
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10);
    pool
}
