;; An adapter that replaces WASI preview 1 and refuses all access.
;;
;; The contract lets a plugin use only `plugwright:plugin/host`. Some languages have a runtime that still
;; imports `wasi_snapshot_preview1`: Go always does, C and C++ do as soon as any code may print or exit.
;; With this adapter, their components import no `wasi:*`:
;;
;;     wasm-tools component new core.wasm --adapt wasi_snapshot_preview1=deny-all.wat -o component.wasm
;;
;; A program has no arguments, no environment, no open files and no folders. Functions that take a
;; descriptor return EBADF, also for standard input and standard output. Other functions return ENOSYS.
;; Exiting is a trap.
;;
;; Four functions return made-up results, because runtimes do not work without them:
;; - The clock advances by 1 ms at each reading. It is not the time of day. (Go never gets past a clock of 0.)
;; - The random bytes are FIXED: all are 0x2a. They are not secret, and values made of them are not unique.
;; - Yielding succeeds and does nothing.
;; - Text written to standard error is discarded, for example the text of a panic. (If Go cannot print a
;;   panic, it panics again, until the stack overflows.)
;; The results are the same in every run, so a plugin's results are too.
;;
;; Functions that a program does not import are left out of its component.
(module
  (type $size_pair (func (param i32 i32) (result i32)))

  ;; The memory of the program.
  (import "env" "memory" (memory 0))

  (global $now (mut i64) (i64.const 0))

  ;; There are no arguments and no environment variables: 0 entries in 0 bytes.
  (func (export "args_sizes_get") (type $size_pair) (call $store_zeros (local.get 0) (local.get 1)))
  (func (export "environ_sizes_get") (type $size_pair) (call $store_zeros (local.get 0) (local.get 1)))
  (func (export "args_get") (type $size_pair) (i32.const 0))
  (func (export "environ_get") (type $size_pair) (i32.const 0))
  (func $store_zeros (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))

  ;; Made-up results: see above.
  (func (export "clock_res_get") (param $clock i32) (param $resolution i32) (result i32)
    (i64.store (local.get $resolution) (i64.const 1_000_000))
    (i32.const 0))
  (func (export "clock_time_get") (param $clock i32) (param $precision i64) (param $time i32) (result i32)
    (global.set $now (i64.add (global.get $now) (i64.const 1_000_000)))
    (i64.store (local.get $time) (global.get $now))
    (i32.const 0))
  (func (export "random_get") (param $bytes i32) (param $length i32) (result i32)
    (memory.fill (local.get $bytes) (i32.const 0x2a) (local.get $length))
    (i32.const 0))
  (func (export "sched_yield") (result i32) (i32.const 0))

  (func (export "fd_write") (param $file i32) (param $buffers i32) (param $count i32) (param $written i32) (result i32)
    (local $bytes i32)
    (if (i32.ne (local.get $file) (i32.const 2)) (then (return (i32.const 8))))
    ;; A buffer is an address and a length of 4 bytes each.
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $count)))
        (local.set $bytes (i32.add (local.get $bytes) (i32.load offset=4 (local.get $buffers))))
        (local.set $buffers (i32.add (local.get $buffers) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.store (local.get $written) (local.get $bytes))
    (i32.const 0))

  (func (export "proc_exit") (param $code i32) unreachable)

  ;; ENOSYS is 52.
  (func (export "poll_oneoff") (param i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "proc_raise") (param i32) (result i32) (i32.const 52))

  ;; EBADF is 8.
  (func (export "fd_advise") (param i32 i64 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_allocate") (param i32 i64 i64) (result i32) (i32.const 8))
  (func (export "fd_close") (param i32) (result i32) (i32.const 8))
  (func (export "fd_datasync") (param i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_rights") (param i32 i64 i64) (result i32) (i32.const 8))
  (func (export "fd_filestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_filestat_set_size") (param i32 i64) (result i32) (i32.const 8))
  (func (export "fd_filestat_set_times") (param i32 i64 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_readdir") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_renumber") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_sync") (param i32) (result i32) (i32.const 8))
  (func (export "fd_tell") (param i32 i32) (result i32) (i32.const 8))
  (func (export "path_create_directory") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_filestat_set_times") (param i32 i32 i32 i32 i64 i64 i32) (result i32) (i32.const 8))
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) (i32.const 8))
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "sock_accept") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "sock_recv") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "sock_send") (param i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "sock_shutdown") (param i32 i32) (result i32) (i32.const 8))
)
