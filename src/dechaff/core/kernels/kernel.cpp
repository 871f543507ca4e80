// The hot loops, in C++17 and without the Python API; the numpy functions beside the calls say what is right.
//
// One source, compiled once for each processor (build.py); library.py loads the best that runs here. Nothing is
// allocated, thrown or locked: all memory comes from numpy, threads from Python, and the interpreter is let go by ctypes.
// Rules that keep the bits: no -ffast-math (NaN must fail its comparison), no fused multiply-add (-ffp-contract=off), and
// no sum of floats whose order depends on the width of a register, unless only a comparison with slack looks at it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

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

// A register of numbers, and the same wherever it lies in memory. They must be two types: variables of the second one
// would not be aligned either, and an optimiser that knows what the processor wants may rely on it that they are.
template <class T> struct Lanes {
    typedef T type __attribute__((vector_size(LANE_BYTES)));
    typedef T loose __attribute__((vector_size(LANE_BYTES), aligned(alignof(T)), may_alias));
};
template <class T> using lanes = typename Lanes<T>::type;
template <class T> constexpr i64 WIDTH = LANE_BYTES / sizeof(T);

template <class T> inline lanes<T> load(const T *from) {
    return *reinterpret_cast<const typename Lanes<T>::loose *>(from);
}
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

// One bit for each lane in which left > right; a NaN is never.
template <class T> inline uint64_t above(lanes<T> left, lanes<T> right) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) return _mm512_cmp_ps_mask((__m512)left, (__m512)right, _CMP_GT_OQ);
    else return _mm512_cmp_pd_mask((__m512d)left, (__m512d)right, _CMP_GT_OQ);
#else
    return at_least(left, right) & ~at_least(right, left);
#endif
}

// Unlike the C library's, of a NaN and a number it may be either; whoever calls looks for NaN himself.
template <class T> inline lanes<T> larger(lanes<T> left, lanes<T> right) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) return (lanes<T>)_mm512_max_ps((__m512)left, (__m512)right);
    else return (lanes<T>)_mm512_max_pd((__m512d)left, (__m512d)right);
#else
    return left > right ? left : right;
#endif
}

template <class T> inline lanes<T> smaller(lanes<T> left, lanes<T> right) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) return (lanes<T>)_mm512_min_ps((__m512)left, (__m512)right);
    else return (lanes<T>)_mm512_min_pd((__m512d)left, (__m512d)right);
#else
    return left < right ? left : right;
#endif
}

inline double sum_of(lanes<double> some) {
#if defined(__AVX512F__)
    return _mm512_reduce_add_pd((__m512d)some);
#elif defined(__AVX2__)
    const __m128d half = _mm_add_pd(_mm256_castpd256_pd128((__m256d)some), _mm256_extractf128_pd((__m256d)some, 1));
    return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
#else
    return some[0] + some[1];
#endif
}

inline float sum_of(lanes<float> some) {
#if defined(__AVX512F__)
    return _mm512_reduce_add_ps((__m512)some);
#else
    float sum = 0;
    for (i64 lane = 0; lane < WIDTH<float>; ++lane) sum += some[lane];
    return sum;
#endif
}

inline double largest_of(lanes<double> some) {
#if defined(__AVX512F__)
    return _mm512_reduce_max_pd((__m512d)some);
#elif defined(__AVX2__)
    const __m128d half = _mm_max_pd(_mm256_castpd256_pd128((__m256d)some), _mm256_extractf128_pd((__m256d)some, 1));
    return _mm_cvtsd_f64(_mm_max_sd(half, _mm_unpackhi_pd(half, half)));
#else
    return some[0] > some[1] ? some[0] : some[1];
#endif
}

inline float largest_of(lanes<float> some) {
#if defined(__AVX512F__)
    return _mm512_reduce_max_ps((__m512)some);
#else
    float most = some[0];
    for (i64 lane = 1; lane < WIDTH<float>; ++lane) most = some[lane] > most ? some[lane] : most;
    return most;
#endif
}

template <class T> inline bool any_below_zero(lanes<T> some) { return above<T>(lanes<T>{}, some) != 0; }

// A matrix whose numbers of a row lie together.
template <class T> struct Rows {
    const T *first;
    i64 n, stride, k;
    const T *end;

    Rows(const T *first, i64 n, i64 stride, i64 k)
        : first(first), n(n), stride(stride), k(k), end(n ? first + (n - 1) * stride + k : first) {}
    const T *row(i64 at) const { return first + at * stride; }
    const T *cell(i64 at, i64 column) const { return row(at) + column; }
    i64 across() const { return 1; }
    Rows part(i64 start, i64 rows) const { return Rows(row(start), rows, stride, k); }
    // Rows from whose start so many numbers may be read without going beyond the last number of all.
    i64 with_room_for(i64 numbers) const {
        i64 rows = n;
        while (rows > 0 && row(rows - 1) + numbers > end) --rows;
        return rows;
    }
};

// A matrix whose numbers of a column lie together.
template <class T> struct Columns {
    const T *first;
    i64 n, stride, k;

    const T *column(i64 at) const { return first + at * stride; }
    const T *cell(i64 at, i64 column) const { return this->column(column) + at; }
    i64 across() const { return stride; }
    Columns part(i64 start, i64 rows) const { return {first + start, rows, stride, k}; }
};

// The row in whole registers, what lies behind its end put to zero. Calls look(place of the first lane, lanes).
template <class T, class Look> inline void over_row(const Rows<T> &rows, const T *row, Look look) {
    constexpr i64 W = WIDTH<T>;
    i64 place = 0;
    for (; place + W <= rows.k; place += W) look(place, load(row + place));
    const i64 left = rows.k - place;
    if (!left) return;
    lanes<T> some = {};
    const T *from = row + place;
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) some = (lanes<T>)_mm512_maskz_loadu_ps((__mmask16)((1u << left) - 1), from);
    else some = (lanes<T>)_mm512_maskz_loadu_pd((__mmask8)((1u << left) - 1), from);
#else
    for (i64 lane = 0; lane < left; ++lane) some[lane] = from[lane];
#endif
    look(place, some);
}

// ------------------------------------------------------------------------- numbers of given columns, in fixed point

constexpr double FIXED_POINT = 1 << 30;
enum Sum { WHOLE, PART, COUNT, SUM_FIELDS = 4 };
enum Status { FINE = 0, LABEL_OUT_OF_RANGE = 1, NUMBER_OUT_OF_RANGE = 2 };

// given[i] = probs[i, labels[i]], and its sums by label. The sums come in `copies` tables, row after row in the next one:
// rows of one label would wait for each other otherwise.
template <class T, class Matrix>
i64 given_sums(const i64 *labels, const Matrix &rows, T *given, i64 *sums, i64 copies) {
    constexpr i64 AHEAD = 64;
    i64 status = FINE;
    for (i64 at = 0; at < rows.n; ++at) {
        if (at + AHEAD < rows.n && (uint64_t)labels[at + AHEAD] < (uint64_t)rows.k)
            __builtin_prefetch(rows.cell(at + AHEAD, labels[at + AHEAD]));
        const i64 label = labels[at];
        if ((uint64_t)label >= (uint64_t)rows.k) {
            status |= LABEL_OUT_OF_RANGE;
            given[at] = 0;
            continue;
        }
        const T value = *rows.cell(at, label);
        given[at] = value;
        if (!(value >= 0 && value < 2)) {
            status |= NUMBER_OUT_OF_RANGE;
            continue;
        }
        const double scaled = (double)value * FIXED_POINT;
        const i64 whole = (i64)scaled;
        i64 *sum = sums + (((at & (copies - 1)) * rows.k) + label) * SUM_FIELDS;
        sum[WHOLE] += whole;
        sum[PART] += __builtin_llrint((scaled - (double)whole) * FIXED_POINT);
        sum[COUNT] += 1;
    }
    return status;
}

// ------------------------------------------------------------------------------------ what a row says of its classes

// numpy's argmax: the first of the largest, and the first NaN before all. `step` is from one column to the next.
template <class T> i64 argmax(const T *row, i64 k, i64 step = 1) {
    i64 best = 0;
    for (i64 column = 0; column < k; ++column) {
        if (row[column * step] != row[column * step]) return column;
        if (row[column * step] > row[best * step]) best = column;
    }
    return best;
}

template <class T> i64 argmax_of_reached(const T *row, const T *bars, i64 k, i64 step = 1) {
    i64 best = -1;
    for (i64 column = 0; column < k; ++column)
        if (row[column * step] >= bars[column] && (best < 0 || row[column * step] > row[best * step])) best = column;
    return best < 0 ? 0 : best;
}

template <class T> struct Reading {
    const T *bars;  // what the number of a column must reach; infinite behind the last column
    T slack;        // how far another column must be ahead of the given one
    T sums_miss;    // how far a sum may be from one without anybody looking at the row again
    bool of_reached;
};

struct Answers {
    i32 *reached;    // (n,) or nothing
    uint8_t *ahead;  // (n,) or nothing; needs labels
    i64 *pairs;      // (k, k + 1) counts of label and one plus the column reached, or nothing; needs labels
};

// The columns of a row that reach their bars, as bits; of more than 64 columns only the last block that holds one.
struct Reached {
    uint64_t bits;
    i64 first;  // column of the lowest bit
    bool several;
};

template <class T> struct Seen {
    Reached reached;
    T sum, largest;
};

