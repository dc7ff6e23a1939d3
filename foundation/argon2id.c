/* Fills argon2id's memory (RFC 9106 section 3.4 and 3.5; version 0x13, one lane). Compiled at installation, for processors with AVX2; everything
 * around the memory is Python's, in foundation/filling.py, and libargon2 does the same where this was not compiled.
 *
 * Two things make it faster than libargon2. Four sets of a round are worked on beside each other, because each step of one waits for the
 * step before it: the processor is busy instead of waiting. And where the next block is taken from is known before the present one is
 * finished, so it is fetched meanwhile. */

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#if !defined(__AVX2__)
#error "This is written for AVX2."
#elif defined(__AVX512F__)
#error "With AVX-512 libargon2 has instructions that do more at once."
#endif

enum { ROWS = 32, SETS = 4, SLICES = 4, WORDS = 128, KNOWN_SLICES = 2, ARGON2ID = 2 };
typedef __m256i row; /* four words of 64 bits; a block has 32 rows */

typedef struct {
    uint32_t blocks, segment, pass, slice;
    row *memory;
} place;

#define EACH for (int k = 0; k < SETS; k++)
#define PAIR for (int k = 0; k < SETS; k += 2)
#define XOR _mm256_xor_si256
#define ADD _mm256_add_epi64
#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))

INLINE row rotate32(row x) { return _mm256_shuffle_epi32(x, 0xB1); }
INLINE row rotate24(row x) {
    return _mm256_shuffle_epi8(x, _mm256_setr_epi8(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10,
                                                   3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10));
}
INLINE row rotate16(row x) {
    return _mm256_shuffle_epi8(x, _mm256_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9,
                                                   2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9));
}
INLINE row rotate63(row x) { return XOR(_mm256_srli_epi64(x, 63), ADD(x, x)); }

/* a + b + 2 * low(a) * low(b) */
INLINE row add_and_multiply(row a, row b) {
    row product = _mm256_mul_epu32(a, b);
    return ADD(ADD(a, b), ADD(product, product));
}

/* GB of section 3.6 on four words at once, for each of the sets. */
INLINE void mix(row *a, row *b, row *c, row *d) {
    EACH a[k] = add_and_multiply(a[k], b[k]);
    EACH d[k] = rotate32(XOR(d[k], a[k]));
    EACH c[k] = add_and_multiply(c[k], d[k]);
    EACH b[k] = rotate24(XOR(b[k], c[k]));
    EACH a[k] = add_and_multiply(a[k], b[k]);
    EACH d[k] = rotate16(XOR(d[k], a[k]));
    EACH c[k] = add_and_multiply(c[k], d[k]);
    EACH b[k] = rotate63(XOR(b[k], c[k]));
}

/* P of section 3.6 over four rows of the matrix; a set is a row of it. */
INLINE void mix_rows(row *s) {
    row a[SETS], b[SETS], c[SETS], d[SETS];
    EACH a[k] = s[4 * k], b[k] = s[4 * k + 1], c[k] = s[4 * k + 2], d[k] = s[4 * k + 3];
    mix(a, b, c, d);
    EACH {
        b[k] = _mm256_permute4x64_epi64(b[k], 0x39);
        c[k] = _mm256_permute4x64_epi64(c[k], 0x4E);
        d[k] = _mm256_permute4x64_epi64(d[k], 0x93);
    }
    mix(a, b, c, d);
    EACH {
        s[4 * k] = a[k];
        s[4 * k + 1] = _mm256_permute4x64_epi64(b[k], 0x93);
        s[4 * k + 2] = _mm256_permute4x64_epi64(c[k], 0x4E);
        s[4 * k + 3] = _mm256_permute4x64_epi64(d[k], 0x39);
    }
}

/* The words of two neighbours, moved on by one. */
INLINE row join(row low, row high) { return _mm256_alignr_epi8(high, low, 8); }

/* P over four columns of the matrix; two sets are two columns, half of each in either. */
INLINE void mix_columns(row *s) {
    row a[SETS], b[SETS], c[SETS], d[SETS], t;
    EACH {
        row *at = s + k / 2 + (k & 1) * 4;
        a[k] = at[0], b[k] = at[8], c[k] = at[16], d[k] = at[24];
    }
    mix(a, b, c, d);
    PAIR {
        t = join(b[k], b[k + 1]), b[k + 1] = join(b[k + 1], b[k]), b[k] = t;
        t = c[k], c[k] = c[k + 1], c[k + 1] = t;
        t = join(d[k + 1], d[k]), d[k + 1] = join(d[k], d[k + 1]), d[k] = t;
    }
    mix(a, b, c, d);
    PAIR {
        t = join(b[k + 1], b[k]), b[k + 1] = join(b[k], b[k + 1]), b[k] = t;
        t = c[k], c[k] = c[k + 1], c[k + 1] = t;
        t = join(d[k], d[k + 1]), d[k + 1] = join(d[k + 1], d[k]), d[k] = t;
    }
    EACH {
        row *at = s + k / 2 + (k & 1) * 4;
        at[0] = a[k], at[8] = b[k], at[16] = c[k], at[24] = d[k];
    }
}

