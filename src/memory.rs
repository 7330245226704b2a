//! The allocator, and when it gives memory back to the system.
//!
//! Queries free and allocate buffers of many megabytes all the time. Memory that goes back to the system between two of
//! them is zeroed by it before it comes again, which took a sixth of the time of a run with a million customers. So what
//! is freed is kept, in large pages where the system has them, and given back between two stages if it is much.
//!
//! Landing comes before: its buffers are small, and move from thread to thread, each of which would keep some of every size,
//! and more the longer it goes on. What it frees goes back after a second, so that its memory does not grow with the files.

/// mimalloc, in every binary and test that links this library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// mimalloc's `mi_option_purge_delay`: for how many milliseconds freed memory is kept.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// mimalloc's `mi_option_allow_large_os_pages`: whether to ask for pages of two megabytes.
const LARGE_PAGES: libmimalloc_sys::mi_option_t = 6;

/// Keeps freed memory for a minute instead of a second, and asks for large pages, unless the environment says otherwise
/// (`MIMALLOC_PURGE_DELAY`, in milliseconds, and `MIMALLOC_ALLOW_LARGE_OS_PAGES`). From then on: what was
/// said to be given back later is not given back sooner.
#[allow(unsafe_code)]
pub(crate) fn keep_freed() {
    // SAFETY: they set a number.
    unsafe {
        libmimalloc_sys::mi_option_set_default(PURGE_DELAY, 60_000);
        libmimalloc_sys::mi_option_set_default(LARGE_PAGES, 1);
    }
}

/// Gives all that is freed back to the system, if the process has more than `bytes` of it. What is kept lies in pieces that
/// others may not fit into, so that without an end to it the process would grow.
pub(crate) fn give_back_above(bytes: usize) {
    if resident_bytes().is_none_or(|resident| resident > bytes) {
        give_back();
    }
}

/// The memory that the process has of the system; none where the system does not say.
fn resident_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kilobytes.trim().strip_suffix("kB")?.trim().parse::<usize>().ok().map(|kilobytes| kilobytes << 10)
}

/// Gives all that is freed back to the system.
#[allow(unsafe_code)]
pub(crate) fn give_back() {
    // SAFETY: it touches only memory that nobody has.
    unsafe { libmimalloc_sys::mi_collect(true) }
}