template <class T> inline Seen<T> seen_in_long(const Rows<T> &rows, const T *row, const T *bars, lanes<T> &least) {
    lanes<T> sums = {}, most = {};
    Reached reached = {0, 0, false};
    over_row(rows, row, [&](i64 place, lanes<T> some) {
        sums += some;
        most = larger<T>(most, some);
        least = smaller<T>(least, some);
        if (const uint64_t bits = at_least(some, load(bars + place))) {
            reached.several |= reached.bits || (bits & (bits - 1));
            reached.bits = bits;
            reached.first = place;
        }
    });
    return {reached, sum_of(sums), largest_of(most)};
}

// Of a row that reaches several columns.
template <class T>
i64 settled(const Rows<T> &rows, const T *row, const Reading<T> &reading, T largest, bool odd) {
    if (reading.of_reached) return argmax_of_reached(row, reading.bars, rows.k);
    if (odd) return argmax(row, rows.k);
    i64 place = 0;
    while (place + WIDTH<T> <= rows.k && !at_least(load(row + place), all(largest))) place += WIDTH<T>;
    while (!(row[place] >= largest)) ++place;
    return place;
}

template <class T> struct Writer {
    const i64 *labels;
    Rows<T> rows;
    Reading<T> reading;
    Answers answers;

    i64 odd_row(i64 at, Reached reached) const {  // perhaps NaN, or all below zero: as numpy has it, number by number
        const T *row = rows.row(at);
        const T largest = row[argmax(row, rows.k)];
        write_reached(at, reached, largest, true);
        if (answers.ahead) write_ahead(at, largest);
        return NUMBER_OUT_OF_RANGE;
    }

    void write_reached(i64 at, Reached reached, T largest, bool odd) const {
        if (!answers.reached) return;
        i64 found = reached.bits ? reached.first + __builtin_ctzll(reached.bits) : -1;
        if (reached.several) found = settled(rows, rows.row(at), reading, largest, odd);
        answers.reached[at] = (i32)found;
        if (answers.pairs) ++answers.pairs[labels[at] * (rows.k + 1) + found + 1];
    }

    void write_ahead(i64 at, T largest) const {
        const T *row = rows.row(at), given = row[labels[at]] + reading.slack;
        answers.ahead[at] = largest > given || (largest == given && argmax(row, rows.k) < labels[at]);
    }
};

template <class T> i64 classes_of_rows(const Writer<T> &writer, i64 from, i64 to) {
    const Rows<T> rows = writer.rows;
    const Reading<T> reading = writer.reading;
    lanes<T> least = {};
    i64 status = FINE;
    for (i64 at = from; at < to; ++at) {
        if (writer.labels && (uint64_t)writer.labels[at] >= (uint64_t)rows.k) {
            status |= LABEL_OUT_OF_RANGE;
            continue;
        }
        const Seen<T> seen = seen_in_long(rows, rows.row(at), reading.bars, least);
        const T miss = seen.sum - 1;
        if (__builtin_expect(!(miss <= reading.sums_miss && miss >= -reading.sums_miss), 0)) {
            status |= writer.odd_row(at, seen.reached);
            continue;
        }
        writer.write_reached(at, seen.reached, seen.largest, false);
        if (writer.answers.ahead) writer.write_ahead(at, seen.largest);
    }
    return any_below_zero<T>(least) ? status | NUMBER_OUT_OF_RANGE : status;
}

// Short rows, as many at once as a register has lanes: sums and maxima across a row are a third of all work, and cheaper
// of several rows together. Where rows are long, they hardly count.
template <class T, int PARTS> struct ShortRows {
    static constexpr i64 W = WIDTH<T>;

    const Rows<T> rows;
    lanes<T> bars[PARTS], inside;
    lanes<T> least = {};
    uint64_t bits[W];

    ShortRows(const Rows<T> &rows, const T *of_columns) : rows(rows) {
        for (int part = 0; part < PARTS; ++part) bars[part] = load(of_columns + part * W);
        uint8_t within[LANE_BYTES];
        for (i64 lane = 0; lane < W; ++lane)
            std::memset(within + lane * sizeof(T), (PARTS - 1) * W + lane < rows.k ? 255 : 0, sizeof(T));
        std::memcpy(&inside, within, LANE_BYTES);
    }

    struct Pair {
        lanes<T> sums, most;
    };

    // Lane i holds the sum and the maximum of row `at + i`, once COUNT is the number of lanes.
    template <i64 COUNT> inline __attribute__((always_inline)) Pair seen(i64 at, i64 place) {
        if constexpr (COUNT == 1) {
            const T *row = rows.row(at);
            uint64_t reached = 0;
            Pair pair;
            for (int part = 0; part < PARTS; ++part) {
                lanes<T> some = load(row + part * W);
                if (part == PARTS - 1) some = only(some);
                reached |= at_least(some, bars[part]) << (part * W);
                pair.sums = part ? pair.sums + some : some;
                pair.most = part ? larger<T>(pair.most, some) : some;
                least = smaller<T>(least, some);
            }
            bits[place] = reached;
            return pair;
        } else {
            const Pair left = seen<COUNT / 2>(at, place), right = seen<COUNT / 2>(at + COUNT / 2, place + COUNT / 2);
            constexpr auto every = std::make_index_sequence<W>();
            return {own<COUNT / 2>(left.sums, right.sums, every) + other<COUNT / 2>(left.sums, right.sums, every),
                    larger<T>(own<COUNT / 2>(left.most, right.most, every),
                              other<COUNT / 2>(left.most, right.most, every))};
        }
    }

    inline lanes<T> only(lanes<T> some) const {
        typedef i32 bytes __attribute__((vector_size(LANE_BYTES)));
        return (lanes<T>)((bytes)some & (bytes)inside);
    }

    template <i64 HALF, size_t... LANE>
    static inline lanes<T> own(lanes<T> left, lanes<T> right, std::index_sequence<LANE...>) {
        return __builtin_shufflevector(left, right, ((LANE & HALF) ? W + LANE : LANE)...);
    }

    template <i64 HALF, size_t... LANE>
    static inline lanes<T> other(lanes<T> left, lanes<T> right, std::index_sequence<LANE...>) {
        return __builtin_shufflevector(left, right, ((LANE & HALF) ? W + (LANE ^ HALF) : (LANE ^ HALF))...);
    }
};

template <class T, int PARTS> i64 classes_of_short_rows(const Writer<T> &writer) {
    constexpr i64 W = WIDTH<T>;
    ShortRows<T, PARTS> short_rows(writer.rows, writer.reading.bars);
    const i64 k = writer.rows.k, whole = writer.rows.with_room_for(PARTS * W);
    const i64 *const labels = writer.labels;
    i32 *const reached = writer.answers.reached;
    uint8_t *const ahead = writer.answers.ahead;
    i64 *const pairs = writer.answers.pairs;
    const lanes<T> most_miss = all(writer.reading.sums_miss), slack = all(writer.reading.slack);
    i64 status = FINE, at = 0;
    for (; at + W <= whole; at += W) {
        if (labels) {
            uint64_t worst = 0;
            for (i64 lane = 0; lane < W; ++lane) worst = std::max(worst, (uint64_t)labels[at + lane]);
            if (__builtin_expect(worst >= (uint64_t)k, 0)) {
                status |= classes_of_rows(writer, at, at + W);
                continue;
            }
        }
        const auto seen = short_rows.template seen<W>(at, 0);
        const lanes<T> miss = seen.sums - 1;
        constexpr uint64_t every = (1ull << W) - 1;
        const uint64_t fine = at_least(most_miss, miss) & at_least(miss, -most_miss);
        uint64_t again = every & ~fine;  // lanes that must be looked at on their own
        for (i64 lane = 0; reached && lane < W; ++lane) {
            const uint64_t bits = short_rows.bits[lane];
            const i64 found = ((__builtin_ctzll(bits | 1ull << 63) + 1) & 63) - 1;  // -1 of no bit, without a branch
            reached[at + lane] = (i32)found;
            again |= (uint64_t)((bits & (bits - 1)) != 0) << lane;
        }
        if (ahead) {
            T given[W];
            for (i64 lane = 0; lane < W; ++lane) given[lane] = writer.rows.row(at + lane)[labels[at + lane]];
            const lanes<T> bar = load(given) + slack;
            const uint64_t not_behind = at_least(seen.most, bar), level = not_behind & at_least(bar, seen.most);
            again |= level;
            for (i64 lane = 0; lane < W; ++lane) ahead[at + lane] = (not_behind >> lane) & 1;
        }
        for (uint64_t left = again; __builtin_expect(left != 0, 0); left &= left - 1) {
            const i64 lane = __builtin_ctzll(left);
            const uint64_t bits = short_rows.bits[lane];
            const T largest = writer.rows.row(at + lane)[argmax(writer.rows.row(at + lane), k)];
            const bool odd = !((fine >> lane) & 1);
            if (odd) status |= NUMBER_OUT_OF_RANGE;
            if (reached && (bits & (bits - 1)))
                reached[at + lane] = (i32)settled(writer.rows, writer.rows.row(at + lane), writer.reading, largest, odd);
            if (ahead) writer.write_ahead(at + lane, largest);
        }
        if (pairs)
            for (i64 lane = 0; lane < W; ++lane) ++pairs[labels[at + lane] * (k + 1) + reached[at + lane] + 1];
    }
    status |= classes_of_rows(writer, at, writer.rows.n);
    return any_below_zero<T>(short_rows.least) ? status | NUMBER_OUT_OF_RANGE : status;
}