/* The block that a word of 32 random bits names for the block at this index of the segment (section 3.4.2). */
INLINE row *find_other(const place *p, uint32_t index, uint32_t random) {
    uint64_t area = (p->pass ? p->blocks - p->segment : p->slice * p->segment) + index - 1;
    uint64_t back = area * ((uint64_t)random * random >> 32) >> 32;
    uint64_t start = p->pass && p->slice != SLICES - 1 ? (p->slice + 1) * p->segment : 0;
    uint64_t at = start + area - 1 - back;
    return p->memory + ROWS * (at >= p->blocks ? at - p->blocks : at);
}

INLINE void fetch(const row *block) {
    for (int i = 0; i < ROWS; i += 2) _mm_prefetch((const char *)(block + i), _MM_HINT_T0);
}

/* The next block (G of section 3.5) from the last, which is in `s` before and after, and another. `over`: what stood there is mixed in.
 * `next`: the index for which the other block is fetched already, or 0. Gives the first word. */
INLINE uint64_t fill_block(row *s, const row *other, row *to, int over, const place *p, uint32_t next) {
    row kept[ROWS];
    uint64_t first;
    for (int i = 0; i < ROWS; i++) {
        s[i] = XOR(s[i], other[i]);
        kept[i] = over ? XOR(s[i], to[i]) : s[i];
    }
    mix_rows(s);
    mix_rows(s + 16);
    mix_columns(s);
    first = (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(XOR(s[0], kept[0])));
    if (next) fetch(find_other(p, next, (uint32_t)first));
    mix_columns(s + 2);
    for (int i = 0; i < ROWS; i++) to[i] = s[i] = XOR(s[i], kept[i]);
    return first;
}

/* The next 128 addresses that do not depend on the password (section 3.4.1.1). */
APART void next_addresses(row *addresses, row *input) {
    row s[ROWS];
    ((uint64_t *)input)[6]++;
    memset(s, 0, sizeof s);
    fill_block(s, input, addresses, 0, NULL, 0);
    memset(s, 0, sizeof s);
    fill_block(s, addresses, addresses, 0, NULL, 0);
}

/* A segment of the first half of the first pass: addresses are known beforehand. */
APART void fill_known(const place *p, uint32_t passes) {
    row input[ROWS], addresses[ROWS], s[ROWS];
    uint64_t *asked = (uint64_t *)input, *random = (uint64_t *)addresses;
    uint32_t i = p->slice ? 0 : 2; /* the first two blocks stand there */
    row *to = p->memory + ROWS * ((uint64_t)p->slice * p->segment + i);
    memset(input, 0, sizeof input);
    asked[2] = p->slice, asked[3] = p->blocks, asked[4] = passes, asked[5] = ARGON2ID;
    memcpy(s, to - ROWS, sizeof s);
    if (i) next_addresses(addresses, input);
    for (; i < p->segment; i++, to += ROWS) {
        if (i % WORDS == 0) next_addresses(addresses, input);
        if (i % WORDS < WORDS - 1) fetch(find_other(p, i + 1, (uint32_t)random[i % WORDS + 1]));
        fill_block(s, find_other(p, i, (uint32_t)random[i % WORDS]), to, 0, p, 0);
    }
}

/* A segment after that: each block says where the next one is taken from. */
INLINE void fill_felt(const place *p, int over) {
    row s[ROWS], *to = p->memory + ROWS * (uint64_t)p->slice * p->segment;
    memcpy(s, p->slice ? to - ROWS : p->memory + ROWS * (uint64_t)(p->blocks - 1), sizeof s);
    uint64_t random = (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(s[0]));
    for (uint32_t i = 0; i < p->segment; i++, to += ROWS)
        random = fill_block(s, find_other(p, i, (uint32_t)random), to, over, p, i + 1 < p->segment ? i + 1 : 0);
}
APART void fill_first(const place *p) { fill_felt(p, 0); }
APART void fill_again(const place *p) { fill_felt(p, 1); }

/* Zeros, past the caches: nobody reads them, and what stands there is needed by others. */
APART void wipe(row *at, uint64_t rows) {
    for (uint64_t i = 0; i < rows; i++) _mm256_stream_si256(at + i, _mm256_setzero_si256());
    _mm_sfence();
}

/* Work in `memory` (aligned to 32 bytes) of so many blocks of 1024 bytes, a multiple of four and at least eight: `first` are its first two,
 * `last` takes its last. Nothing is left in it. */
void hopnhat_fill(void *memory, uint32_t blocks, uint32_t passes, const void *first, void *last) {
    place p = {blocks, blocks / SLICES, 0, 0, memory};
    memcpy(memory, first, 2 * sizeof(row) * ROWS);
    for (p.pass = 0; p.pass < passes; p.pass++)
        for (p.slice = 0; p.slice < SLICES; p.slice++)
            if (p.pass)
                fill_again(&p);
            else if (p.slice < KNOWN_SLICES)
                fill_known(&p, passes);
            else
                fill_first(&p);
    memcpy(last, p.memory + ROWS * (uint64_t)(blocks - 1), sizeof(row) * ROWS);
    wipe(p.memory, ROWS * (uint64_t)blocks);
}
