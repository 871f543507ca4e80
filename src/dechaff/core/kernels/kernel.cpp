// The hot loops, in C++17 and without the Python API; the numpy functions beside the calls say what is right.
//
// One source, compiled once for each processor (build.py); library.py loads the best that runs here. Nothing is
// allocated, thrown or locked: all memory comes from numpy, threads from Python, and the interpreter is let go by ctypes.
// Rules that keep the bits: no -ffast-math (NaN must fail its comparison), no fused multiply-add (-ffp-contract=off), and
// no sum of floats whose order depends on the width of a register, unless only a comparison with slack looks at it.

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))

typedef int64_t i64;
typedef int32_t i32;

#if defined(__AVX512F__)
#define LANE_BYTES 64
#elif defined(__AVX2__)
#define LANE_BYTES 32
#else
#define LANE_BYTES 16
#endif

namespace {

template <class T> struct Lanes;
template <> struct Lanes<float> {
    typedef float type __attribute__((vector_size(LANE_BYTES), aligned(4), may_alias));
};
template <> struct Lanes<double> {
    typedef double type __attribute__((vector_size(LANE_BYTES), aligned(8), may_alias));
};
template <class T> using lanes = typename Lanes<T>::type;
template <class T> constexpr i64 WIDTH = LANE_BYTES / sizeof(T);

template <class T> inline lanes<T> load(const T *from) { return *reinterpret_cast<const lanes<T> *>(from); }
template <class T> inline lanes<T> all(T value) { return lanes<T>{} + value; }

// One bit for each lane in which left >= right; a NaN is never.
inline uint64_t at_least(lanes<float> left, lanes<float> right) {
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask((__m512)left, (__m512)right, _CMP_GE_OQ);
#elif defined(__AVX2__)
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps((__m256)left, (__m256)right, _CMP_GE_OQ));
#elif defined(__x86_64__)
    return (unsigned)_mm_movemask_ps(_mm_cmpge_ps((__m128)left, (__m128)right));
#else
    uint64_t bits = 0;
    for (i64 lane = 0; lane < WIDTH<float>; ++lane) bits |= (uint64_t)(left[lane] >= right[lane]) << lane;
    return bits;
#endif
}

inline uint64_t at_least(lanes<double> left, lanes<double> right) {
#if defined(__AVX512F__)
    return _mm512_cmp_pd_mask((__m512d)left, (__m512d)right, _CMP_GE_OQ);
#elif defined(__AVX2__)
    return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd((__m256d)left, (__m256d)right, _CMP_GE_OQ));
#elif defined(__x86_64__)
    return (unsigned)_mm_movemask_pd(_mm_cmpge_pd((__m128d)left, (__m128d)right));
#else
    uint64_t bits = 0;
    for (i64 lane = 0; lane < WIDTH<double>; ++lane) bits |= (uint64_t)(left[lane] >= right[lane]) << lane;
    return bits;
#endif
}

// ---------------------------------------------------------------------------------------------- largest of a row

// Puts a value where it belongs among the k largest, of equal ones the smaller id first; returns the last of them.
inline float ranked(float *values, i32 *ids, i64 k, float value, i32 id) {
    i64 at = k - 1;
    if (!(value > values[at] || (value == values[at] && id < ids[at]))) return values[at];
    for (; at > 0 && (value > values[at - 1] || (value == values[at - 1] && id < ids[at - 1])); --at) {
        values[at] = values[at - 1];
        ids[at] = ids[at - 1];
    }
    values[at] = value;
    ids[at] = id;
    return values[k - 1];
}

struct Running {
    float *values;  // (rows, k), largest first, -inf where none is yet
    i32 *ids;       // -1 where none is yet
};

struct Block {
    const float *values;
    i64 n_rows, n_columns, stride, first_row, first_column;
    bool one_set;
};

void top_k_of_block(const Block &block, i64 k, Running rows, Running columns, float *column_least) {
    constexpr i64 W = WIDTH<float>;
    const bool both = columns.values != nullptr;
    for (i64 column = 0; both && column < block.n_columns; ++column)
        column_least[column] = columns.values[column * k + k - 1];
    for (i64 row = 0; row < block.n_rows; ++row) {
        const float *line = block.values + row * block.stride;
        float *values = rows.values + row * k;
        i32 *ids = rows.ids + row * k;
        const i32 row_id = (i32)(block.first_row + row);
        float least = values[k - 1];
        auto look = [&](i64 column) {
            const float value = line[column];
            const i32 column_id = (i32)(block.first_column + column);
            if (block.one_set && row_id == column_id) return;
            if (value >= least) least = ranked(values, ids, k, value, column_id);
            if (both && value >= column_least[column])
                column_least[column] =
                    ranked(columns.values + column * k, columns.ids + column * k, k, value, row_id);
        };
        i64 column = 0;
        for (; column + W <= block.n_columns; column += W) {
            const lanes<float> some = load(line + column);
            uint64_t bits = at_least(some, all(least));
            if (both) bits |= at_least(some, load(column_least + column));
            for (; bits; bits &= bits - 1) look(column + __builtin_ctzll(bits));
        }
        for (; column < block.n_columns; ++column) look(column);
    }
}

}  // namespace

EXPORT const char *dechaff_source(void) { return DECHAFF_SOURCE; }

// What the processor runs: 0 = what every one of its kind does, 1 = AVX2, 2 = AVX-512.
EXPORT i64 dechaff_processor(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool second = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    const bool third = second && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return third ? 2 : second ? 1 : 0;
#else
    return 0;
#endif
}

EXPORT i64 dechaff_top_k(const float *block, i64 n_rows, i64 n_columns, i64 stride, i64 first_row, i64 first_column,
                         i64 one_set, i64 k, float *row_values, i32 *row_ids, float *column_values, i32 *column_ids,
                         float *column_least) {
    top_k_of_block({block, n_rows, n_columns, stride, first_row, first_column, one_set != 0}, k, {row_values, row_ids},
                   {column_values, column_ids}, column_least);
    return 0;
}