template <class T> i64 row_classes(const Writer<T> &writer) {
    switch ((writer.rows.k + WIDTH<T> - 1) / WIDTH<T>) {
    case 1: return classes_of_short_rows<T, 1>(writer);
    case 2: return classes_of_short_rows<T, 2>(writer);
    case 3: return classes_of_short_rows<T, 3>(writer);
    case 4: return writer.rows.k < 64 ? classes_of_short_rows<T, 4>(writer) : classes_of_rows(writer, 0, writer.rows.n);
    case 5: return LANE_BYTES < 64 ? classes_of_short_rows<T, 5>(writer) : classes_of_rows(writer, 0, writer.rows.n);
    default: return classes_of_rows(writer, 0, writer.rows.n);
    }
}

// The same of numbers that lie column by column: each lane of a register is a row, and nothing goes across lanes.
template <class T> struct ColumnReader {
    static constexpr i64 W = WIDTH<T>, PARTS = 2;
    typedef decltype(lanes<T>{} > lanes<T>{}) Places;  // whole numbers as wide as T; -1 = yes

    const i64 *labels;
    Columns<T> columns;
    Reading<T> reading;
    Answers answers;
    lanes<T> least = {};

    void write(i64 at, i64 found, bool ahead) const {
        if (answers.reached) answers.reached[at] = (i32)found;
        if (answers.ahead) answers.ahead[at] = ahead;
        if (answers.pairs) ++answers.pairs[labels[at] * (columns.k + 1) + found + 1];
    }

    i64 row_alone(i64 at) const {
        if (labels && (uint64_t)labels[at] >= (uint64_t)columns.k) return LABEL_OUT_OF_RANGE;
        const T *row = columns.cell(at, 0);
        T sum = 0;
        bool below = false, several = false;
        i64 found = -1;
        for (i64 column = 0; column < columns.k; ++column) {
            const T value = row[column * columns.stride];
            sum += value;
            below |= value < 0;
            if (!(value >= reading.bars[column])) continue;
            several |= found >= 0;
            found = column;
        }
        const T miss = sum - 1;
        const bool odd = !(miss <= reading.sums_miss && miss >= -reading.sums_miss);
        const i64 best = argmax(row, columns.k, columns.stride);
        if (several)
            found = reading.of_reached ? argmax_of_reached(row, reading.bars, columns.k, columns.stride) : best;
        const T largest = row[best * columns.stride];
        const T given = labels ? row[labels[at] * columns.stride] + reading.slack : largest;
        write(at, found, largest > given || (largest == given && labels && best < labels[at]));
        return odd || below ? NUMBER_OUT_OF_RANGE : FINE;
    }

    i64 rows_alone(i64 from, i64 to) const {
        i64 status = FINE;
        for (i64 at = from; at < to; ++at) status |= row_alone(at);
        return status;
    }

    template <bool OF_REACHED> i64 block(i64 at) {
        lanes<T> sums[PARTS], most[PARTS], reached[PARTS];
        Places found[PARTS], several[PARTS];
        for (int part = 0; part < PARTS; ++part) {
            sums[part] = lanes<T>{};
            most[part] = load(columns.cell(at + part * W, 0));
            reached[part] = all((T)-1);
            found[part] = Places{} - 1;
            several[part] = Places{};
        }
        for (i64 column = 0; column < columns.k; ++column) {
            const lanes<T> bar = all(reading.bars[column]);
            const Places here = Places{} + (decltype(found[0][0] + 0))column;
            for (int part = 0; part < PARTS; ++part) {
                const lanes<T> some = load(columns.cell(at + part * W, column));
                sums[part] += some;
                most[part] = larger<T>(most[part], some);
                least = smaller<T>(least, some);
                if constexpr (OF_REACHED) {
                    const Places better = (some >= bar) & (some > reached[part]);
                    reached[part] = better ? some : reached[part];
                    found[part] = better ? here : found[part];
                } else {
                    const Places reaches = some >= bar;
                    several[part] |= reaches & (found[part] >= 0);
                    found[part] = reaches ? here : found[part];
                }
            }
        }
        i64 status = FINE;
        for (int part = 0; part < PARTS; ++part)
            status |= answer(at + part * W, sums[part], most[part], found[part], several[part]);
        return status;
    }

    i64 answer(i64 at, lanes<T> sums, lanes<T> most, Places found, Places several) const {
        constexpr uint64_t every = (1ull << W) - 1;
        const lanes<T> miss = sums - 1, most_miss = all(reading.sums_miss);
        uint64_t again = every & ~(at_least(most_miss, miss) & at_least(miss, -most_miss)), ahead = 0;
        again |= at_least((lanes<T>)(several ? all((T)1) : lanes<T>{}), all((T)1));
        if (answers.ahead) {
            T given[W];
            for (i64 lane = 0; lane < W; ++lane) given[lane] = *columns.cell(at + lane, labels[at + lane]);
            const lanes<T> bar = load(given) + all(reading.slack);
            ahead = at_least(most, bar);
            again |= ahead & at_least(bar, most);
        }
        if (__builtin_expect(!again, 1)) {
            for (i64 lane = 0; lane < W; ++lane) write(at + lane, found[lane], (ahead >> lane) & 1);
            return FINE;
        }
        i64 status = FINE;
        for (i64 lane = 0; lane < W; ++lane)
            if ((again >> lane) & 1) status |= row_alone(at + lane);
            else write(at + lane, found[lane], (ahead >> lane) & 1);
        return status;
    }

    i64 read() {
        constexpr i64 STEP = PARTS * W;
        i64 status = FINE, at = 0;
        for (; at + STEP <= columns.n; at += STEP) {
            uint64_t worst = 0;
            for (i64 row = at; labels && row < at + STEP; ++row) worst = std::max(worst, (uint64_t)labels[row]);
            if (__builtin_expect(worst >= (uint64_t)columns.k, 0)) status |= rows_alone(at, at + STEP);
            else status |= reading.of_reached ? block<true>(at) : block<false>(at);
        }
        status |= rows_alone(at, columns.n);
        return any_below_zero<T>(least) ? status | NUMBER_OUT_OF_RANGE : status;
    }
};

template <class T>
i64 classes_of(const i64 *labels, const Rows<T> &rows, const Reading<T> &reading, const Answers &answers) {
    return row_classes<T>({labels, rows, reading, answers});
}

template <class T>
i64 classes_of(const i64 *labels, const Columns<T> &columns, const Reading<T> &reading, const Answers &answers) {
    return ColumnReader<T>{labels, columns, reading, answers}.read();
}

// ------------------------------------------------------------------------------- columns that lead the given one

template <class T> struct LeadsFound {
    i32 *rows, *columns;  // of each lead, row by row
    T *margins;

    LeadsFound after(i64 n) const { return {rows + n, columns + n, margins + n}; }
};

constexpr i64 LEAD_ROWS = 512, MANY_COLUMNS = 64;

// Which of up to 512 rows are marked; that cannot be foreseen, so no branch hangs on it. Returns how many they are.
inline i64 taken_of(const uint8_t *marked, i64 n_rows, i32 *taken) {
    i64 n = 0;
    for (i64 at = 0; at < n_rows; ++at) {
        taken[n] = (i32)at;
        n += marked[at];
    }
    return n;
}

// The columns of some rows whose number leads the given one by more than the pair's least margin, and numpy's argmax.
template <class T, class Matrix> struct LeadReader {
    static constexpr i64 W = WIDTH<T>;
    typedef decltype(lanes<T>{} > lanes<T>{}) Places;

    const Matrix rows;
    const i64 *labels;
    const T *given, *least;  // (k, k)
    const T *floors;         // (k,) the smallest of the least margins of each label, where columns are few
    LeadsFound<T> found;     // where the next lead goes
    i64 first_row, *largest;

    // Several rows, one a lane: which columns may lead, by the floor, and which is the largest.
    void read_together(const i32 *taken) {
        T own[W], bars[W], some[W];
        uint64_t may_lead[W] = {};
        for (i64 lane = 0; lane < W; ++lane) {
            own[lane] = given[taken[lane]];
            bars[lane] = floors[labels[taken[lane]]];
        }
        const lanes<T> of_label = load(own), floor = load(bars);
        lanes<T> most = all(-std::numeric_limits<T>::infinity());
        Places best = {}, odd = {};
        for (i64 column = 0; column < rows.k; ++column) {
            for (i64 lane = 0; lane < W; ++lane) some[lane] = *rows.cell(taken[lane], column);
            const lanes<T> values = load(some);
            for (uint64_t bits = above<T>(values - of_label, floor); bits; bits &= bits - 1)
                may_lead[__builtin_ctzll(bits)] |= 1ull << column;
            const Places better = values > most;
            best = better ? Places{} + (decltype(best[0] + 0))column : best;
            most = better ? values : most;
            odd |= values != values;
        }
        for (i64 lane = 0; lane < W; ++lane) {
            const i64 at = taken[lane];
            for (uint64_t bits = may_lead[lane]; bits; bits &= bits - 1) keep(at, __builtin_ctzll(bits));
            largest[at] = __builtin_expect(odd[lane] != 0, 0) ? argmax(rows.cell(at, 0), rows.k, rows.across()) : best[lane];
        }
    }

    void keep(i64 at, i64 column) {
        const T margin = *rows.cell(at, column) - given[at];
        *found.rows = (i32)(first_row + at);
        *found.columns = (i32)column;
        *found.margins = margin;
        found = found.after(margin > least[labels[at] * rows.k + column]);
    }

    void read(i64 at) {
        const T *row = rows.cell(at, 0);
        const i64 step = rows.across();
        T most = row[0];
        i64 best = 0;
        bool odd = false;
        for (i64 column = 0; column < rows.k; ++column) {
            const T value = row[column * step];
            keep(at, column);
            best = value > most ? column : best;
            most = value > most ? value : most;
            odd |= value != value;
        }
        largest[at] = __builtin_expect(odd, 0) ? argmax(row, rows.k, step) : best;
    }

    void read_all(const i32 *taken, i64 n) {
        i64 place = 0;
        for (; rows.k <= MANY_COLUMNS && place + W <= n; place += W) read_together(taken + place);
        for (; place < n; ++place) read(taken[place]);
    }
};

