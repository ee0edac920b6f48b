;; The inner loop of the chunker (chunker.ts, docs/format.md §7): a gear hash over every byte, SipHash-1-3 where its upper
;; 8 bits are zero. In WebAssembly because it has 64-bit arithmetic: three times as fast as in JavaScript.
;; After a change: npm run proto
(module
  ;; From 0: the gear table, 256 numbers of 4 bytes. From 1024: bytes of the file, as many as fit.
  (memory (export "memory") 2)
  (global $k0 (mut i64) (i64.const 0))
  (global $k1 (mut i64) (i64.const 0))

  (func (export "key") (param $k0 i64) (param $k1 i64)
    (global.set $k0 (local.get $k0))
    (global.set $k1 (local.get $k1)))

  ;; The address behind the first byte from $at on, and before $end, behind which a chunk ends; 0 when there is none.
  ;; The 32 bytes before $at must be there, too. A chunk ends where the upper half of SipHash is below $below.
  (func (export "cut") (param $at i32) (param $end i32) (param $below i32) (result i32)
    (local $gear i32)
    (local $warm i32)
    (local.set $warm (i32.sub (local.get $at) (i32.const 32)))
    (loop $warming
      (local.set $gear (call $step (local.get $gear) (local.get $warm)))
      (local.set $warm (i32.add (local.get $warm) (i32.const 1)))
      (br_if $warming (i32.lt_u (local.get $warm) (local.get $at))))
    (block $none
      (loop $bytes
        (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $gear (call $step (local.get $gear) (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $bytes (i32.ge_u (local.get $gear) (i32.const 0x1000000)))
        (br_if $bytes (i32.ge_u (call $sipHash (i32.sub (local.get $at) (i32.const 32))) (local.get $below)))
        (return (local.get $at))))
    (i32.const 0))

  (func $step (param $gear i32) (param $at i32) (result i32)
    (i32.add
      (i32.shl (local.get $gear) (i32.const 1))
      (i32.load (i32.shl (i32.load8_u (local.get $at)) (i32.const 2)))))

  ;; The upper half of SipHash-1-3 of the 32 bytes at $at (siphash.ts).
  (func $sipHash (param $at i32) (result i32)
    (local $v0 i64)
    (local $v1 i64)
    (local $v2 i64)
    (local $v3 i64)
    (local $word i64)
    (local $round i32)
    (local.set $v0 (i64.xor (global.get $k0) (i64.const 0x736f6d6570736575)))
    (local.set $v1 (i64.xor (global.get $k1) (i64.const 0x646f72616e646f6d)))
    (local.set $v2 (i64.xor (global.get $k0) (i64.const 0x6c7967656e657261)))
    (local.set $v3 (i64.xor (global.get $k1) (i64.const 0x7465646279746573)))
    ;; Four rounds for the words of the message, one for its length, three that finish.
    (loop $rounds
      (local.set $word
        (if (result i64) (i32.lt_u (local.get $round) (i32.const 4))
          (then (i64.load (i32.add (local.get $at) (i32.shl (local.get $round) (i32.const 3)))))
          (else
            (if (result i64) (i32.eq (local.get $round) (i32.const 4))
              (then (i64.const 0x2000000000000000))
              (else (i64.const 0))))))
      (if (i32.eq (local.get $round) (i32.const 5))
        (then (local.set $v2 (i64.xor (local.get $v2) (i64.const 0xff)))))
      (local.set $v3 (i64.xor (local.get $v3) (local.get $word)))
      (local.set $v0 (i64.add (local.get $v0) (local.get $v1)))
      (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 13)) (local.get $v0)))
      (local.set $v0 (i64.rotl (local.get $v0) (i64.const 32)))
      (local.set $v2 (i64.add (local.get $v2) (local.get $v3)))
      (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 16)) (local.get $v2)))
      (local.set $v0 (i64.add (local.get $v0) (local.get $v3)))
      (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 21)) (local.get $v0)))
      (local.set $v2 (i64.add (local.get $v2) (local.get $v1)))
      (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 17)) (local.get $v2)))
      (local.set $v2 (i64.rotl (local.get $v2) (i64.const 32)))
      (local.set $v0 (i64.xor (local.get $v0) (local.get $word)))
      (local.set $round (i32.add (local.get $round) (i32.const 1)))
      (br_if $rounds (i32.lt_u (local.get $round) (i32.const 8))))
    (i32.wrap_i64
      (i64.shr_u
        (i64.xor (i64.xor (local.get $v0) (local.get $v1)) (i64.xor (local.get $v2) (local.get $v3)))
        (i64.const 32)))))