// ------------------------------------------------------------------ rows whose bars are known but for what is between

template <class T> struct BarBounds {
    const T *high;   // (k,) what the number of a column must reach in any case; the low ones are those of the reading
    const T *least;  // (k, k) margin above which a lead counts, by label and column

    // The smallest of the least margins of each label, but for its own column, where columns are few.
    void write_floors(i64 k, T *floors) const {
        for (i64 label = 0; k <= MANY_COLUMNS && label < k; ++label) {
            floors[label] = std::numeric_limits<T>::infinity();
            for (i64 column = 0; column < k; ++column)
                if (column != label) floors[label] = std::min(floors[label], least[label * k + column]);
        }
    }
};

template <class T> struct BoundedRows {
    double *others;  // (n,) one less the number at the label
    void *largest;   // (n,) column of the largest number of doubted rows, label of the others, in so many bytes each
    i64 code_bytes;
    i64 *sums, copies;
    i64 *pairs;      // (k, k + 1) counts of label and one plus the column reached, of settled rows
    i64 *doubted;    // (k,) rows of each label that another column is ahead of
    i32 *unsettled;
    LeadsFound<T> leads;
    i64 *counts;     // unsettled rows, leads
};

template <class Code> void write_codes(const i64 *from, i64 n, void *to, i64 start) {
    for (i64 at = 0; at < n; ++at) ((Code *)to)[start + at] = (Code)from[at];
}

// Block after block of rows, so that each is in the cache while it is looked at in one way after the other.
template <class T, class Matrix>
i64 bounded_rows(const i64 *labels, const Matrix &matrix, const Reading<T> &reading, const BarBounds<T> &bounds,
                 const BoundedRows<T> &found) {
    T given[LEAD_ROWS], floors[MANY_COLUMNS];
    bounds.write_floors(matrix.k, floors);
    i32 reached[LEAD_ROWS], taken[LEAD_ROWS];
    uint8_t ahead[LEAD_ROWS], open[LEAD_ROWS];
    i64 largest[LEAD_ROWS], status = FINE, n_unsettled = 0;
    LeadsFound<T> next = found.leads;
    for (i64 start = 0; start < matrix.n; start += LEAD_ROWS) {
        const i64 n = std::min(LEAD_ROWS, matrix.n - start), *own = labels + start;
        const Matrix rows = matrix.part(start, n);
        status |= given_sums<T>(own, rows, given, found.sums, found.copies);
        if (status & LABEL_OUT_OF_RANGE) return status;
        status |= classes_of<T>(own, rows, reading, {reached, ahead, found.pairs});
        for (i64 at = 0; at < n; ++at) found.others[start + at] = 1.0 - (double)given[at];
        for (i64 at = 0; at < n; ++at) {
            const i64 column = std::max(reached[at], 0);
            open[at] = (reached[at] >= 0) & !(*rows.cell(at, column) >= bounds.high[column]);
        }
        const i64 n_open = taken_of(open, n, taken);
        for (i64 place = 0; place < n_open; ++place) {
            const i64 at = taken[place];
            found.unsettled[n_unsettled++] = (i32)(start + at);
            --found.pairs[own[at] * (rows.k + 1) + reached[at] + 1];
        }
        const i64 n_ahead = taken_of(ahead, n, taken);
        for (i64 place = 0; place < n_ahead; ++place) ++found.doubted[own[taken[place]]];
        std::memcpy(largest, own, n * sizeof(i64));
        LeadReader<T, Matrix> reader = {rows, own, given, bounds.least, floors, next, start, largest};
        reader.read_all(taken, n_ahead);
        next = reader.found;
        switch (found.code_bytes) {
        case 1: write_codes<uint8_t>(largest, n, found.largest, start); break;
        case 2: write_codes<uint16_t>(largest, n, found.largest, start); break;
        default: write_codes<uint32_t>(largest, n, found.largest, start);
        }
    }
    found.counts[0] = n_unsettled;
    found.counts[1] = next.rows - found.leads.rows;
    return status;
}

// ------------------------------------------------------------------------------------------- leading rows of a pair

// The pairs of a label and another column: those of label i are first[i] … first[i + 1] - 1.
template <class T> struct Pairs {
    const i64 *first;
    const i64 *others;
    const T *least;  // the margin from which on a row counts
};

struct Lead {
    uint32_t cell, row;  // the bin of its pair that the margin is in
};

// One that must be told from others in its bin.
template <class T> struct CloseLead {
    T margin;
    Lead lead;
};

// Counts of margins in bins, a power of two of them for each pair; the order of margins is that of their bins.
struct Bins {
    uint32_t *counts;  // (pairs, bins)
    i64 bins;

    template <class T> i64 of(T margin) const {  // from -1 to 1 where numbers are probabilities
        const T shifted = (margin + 1) * (T)(bins / 2);
        return shifted > 0 ? shifted < (T)bins ? (i64)shifted : bins - 1 : 0;
    }
};

// The row a call has come to, and the leads it has found.
struct Gathered {
    i64 row, n;
};

// Writes down the pairs whose margin counts, in the order of the rows: in that of labels each row would be fetched from
// another page of memory. `row_number` is that of the first row of all.
template <class T> struct LeadWriter {
    const i64 *labels;
    Rows<T> rows;
    i64 row_number;
    const uint8_t *marked;      // (n,) 0 or 1
    const uint8_t *least_mark;  // (k,) of the rows of a label that are looked at: 0 = all, 1 = the marked ones, 2 = none
    Pairs<T> pairs;
    Bins bins;
    Lead *leads;
    i64 room;
    i64 apart;  // of so many blocks of rows one is looked at

    // Rows to look at, without a branch: which they are cannot be foreseen. Returns how many.
    i64 take(i64 from, i64 to, uint32_t *taken) const {
        i64 n = 0;
        for (i64 at = from; at < to; ++at) {
            taken[n] = (uint32_t)at;
            n += marked[at] >= least_mark[labels[at]];
        }
        return n;
    }
};

// The pairs of short rows as a table of labels and columns.
template <class T> struct PairTable {
    T least[64][64];  // infinite where they are no pair, and behind the last column
    i32 first_cell[64][64];

    PairTable(const Pairs<T> &pairs, i64 k, i64 bins) {
        for (i64 label = 0; label < k; ++label) {
            std::fill(least[label], least[label] + 64, std::numeric_limits<T>::infinity());
            std::fill(first_cell[label], first_cell[label] + 64, 0);
            for (i64 at = pairs.first[label]; at < pairs.first[label + 1]; ++at) {
                least[label][pairs.others[at]] = pairs.least[at];
                first_cell[label][pairs.others[at]] = (i32)(at * bins);
            }
        }
    }
};

// The rows of the next block: some of them are called for with each row of this one, so that they arrive while its
// leads are written down.
template <class T> struct RowsToCome {
    const T *next, *const last;
    const i64 stride, k, share;

    RowsToCome(const Rows<T> &rows, i64 from, i64 to, i64 callers)
        : next(rows.row(from)), last(rows.row(std::min(to, rows.n))), stride(rows.stride), k(rows.k),
          share((to - from) / std::max<i64>(callers, 1) + 1) {}

    void call() {
        for (i64 row = 0; row < share && next < last; ++row, next += stride)
            for (i64 column = 0; column < k; column += 64 / (i64)sizeof(T)) __builtin_prefetch(next + column);
    }
};

// Leads of the taken rows of a block. How many a row has cannot be foreseen: as few branches as can be hang on it.
template <class T, int EIGHTS> struct ShortRowLeads {
    static constexpr i64 BLOCK = 64, W = WIDTH<T>;

    const LeadWriter<T> &writer;
    const Rows<T> rows = writer.rows;
    const PairTable<T> table = {writer.pairs, rows.k, writer.bins.bins};
    const Bins bins = writer.bins;
    const i64 *const labels = writer.labels;
    const i64 row_number = writer.row_number;

#if defined(__AVX512F__)
    // Eight columns are written down at once, those that lead before the others.
    i64 write(const uint32_t *taken, i64 n, RowsToCome<T> to_come, Lead *leads) const {
        const Rows<T> rows = this->rows;  // copies, which no write to the leads can change
        const i64 *const labels = this->labels, row_number = this->row_number;
        const __m512d half = _mm512_set1_pd((double)(bins.bins / 2)), last = _mm512_set1_pd((double)(bins.bins - 1));
        const __mmask8 inside = (__mmask8)(255 >> (8 * EIGHTS - rows.k));
        i64 n_leads = 0;
        for (i64 place = 0; place < n; ++place) {
            to_come.call();
            const i64 at = taken[place], label = labels[at];
            const T *row = rows.row(at);
            const __m512i of_row = _mm512_set1_epi64((row_number + at) << 32);
            for (i64 column = 0; column < 8 * EIGHTS; column += 8) {
                __mmask8 leading = column + 8 < 8 * EIGHTS ? 255 : inside;
                const __m512d margins = margins_of(row + column, row[label], table.least[label] + column, leading);
                const __m512d shifted = _mm512_mul_pd(_mm512_add_pd(margins, _mm512_set1_pd(1)), half);
                const __m256i bin = _mm256_max_epi32(_mm512_cvttpd_epi32(_mm512_min_pd(shifted, last)), __m256i{});
                const __m256i first = _mm256_loadu_si256((const __m256i *)(table.first_cell[label] + column));
                const __m256i cells = _mm256_maskz_compress_epi32(leading, _mm256_add_epi32(first, bin));
                _mm512_storeu_si512(leads + n_leads, _mm512_or_si512(_mm512_cvtepu32_epi64(cells), of_row));
                n_leads += __builtin_popcount(leading);
            }
        }
        return n_leads;
    }

    static __m512d margins_of(const double *row, double given, const double *least, __mmask8 &some) {
        const __m512d margins = _mm512_sub_pd(_mm512_maskz_loadu_pd(some, row), _mm512_set1_pd(given));
        some = _mm512_mask_cmp_pd_mask(some, margins, _mm512_loadu_pd(least), _CMP_GE_OQ);
        return margins;
    }

    static __m512d margins_of(const float *row, float given, const float *least, __mmask8 &some) {
        const __m256 margins = _mm256_sub_ps(_mm256_maskz_loadu_ps(some, row), _mm256_set1_ps(given));
        some = _mm256_mask_cmp_ps_mask(some, margins, _mm256_loadu_ps(least), _CMP_GE_OQ);
        return _mm512_cvtps_pd(margins);
    }
#else
    const i64 whole = rows.with_room_for((rows.k + W - 1) / W * W);

    i64 write(uint32_t *taken, i64 n, RowsToCome<T> to_come, Lead *leads) const {
        uint64_t leading[BLOCK];
        i64 n_leading = 0, n_leads = 0;
        for (i64 place = 0; place < n; ++place) {
            to_come.call();
            leading[n_leading] = leading_in(taken[place]);
            taken[n_leading] = taken[place];
            n_leading += leading[n_leading] != 0;
        }
        for (i64 place = 0; place < n_leading; ++place) {
            const i64 at = taken[place], label = labels[at];
            for (uint64_t bits = leading[place]; bits; bits &= bits - 1) {
                const i64 column = __builtin_ctzll(bits);
                const i64 bin = bins.of(rows.row(at)[column] - rows.row(at)[label]);
                leads[n_leads++] = {(uint32_t)(table.first_cell[label][column] + bin), (uint32_t)(row_number + at)};
            }
        }
        return n_leads;
    }

    uint64_t leading_in(i64 at) const {
        const T *row = rows.row(at), *least = table.least[labels[at]];
        const lanes<T> given = all(row[labels[at]]);
        uint64_t bits = 0;
        auto look = [&](i64 column, lanes<T> some) { bits |= at_least(some - given, load(least + column)) << column; };
        if (at >= whole) over_row(rows, row, look);
        else for (i64 column = 0; column < rows.k; column += W) look(column, load(row + column));
        return bits & ~0ull >> (64 - rows.k);
    }
#endif
};

// Stops where `room` may not do for some more rows.
template <class T, int EIGHTS> Gathered gather_from_short_rows(const LeadWriter<T> &writer, i64 first_row) {
    constexpr i64 BLOCK = ShortRowLeads<T, EIGHTS>::BLOCK;
    const ShortRowLeads<T, EIGHTS> short_rows = {writer};
    const i64 n = writer.rows.n, step = BLOCK * writer.apart;
    uint32_t taken[BLOCK];
    i64 n_leads = 0;
    for (i64 start = first_row; start < n; start += step) {
        if (n_leads + BLOCK * (writer.rows.k + 8) > writer.room) return {start, n_leads};
        const i64 n_taken = writer.take(start, std::min(start + BLOCK, n), taken);
        const RowsToCome<T> to_come(writer.rows, start + step, start + step + BLOCK, n_taken);
        n_leads += short_rows.write(taken, n_taken, to_come, writer.leads + n_leads);
    }
    return {n, n_leads};
}

// Only the columns of pairs are looked at.
template <class T> Gathered gather_one_by_one(const LeadWriter<T> &writer, i64 first_row) {
    constexpr i64 BLOCK = 256, AHEAD = 12;
    const Rows<T> rows = writer.rows;
    const Pairs<T> pairs = writer.pairs;
    const i64 *const labels = writer.labels;
    uint32_t taken[BLOCK];
    i64 n_leads = 0;
    for (i64 start = first_row; start < rows.n; start += BLOCK * writer.apart) {
        const i64 n = writer.take(start, std::min(start + BLOCK, rows.n), taken);
        for (i64 place = 0; place < n; ++place) {
            const i64 at = taken[place];
            if (n_leads + rows.k > writer.room) return {at, n_leads};
            if (place + AHEAD < n) {
                const T *next = rows.row(taken[place + AHEAD]);
                const i64 next_label = labels[taken[place + AHEAD]];
                __builtin_prefetch(next + next_label);
                for (i64 pair = pairs.first[next_label]; pair < pairs.first[next_label + 1]; ++pair)
                    __builtin_prefetch(next + pairs.others[pair]);
            }
            const T *row = rows.row(at), given = row[labels[at]];
            for (i64 pair = pairs.first[labels[at]]; pair < pairs.first[labels[at] + 1]; ++pair) {
                const T margin = row[pairs.others[pair]] - given;
                const uint32_t cell = (uint32_t)(pair * writer.bins.bins + writer.bins.of(margin));
                writer.leads[n_leads] = {cell, (uint32_t)(writer.row_number + at)};
                n_leads += margin >= pairs.least[pair];
            }
        }
    }
    return {rows.n, n_leads};
}

template <class T, int EIGHTS = 8> Gathered gather_of_any(const LeadWriter<T> &writer, i64 first_row) {
    if (writer.rows.k > 8 * EIGHTS) return gather_one_by_one<T>(writer, first_row);
    if constexpr (EIGHTS > 1 && LANE_BYTES == 64)
        if (writer.rows.k <= 8 * (EIGHTS - 1)) return gather_of_any<T, EIGHTS - 1>(writer, first_row);
    return gather_from_short_rows<T, EIGHTS>(writer, first_row);
}

// The counts are left to the end: while leads are found they would cost three times as much.
template <class T> Gathered gather_leads(const LeadWriter<T> &writer, i64 first_row) {
    const Gathered done = gather_of_any<T>(writer, first_row);
    for (i64 lead = 0; lead < done.n; ++lead) ++writer.bins.counts[writer.leads[lead].cell];
    return done;
}

// The cells in which the `wanted` largest margins of each pair end, and how many of that cell are among them. Where all
// of a pair are wanted, it is the cell before its first.
void find_edge_cells(const Bins &bins, const i64 *wanted, i64 n_pairs, i64 *edge_cells, i64 *rest) {
    for (i64 pair = 0; pair < n_pairs; ++pair) {
        const uint32_t *counts = bins.counts + pair * bins.bins;
        i64 bin = bins.bins - 1, left = wanted[pair];
        while (bin >= 0 && (i64)counts[bin] < left) left -= counts[bin--];
        if (left <= 0) bin = bins.bins - 1;
        edge_cells[pair] = pair * bins.bins + bin;
        rest[pair] = left;
    }
}

// Chooses the rows beyond the edge cell of their pair, and gathers those in it.
template <class T>
void part_leads(const Lead *leads, i64 n, i64 shift, const i64 *edge_cells, uint8_t *chosen, i64 *next,
                CloseLead<T> *found) {
    for (i64 at = 0; at < n; ++at) {
        const Lead lead = leads[at];
        const i64 pair = lead.cell >> shift, edge = edge_cells[pair];
        chosen[lead.row] |= (i64)lead.cell > edge;
        if (__builtin_expect((i64)lead.cell == edge, 0)) found[next[pair]++].lead = lead;
    }
}

// What the chosen rows of a pair have: a margin above the edge, or on it and a row no later than the last.
template <class T> struct Edge {
    T margin;
    i64 last;
};

// `others` are the other columns of the pairs.
template <class T>
void fetch_margins(const i64 *labels, const Rows<T> &rows, const i64 *others, i64 shift, CloseLead<T> *found, i64 n) {
    constexpr i64 AHEAD = 16;
    for (i64 at = 0; at < n; ++at) {
        if (at + AHEAD < n) {
            const Lead next = found[at + AHEAD].lead;
            __builtin_prefetch(rows.cell(next.row, others[next.cell >> shift]));
            __builtin_prefetch(labels + next.row);
        }
        const Lead lead = found[at].lead;
        const T *row = rows.row(lead.row);
        found[at].margin = row[others[lead.cell >> shift]] - row[labels[lead.row]];
    }
}

template <class T>
void find_edges(const CloseLead<T> *found, const i64 *starts, const i64 *rest, i64 n_pairs, T *spare, Edge<T> *edges) {
    for (i64 pair = 0; pair < n_pairs; ++pair) {
        const CloseLead<T> *leads = found + starts[pair];
        const i64 n = starts[pair + 1] - starts[pair];
        if (!n) {
            edges[pair] = {-std::numeric_limits<T>::infinity(), -1};
            continue;
        }
        for (i64 at = 0; at < n; ++at) spare[at] = leads[at].margin;
        std::nth_element(spare, spare + rest[pair] - 1, spare + n, [](T left, T right) { return left > right; });
        const T edge = spare[rest[pair] - 1];
        i64 ties = rest[pair], at = 0;
        for (i64 above = 0; above < rest[pair] - 1; ++above) ties -= spare[above] > edge;
        while (leads[at].margin != edge || --ties) ++at;
        edges[pair] = {edge, (i64)leads[at].lead.row};
    }
}

// ------------------------------------------------------------------------------------------- largest few of a row

typedef typename Lanes<i64>::type Keys;

inline uint64_t greater(Keys left, Keys right) {
    const Keys yes = left > right;
#if defined(__AVX512F__)
    return _mm512_movepi64_mask((__m512i)yes);
#elif defined(__AVX2__)
    return (unsigned)_mm256_movemask_pd((__m256d)yes);
#elif defined(__x86_64__)
    return (unsigned)_mm_movemask_pd((__m128d)yes);
#else
    uint64_t bits = 0;
    for (i64 lane = 0; lane < WIDTH<i64>; ++lane) bits |= (uint64_t)(yes[lane] & 1) << lane;
    return bits;
#endif
}

inline lanes<double> as_doubles(const double *from) { return load(from); }

inline lanes<double> as_doubles(const float *from) {
#if defined(__AVX512F__)
    return (lanes<double>)_mm512_cvtps_pd(_mm256_loadu_ps(from));
#else
    lanes<double> some;
    for (i64 lane = 0; lane < WIDTH<double>; ++lane) some[lane] = from[lane];
    return some;
#endif
}

// Register i gets the numbers that stood in lane i of all registers, in their order.
inline void transpose(lanes<double> *some) {
    constexpr i64 W = WIDTH<double>;
    lanes<double> turned[W];
#if defined(__AVX512F__)
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    __m512d pairs[W], fours[W];
    for (int at = 0; at < W; at += 2) {
        pairs[at] = _mm512_unpacklo_pd((__m512d)some[at], (__m512d)some[at + 1]);
        pairs[at + 1] = _mm512_unpackhi_pd((__m512d)some[at], (__m512d)some[at + 1]);
    }
    for (int at = 0; at < W; at += 4)
        for (int odd = 0; odd < 2; ++odd) {
            fours[at + odd] = _mm512_permutex2var_pd(pairs[at + odd], low, pairs[at + 2 + odd]);
            fours[at + 2 + odd] = _mm512_permutex2var_pd(pairs[at + odd], high, pairs[at + 2 + odd]);
        }
    for (int at = 0; at < 4; ++at) {
        turned[at] = (lanes<double>)_mm512_shuffle_f64x2(fours[at], fours[at + 4], 0x44);
        turned[at + 4] = (lanes<double>)_mm512_shuffle_f64x2(fours[at], fours[at + 4], 0xee);
    }
#elif defined(__AVX2__)
    __m256d pairs[W];
    for (int at = 0; at < W; at += 2) {
        pairs[at] = _mm256_unpacklo_pd((__m256d)some[at], (__m256d)some[at + 1]);
        pairs[at + 1] = _mm256_unpackhi_pd((__m256d)some[at], (__m256d)some[at + 1]);
    }
    for (int at = 0; at < 2; ++at) {
        turned[at] = (lanes<double>)_mm256_permute2f128_pd(pairs[at], pairs[at + 2], 0x20);
        turned[at + 2] = (lanes<double>)_mm256_permute2f128_pd(pairs[at], pairs[at + 2], 0x31);
    }
#else
    for (i64 at = 0; at < W; ++at)
        for (i64 lane = 0; lane < W; ++lane) turned[at][lane] = some[lane][at];
#endif
    for (i64 at = 0; at < W; ++at) some[at] = turned[at];
}

// Whole numbers that sort as the probabilities do: their bits, the last ones of them taken by the column, the first
// column highest. They differ from each other, so that there is one order only. (0.0 is added for -0.0, which makes 0.0.)
inline Keys keys_of(lanes<double> values, i64 mask, i64 column) {
    return ((Keys)(values + 0.0) & ~mask) | (mask - column);
}

constexpr i64 LEAST_KEY = std::numeric_limits<i64>::min();
constexpr int MOST_CLASSES = 7, ADDED_APART = 8;
constexpr double LEAST_SHARE = 1e-300, LEAST_OTHERS = 1e-12;

// A matrix of either order: `down` is from one row to the next, `across` from one column to the next.
template <class T> struct Cells {
    const T *first;
    i64 n, k, down, across;

    const T *cell(i64 row, i64 column) const { return first + row * down + column * across; }
};

struct Shares {
    i64 *classes;    // number j of row i at j * n + i
    double *shares;  // the same, and of each other class at last
};

// A NaN stays one: of both kinds of maximum the second is taken where they do not compare.
template <class T> inline lanes<T> no_less(lanes<T> some, T least) { return larger<T>(all(least), some); }

// As many rows as there are lanes, from row `at` on; those behind the last one are the last one again.
template <class T, int M> struct MostProbable {
    static constexpr i64 W = WIDTH<double>;

    const i64 *labels;
    Cells<T> rows;
    i64 mask;
    Shares found;

    i64 of_rows(i64 at) const {
        const T *lines[W];
        const i64 last = std::min(W, rows.n - at) - 1;
        for (i64 lane = 0; lane < W; ++lane) lines[lane] = rows.cell(at + std::min(lane, last), 0);
        Keys most[M];
        for (int place = 0; place < M; ++place) most[place] = Keys{} + LEAST_KEY;
        lanes<double> sums[ADDED_APART] = {};
        const auto see = [&](i64 column, lanes<double> values, lanes<double> &sum) {
            sum += values;
            insert(keys_of(values, mask, column), most);
        };
        i64 column = 0;
        for (; rows.across == 1 && column + ADDED_APART <= rows.k; column += ADDED_APART)
            for (i64 part = 0; part < ADDED_APART; part += W) {
                lanes<double> values[W];
                for (i64 lane = 0; lane < W; ++lane) values[lane] = as_doubles(lines[lane] + column + part);
                transpose(values);
                for (i64 place = 0; place < W; ++place) see(column + part + place, values[place], sums[part + place]);
            }
        for (; column < rows.k; ++column) {
            lanes<double> values;
            for (i64 lane = 0; lane < W; ++lane) values[lane] = (double)lines[lane][column * rows.across];
            see(column, values, sums[column % ADDED_APART]);
        }
        for (int half = ADDED_APART / 2; half; half /= 2)
            for (int place = 0; place < half; ++place) sums[place] += sums[place + half];
        Keys classes[M];
        lanes<double> values[M];
        for (int place = 0; place < M; ++place) {
            classes[place] = mask - (most[place] & mask);
            values[place] = (lanes<double>)(most[place] & ~mask);
        }
        i64 status = FINE;
        for (i64 lane = 0; lane <= last; ++lane) status |= keep_given(at + lane, lane, classes, values);
        write(at, last, classes, values, sums[0]);
        return status;
    }

    static void insert(Keys keys, Keys *most) {
        if (!greater(keys, most[M - 1])) return;
        for (int place = 0; place < M; ++place) {
            const Keys before = most[place];
            most[place] = before > keys ? before : keys;
            keys = before > keys ? keys : before;
        }
    }

    i64 keep_given(i64 row, i64 lane, Keys *classes, lanes<double> *values) const {
        const i64 label = labels[row];
        if ((uint64_t)label >= (uint64_t)rows.k) return LABEL_OUT_OF_RANGE;
        for (int place = 0; place < M; ++place)
            if (classes[place][lane] == label) return FINE;
        classes[M - 1][lane] = label;
        values[M - 1][lane] = (double)*rows.cell(row, label);
        return FINE;
    }

    void write(i64 at, i64 last, const Keys *classes, const lanes<double> *values, lanes<double> total) const {
        lanes<double> known = values[0];
        for (int place = 1; place < M; ++place) known += values[place];
        const double left_out = (double)std::max<i64>(rows.k - M, 1);
        const lanes<double> others = no_less<double>(total - known, LEAST_OTHERS) / left_out;
        for (int place = 0; place <= M; ++place) {
            const lanes<double> share = no_less<double>((place < M ? values[place] : others) / total, LEAST_SHARE);
            for (i64 lane = 0; lane <= last; ++lane) {
                found.shares[place * rows.n + at + lane] = share[lane];
                if (place < M) found.classes[place * rows.n + at + lane] = classes[place][lane];
            }
        }
    }
};

template <class T, int M = MOST_CLASSES>
i64 most_probable(i64 m, const i64 *labels, const Cells<T> &rows, i64 mask, const Shares &found) {
    i64 status = FINE;
    if (m == M) {
        for (i64 at = 0; at < rows.n; at += WIDTH<double>)
            status |= MostProbable<T, M>{labels, rows, mask, found}.of_rows(at);
    } else if constexpr (M > 1) {
        status = most_probable<T, M - 1>(m, labels, rows, mask, found);
    }
    return status;
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

#define FOR_EACH_FLOAT(DEFINE) DEFINE(f4, float) DEFINE(f8, double)

// `down` is from one row to the next and `across` from one column to the next; one of them is 1.
#define GIVEN_SUMS(SUFFIX, T)                                                                                          \
    EXPORT i64 dechaff_given_sums_##SUFFIX(const i64 *labels, const T *probs, i64 n, i64 k, i64 down, i64 across,      \
                                           T *given, i64 *sums, i64 copies) {                                          \
        if (across == 1) return given_sums<T>(labels, Rows<T>(probs, n, down, k), given, sums, copies);                \
        return given_sums<T>(labels, Columns<T>{probs, n, across, k}, given, sums, copies);                            \
    }
FOR_EACH_FLOAT(GIVEN_SUMS)

#define ROW_CLASSES(SUFFIX, T)                                                                                         \
    EXPORT i64 dechaff_row_classes_##SUFFIX(const i64 *labels, const T *probs, i64 n, i64 k, i64 down, i64 across,     \
                                            const T *bars, double slack, double sums_miss, i64 of_reached,             \
                                            i32 *reached, uint8_t *ahead, i64 *pairs) {                                \
        const Reading<T> reading = {bars, (T)slack, (T)sums_miss, of_reached != 0};                                    \
        const Answers answers = {reached, ahead, pairs};                                                               \
        if (across == 1) return classes_of<T>(labels, Rows<T>(probs, n, down, k), reading, answers);                   \
        return classes_of<T>(labels, Columns<T>{probs, n, across, k}, reading, answers);                               \
    }
FOR_EACH_FLOAT(ROW_CLASSES)

#define BOUNDED_ROWS(SUFFIX, T)                                                                                        \
    EXPORT i64 dechaff_bounded_rows_##SUFFIX(const i64 *labels, const T *probs, i64 n, i64 k, i64 down, i64 across,    \
                                             const T *low, double slack, double sums_miss, const T *high,              \
                                             const T *least, double *others, void *largest, i64 code_bytes, i64 *sums, \
                                             i64 copies, i64 *pairs, i64 *doubted, i32 *unsettled, i32 *rows,          \
                                             i32 *columns, T *margins, i64 *counts) {                                  \
        const Reading<T> reading = {low, (T)slack, (T)sums_miss, true};                                                \
        const BarBounds<T> bounds = {high, least};                                                                     \
        const LeadsFound<T> leads = {rows, columns, margins};                                                          \
        const BoundedRows<T> found = {others,  largest,   code_bytes, sums,  copies,                                   \
                                      pairs,   doubted,   unsettled,  leads, counts};                                  \
        if (across == 1) return bounded_rows<T>(labels, Rows<T>(probs, n, down, k), reading, bounds, found);           \
        return bounded_rows<T>(labels, Columns<T>{probs, n, across, k}, reading, bounds, found);                       \
    }
FOR_EACH_FLOAT(BOUNDED_ROWS)

EXPORT i64 dechaff_count_pairs(const i64 *labels, const i32 *reached, i64 n, i64 k, i64 *pairs) {
    for (i64 at = 0; at < n; ++at)
        if (reached[at] >= 0) ++pairs[labels[at] * k + reached[at]];
    return 0;
}

#define LEADING_ROWS(SUFFIX, T)                                                                                        \
    EXPORT i64 dechaff_gather_leads_##SUFFIX(                                                                          \
        const i64 *labels, const T *probs, i64 n, i64 stride, i64 k, i64 first_row, i64 row_number,                    \
        const uint8_t *marked, const uint8_t *least_mark, const i64 *first, const i64 *others, const T *least,         \
        uint32_t *counts, i64 bins, i64 apart, void *leads, i64 room, i64 *n_leads) {                                  \
        const LeadWriter<T> writer = {labels, {probs, n, stride, k}, row_number, marked, least_mark,                   \
                                      {first, others, least}, {counts, bins}, (Lead *)leads, room, apart};             \
        const auto done = gather_leads<T>(writer, first_row);                                                          \
        *n_leads = done.n;                                                                                             \
        return done.row;                                                                                               \
    }                                                                                                                  \
    EXPORT i64 dechaff_part_leads_##SUFFIX(const void *leads, i64 n, i64 shift, const i64 *edge_cells,                 \
                                           uint8_t *chosen, i64 *next, void *found) {                                  \
        part_leads<T>((const Lead *)leads, n, shift, edge_cells, chosen, next, (CloseLead<T> *)found);                 \
        return 0;                                                                                                      \
    }                                                                                                                  \
    EXPORT i64 dechaff_find_edges_##SUFFIX(const i64 *labels, const T *probs, i64 n, i64 stride, i64 k,                \
                                           const i64 *others, i64 shift, void *found, const i64 *starts,               \
                                           const i64 *rest, i64 n_pairs, T *spare, void *edges) {                      \
        CloseLead<T> *const leads = (CloseLead<T> *)found;                                                             \
        fetch_margins<T>(labels, {probs, n, stride, k}, others, shift, leads, starts[n_pairs]);                        \
        find_edges<T>(leads, starts, rest, n_pairs, spare, (Edge<T> *)edges);                                          \
        return 0;                                                                                                      \
    }                                                                                                                  \
    EXPORT i64 dechaff_mark_leads_##SUFFIX(const void *found, i64 n, i64 shift, const void *edges, uint8_t *chosen) {  \
        for (i64 at = 0; at < n; ++at) {                                                                               \
            const CloseLead<T> close = ((const CloseLead<T> *)found)[at];                                              \
            const Edge<T> edge = ((const Edge<T> *)edges)[close.lead.cell >> shift];                                   \
            chosen[close.lead.row] |=                                                                                  \
                (close.margin > edge.margin) | ((close.margin == edge.margin) & ((i64)close.lead.row <= edge.last));   \
        }                                                                                                              \
        return 0;                                                                                                      \
    }
FOR_EACH_FLOAT(LEADING_ROWS)

#define MOST_PROBABLE(SUFFIX, T)                                                                                       \
    EXPORT i64 dechaff_most_probable_##SUFFIX(const i64 *labels, const T *probs, i64 n, i64 k, i64 down, i64 across,   \
                                              i64 mask, i64 m, i64 *classes, double *shares) {                         \
        return most_probable<T>(m, labels, {probs, n, k, down, across}, mask, {classes, shares});                      \
    }
FOR_EACH_FLOAT(MOST_PROBABLE)

EXPORT i64 dechaff_find_edge_cells(uint32_t *counts, i64 bins, const i64 *wanted, i64 n_pairs, i64 *edge_cells,
                                   i64 *rest) {
    find_edge_cells({counts, bins}, wanted, n_pairs, edge_cells, rest);
    return 0;
}

// ------------------------------------------------------------------------------------- sums over single pairs of rows

namespace {

typedef double Eight __attribute__((vector_size(64), aligned(8)));
typedef float EightFloats __attribute__((vector_size(32), aligned(4), may_alias));

struct RowPairs {
    const float *left, *right;
    i64 k, left_stride, right_stride;
    const i64 *mine, *theirs;
    i64 n;
};

// Column j goes to sum j mod 8 whatever the width of a register, and the eight are added in pairs. A product of two
// floats is exact in double.
template <class Term> void pair_sums(const RowPairs &pairs, double *sums, Term term) {
    constexpr i64 AHEAD = 4, LINE = 64 / sizeof(float);
    for (i64 at = 0; at < pairs.n; ++at) {
        if (at + AHEAD < pairs.n) {
            const float *soon = pairs.right + pairs.theirs[at + AHEAD] * pairs.right_stride;
            for (i64 place = 0; place < pairs.k; place += LINE) __builtin_prefetch(soon + place);
        }
        const float *left = pairs.left + pairs.mine[at] * pairs.left_stride;
        const float *right = pairs.right + pairs.theirs[at] * pairs.right_stride;
        Eight sum = {};
        i64 place = 0;
        for (; place + 8 <= pairs.k; place += 8) {
            const Eight ours = __builtin_convertvector(*(const EightFloats *)(left + place), Eight);
            const Eight other = __builtin_convertvector(*(const EightFloats *)(right + place), Eight);
            sum += term(ours, other);
        }
        for (i64 lane = 0; place < pairs.k; ++place, ++lane)
            sum[lane] += term((double)left[place], (double)right[place]);
        sums[at] = ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
    }
}

}  // namespace

EXPORT i64 dechaff_pair_sums(const float *left, const float *right, i64 k, i64 left_stride, i64 right_stride,
                             const i64 *mine, const i64 *theirs, i64 n, i64 of_squared_differences, double *sums) {
    const RowPairs pairs = {left, right, k, left_stride, right_stride, mine, theirs, n};
    if (of_squared_differences) pair_sums(pairs, sums, [](auto one, auto other) { return (one - other) * (one - other); });
    else pair_sums(pairs, sums, [](auto one, auto other) { return one * other; });
    return 0;
}

// ------------------------------------------------------------------------- the true class of a row, by its few classes

namespace {

// Number j of row i at place j * n + i; the chance of a label where a class is true at [label * k + class].
struct FewClasses {
    const i64 *classes;
    const float *probs, *rest, *logs;
    i64 n, m;
    const float *chances;
    i64 k;
};

constexpr int BRIEF_CLASSES = 3;
constexpr float LEAST = 1e-26f, LEAST_REST = 1e-6f, AGREED = 0.5f;

// One row a lane, each of M classes. Every sum is taken in the order of the classes.
template <int M> struct Deconvolution {
    static constexpr i64 W = WIDTH<float>;

    float own[M][M][W], given[M][W], rest[W];  // own[label][true]

    void read(const FewClasses &few, const i64 *rows) {
        for (i64 lane = 0; lane < W; ++lane) {
            const i64 row = rows[lane];
            i64 classes[M];
            for (int j = 0; j < M; ++j) {
                classes[j] = few.classes[j * few.n + row];
                given[j][lane] = few.probs[j * few.n + row];
            }
            float left = few.rest[row];
            for (i64 j = M; j < few.m; ++j) left += few.probs[j * few.n + row];
            rest[lane] = left;
            for (int i = 0; i < M; ++i)
                for (int j = 0; j < M; ++j) own[i][j][lane] = few.chances[classes[i] * few.k + classes[j]];
        }
    }

    static lanes<float> sum(const lanes<float> *some) {
        lanes<float> total = some[0];
        for (int j = 1; j < M; ++j) total += some[j];
        return total;
    }

    void settle(i64 steps, lanes<float> *mine) const {
        lanes<float> terms[M], others[M], ratios[M];
        for (int j = 0; j < M; ++j) {
            for (int i = 0; i < M; ++i) terms[i] = load(own[i][j]);
            others[j] = no_less<float>(1.0f - sum(terms), LEAST_REST);
            mine[j] = all((float)(1.0 / M));
        }
        for (i64 step = 0; step < steps; ++step) {
            for (int i = 0; i < M; ++i) {
                for (int j = 0; j < M; ++j) terms[j] = load(own[i][j]) * mine[j];
                ratios[i] = load(given[i]) / no_less<float>(sum(terms), LEAST);
            }
            for (int j = 0; j < M; ++j) terms[j] = others[j] * mine[j];
            const lanes<float> left = load(rest) / no_less<float>(sum(terms), LEAST);
            for (int j = 0; j < M; ++j) {
                for (int i = 0; i < M; ++i) terms[i] = load(own[i][j]) * ratios[i];
                const lanes<float> pull = sum(terms) + others[j] * left;
                mine[j] *= pull;
                if (step % 2 == 0) mine[j] *= pull;
            }
            const lanes<float> scale = 1.0f / sum(mine);
            for (int j = 0; j < M; ++j) mine[j] = no_less<float>(mine[j] * scale, LEAST);
        }
    }
};

template <int M> void deconvolve_some(const FewClasses &few, const i64 *rows, i64 steps, float *found) {
    Deconvolution<M> rows_of_lanes;
    lanes<float> mine[M];
    rows_of_lanes.read(few, rows);
    rows_of_lanes.settle(steps, mine);
    for (i64 lane = 0; lane < WIDTH<float>; ++lane) {
        for (int j = 0; j < M; ++j) found[j * few.n + rows[lane]] = mine[j][lane];
        for (i64 j = M; j < few.m; ++j) found[j * few.n + rows[lane]] = 0;
    }
}

template <int M = MOST_CLASSES>
void deconvolve(i64 m, const FewClasses &few, const i64 *rows, i64 steps, float *found) {
    if (m == M) deconvolve_some<M>(few, rows, steps, found);
    else if constexpr (M > 1) deconvolve<M - 1>(m, few, rows, steps, found);
}

// Rows that take the same steps wait for each other until they fill the lanes.
template <class Brief> void deconvolved(const FewClasses &few, Brief brief, i64 steps, float *found) {
    constexpr i64 W = WIDTH<float>;
    i64 waiting[2][W];
    i64 filled[2] = {0, 0};
    const auto work = [&](int kind) {
        const i64 m = kind ? std::min<i64>(few.m, BRIEF_CLASSES) : few.m;
        deconvolve(m, few, waiting[kind], kind ? steps / 2 : steps, found);
        filled[kind] = 0;
    };
    for (i64 row = 0; row < few.n; ++row) {
        const int kind = brief(row);
        waiting[kind][filled[kind]++] = row;
        if (filled[kind] == W) work(kind);
    }
    for (int kind = 0; kind < 2; ++kind) {
        if (!filled[kind]) continue;
        while (filled[kind] < W) waiting[kind][filled[kind]++] = waiting[kind][0];
        work(kind);
    }
}

constexpr float POSTERIOR_STEPS = 1 << 30;

struct Posteriors {
    float *given, *others;
    i64 *suggested;
    double *suggested_prob, *lead;
    i64 *joint;  // (k, k)
};

// How far the first class that is not the given one is ahead of it.
inline double rival_less_own(const float *values, i64 n, bool first_is_own, i64 place_of_own) {
    return (double)values[first_is_own ? n : 0] - (double)values[place_of_own * n];
}

i64 row_posteriors(const i64 *labels, const FewClasses &few, const float *true_probs, const Posteriors &found) {
    i64 status = FINE;
    for (i64 row = 0; row < few.n; ++row) {
        if ((uint64_t)labels[row] >= (uint64_t)few.k) {
            status |= LABEL_OUT_OF_RANGE;
            continue;
        }
        const float *chances = few.chances + labels[row] * few.k;
        i64 *joint = found.joint + labels[row] * few.k, classes[MOST_CLASSES] = {}, best = 0, place = 0;
        float likely[MOST_CLASSES] = {}, total = 0, others = 0, most = 0;
        for (i64 j = 0; j < few.m; ++j) {
            classes[j] = few.classes[j * few.n + row];
            likely[j] = true_probs[j * few.n + row] * chances[classes[j]];
            const bool own = classes[j] == labels[row];
            const float other = own ? 0 : likely[j];
            if (own) place = j;
            total += likely[j];
            others += other;
            if (!j) most = other;
            if (other > most) best = j;
            if (other > most || other != other) most = other;
        }
        for (i64 j = 0; j < few.m; ++j) {
            const float share = likely[j] / total;
            joint[classes[j]] += share <= 1 ? __builtin_llrintf(share * POSTERIOR_STEPS) : 0;
        }
        found.given[row] = likely[place];
        found.others[row] = others;
        found.suggested[row] = classes[best];
        found.suggested_prob[row] = (double)(likely[best] / total);
        found.lead[row] = rival_less_own(few.logs + row, few.n, place == 0, place);
    }
    return status;
}

}  // namespace

EXPORT i64 dechaff_deconvolved(const i64 *classes, const float *probs, const float *rest, const float *logs, i64 n, i64 m,
                               const float *chances, i64 k, const uint8_t *brief, i64 steps, float *found) {
    deconvolved({classes, probs, rest, logs, n, m, chances, k}, [&](i64 row) { return brief[row] != 0; }, steps, found);
    return 0;
}

EXPORT i64 dechaff_row_posteriors(const i64 *labels, const i64 *classes, const float *probs, const float *rest,
                                  const float *logs, i64 n, i64 m, const float *chances, i64 k, i64 steps, float *room,
                                  float *given, float *others, i64 *suggested, double *suggested_prob, double *lead,
                                  i64 *joint) {
    const FewClasses few = {classes, probs, rest, logs, n, m, chances, k};
    const auto agreed = [&](i64 row) { return classes[row] == labels[row] && probs[row] > AGREED; };
    deconvolved(few, agreed, steps, room);
    return row_posteriors(labels, few, room, {given, others, suggested, suggested_prob, lead, joint});
}

// ------------------------------------------------------------------------------------------------ sets of hashes

namespace {

// The finaliser of MurmurHash3.
inline uint64_t mix(uint64_t value) {
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCDu;
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53u;
    return value ^ value >> 33;
}

}  // namespace

// A hash of every run of eight bytes of n texts, of shorter ones one of all bytes; eight more bytes can be read.
EXPORT i64 dechaff_run_hashes(const char *bytes, const i64 *firsts, const i64 *sizes, i64 n, uint64_t *out) {
    for (i64 text = 0; text < n; ++text) {
        const i64 runs = sizes[text] > 8 ? sizes[text] - 7 : sizes[text] > 0;
        const uint64_t mask = sizes[text] >= 8 ? UINT64_MAX : ((uint64_t)1 << 8 * sizes[text]) - 1;
        for (i64 at = 0; at < runs; ++at) {
            uint64_t eight;
            std::memcpy(&eight, bytes + firsts[text] + at, 8);
            *out++ = mix(eight & mask);
        }
    }
    return 0;
}

// The least product of the high half of any hash of a run with each factor, modulo 2**32: out[j * n + run].
EXPORT i64 dechaff_least_products(const uint64_t *hashes, const i64 *firsts, const i64 *counts, i64 n,
                                  const uint32_t *factors, i64 k, uint32_t *out) {
    constexpr i64 W = 16;
    typedef uint32_t Words __attribute__((vector_size(4 * W), aligned(4), may_alias));
    for (i64 run = 0; run < n; ++run) {
        const uint64_t *first = hashes + firsts[run], *end = first + counts[run];
        i64 done = 0;
        for (; done + W <= k; done += W) {
            const Words by = *(const Words *)(factors + done);
            Words least = (Words){} - 1;
            for (const uint64_t *at = first; at < end; ++at) {
                const Words product = by * (uint32_t)(*at >> 32);
                least = product < least ? product : least;
            }
            for (i64 lane = 0; lane < W; ++lane) out[(done + lane) * n + run] = least[lane];
        }
        for (; done < k; ++done) {
            uint32_t least = UINT32_MAX;
            for (const uint64_t *at = first; at < end; ++at) least = std::min(least, (uint32_t)(*at >> 32) * factors[done]);
            out[done * n + run] = least;
        }
    }
    return 0;
}

// How many hashes two ascending sets of different hashes have in common, for each of n pairs of sets.
EXPORT i64 dechaff_common_counts(const uint64_t *hashes, const i64 *starts, const i64 *sizes, const i64 *pairs, i64 n,
                                 i64 *out) {
    for (i64 at = 0; at < n; ++at) {
        const i64 one = pairs[2 * at], other = pairs[2 * at + 1];
        const uint64_t *left = hashes + starts[one], *right = hashes + starts[other];
        const uint64_t *left_end = left + sizes[one], *right_end = right + sizes[other];
        i64 common = 0;
        while (left < left_end && right < right_end) {
            const uint64_t ours = *left, theirs = *right;
            common += ours == theirs;
            left += ours <= theirs;
            right += theirs <= ours;
        }
        out[at] = common;
    }
    return 0;
}
