// After the specification of LZMA by Igor Pavlov (public domain), with the names it uses. The whole output is the dictionary.
#include "lzma.h"
#include <stdint.h>

#define HEADER_BYTES 13
#define BIT_MODEL_BITS 11
#define MOVE_BITS 5
#define PROBABILITY_HALF (1 << (BIT_MODEL_BITS - 1))
#define RANGE_MIN (1u << 24)

#define STATES 12
#define POSITION_BITS_MAX 4
#define LENGTH_TO_POSITION_STATES 4
#define ALIGN_BITS 4
#define END_POSITION_MODEL 14
#define FULL_DISTANCES (1 << (END_POSITION_MODEL / 2))
#define MATCH_LENGTH_MIN 2
// lc + lp of an LZMA file is at most 8 + 4: 0x300 << 12 probabilities.
#define LITERAL_BITS_MAX 12

typedef uint16_t Probability;

typedef struct {
  const unsigned char *at, *end;
  uint32_t range, code;
  // The input ended before the output did.
  int is_short;
} RangeDecoder;

static unsigned next_byte(RangeDecoder *coder) {
  if (coder->at < coder->end) return *coder->at++;
  coder->is_short = 1;
  return 0;
}

static inline void normalize(RangeDecoder *coder) {
  if (coder->range >= RANGE_MIN) return;
  coder->range <<= 8;
  coder->code = coder->code << 8 | next_byte(coder);
}

static inline unsigned decode_bit(RangeDecoder *coder, Probability *probability) {
  uint32_t bound = (coder->range >> BIT_MODEL_BITS) * *probability;
  unsigned bit = coder->code >= bound;
  if (bit) {
    *probability -= *probability >> MOVE_BITS;
    coder->code -= bound;
    coder->range -= bound;
  } else {
    *probability += ((1 << BIT_MODEL_BITS) - *probability) >> MOVE_BITS;
    coder->range = bound;
  }
  normalize(coder);
  return bit;
}

static uint32_t decode_direct(RangeDecoder *coder, unsigned bits) {
  uint32_t result = 0;
  while (bits-- > 0) {
    coder->range >>= 1;
    unsigned bit = coder->code >= coder->range;
    if (bit) coder->code -= coder->range;
    normalize(coder);
    result = result << 1 | bit;
  }
  return result;
}

static unsigned decode_tree(RangeDecoder *coder, Probability *tree, unsigned bits) {
  unsigned symbol = 1;
  for (unsigned i = 0; i < bits; i++) symbol = symbol << 1 | decode_bit(coder, &tree[symbol]);
  return symbol - (1u << bits);
}

static unsigned decode_reverse(RangeDecoder *coder, Probability *tree, unsigned bits) {
  unsigned symbol = 1, result = 0;
  for (unsigned i = 0; i < bits; i++) {
    unsigned bit = decode_bit(coder, &tree[symbol]);
    symbol = symbol << 1 | bit;
    result |= bit << i;
  }
  return result;
}

typedef struct {
  Probability choice[2], low[1 << POSITION_BITS_MAX][1 << 3], middle[1 << POSITION_BITS_MAX][1 << 3], high[1 << 8];
} LengthModel;

static unsigned decode_length(RangeDecoder *coder, LengthModel *model, unsigned position_state) {
  if (!decode_bit(coder, &model->choice[0])) return decode_tree(coder, model->low[position_state], 3);
  if (!decode_bit(coder, &model->choice[1])) return 8 + decode_tree(coder, model->middle[position_state], 3);
  return 16 + decode_tree(coder, model->high, 8);
}

// Nothing but probabilities, so that all begin as one half.
typedef struct {
  Probability is_match[STATES][1 << POSITION_BITS_MAX], is_repeat[STATES], is_repeat_0[STATES], is_repeat_1[STATES],
      is_repeat_2[STATES], is_repeat_0_long[STATES][1 << POSITION_BITS_MAX];
  Probability slots[LENGTH_TO_POSITION_STATES][1 << 6], positions[1 + FULL_DISTANCES - END_POSITION_MODEL], align[1 << ALIGN_BITS];
  LengthModel length, repeat_length;
  Probability literals[0x300 << LITERAL_BITS_MAX];
} Model;

static uint32_t decode_distance(RangeDecoder *coder, Model *model, unsigned length) {
  unsigned state = length < LENGTH_TO_POSITION_STATES ? length : LENGTH_TO_POSITION_STATES - 1;
  unsigned slot = decode_tree(coder, model->slots[state], 6);
  if (slot < 4) return slot;
  unsigned direct = (slot >> 1) - 1;
  uint32_t distance = (2 | (slot & 1)) << direct;
  if (slot < END_POSITION_MODEL) return distance + decode_reverse(coder, model->positions + distance - slot, direct);
  distance += decode_direct(coder, direct - ALIGN_BITS) << ALIGN_BITS;
  return distance + decode_reverse(coder, model->align, ALIGN_BITS);
}

// `matched`: the byte at the last distance when a match has just ended; else -1.
static unsigned char decode_literal(RangeDecoder *coder, Probability *literals, int matched) {
  unsigned symbol = 1;
  if (matched >= 0) {
    do {
      unsigned expected = (unsigned)matched >> 7 & 1;
      matched <<= 1;
      unsigned bit = decode_bit(coder, &literals[((1 + expected) << 8) + symbol]);
      symbol = symbol << 1 | bit;
      if (expected != bit) break;
    } while (symbol < 0x100);
  }
  while (symbol < 0x100) symbol = symbol << 1 | decode_bit(coder, &literals[symbol]);
  return (unsigned char)symbol;
}

int lzma_decode(const unsigned char *in, size_t in_length, unsigned char *out, size_t out_length) {
  static Model model;
  if (in_length < HEADER_BYTES + 5 || in[0] >= 9 * 5 * 5) return 0;
  const unsigned lc = in[0] % 9, lp = in[0] / 9 % 5, pb = in[0] / 9 / 5;
  Probability *all = (Probability *)&model;
  for (size_t i = 0; i < sizeof model / sizeof *all; i++) all[i] = PROBABILITY_HALF;

  RangeDecoder coder = {in + HEADER_BYTES, in + in_length, 0xFFFFFFFF, 0, 0};
  if (next_byte(&coder) != 0) return 0;
  for (int i = 0; i < 4; i++) coder.code = coder.code << 8 | next_byte(&coder);

  size_t at = 0;
  uint32_t distances[4] = {0};
  unsigned state = 0;
  while (!coder.is_short) {
    const unsigned position_state = at & ((1u << pb) - 1);
    if (!decode_bit(&coder, &model.is_match[state][position_state])) {
      if (at == out_length || (state >= 7 && distances[0] >= at)) return 0;
      const unsigned before = at > 0 ? out[at - 1] : 0;
      const unsigned context = (unsigned)(at & ((1u << lp) - 1)) << lc | before >> (8 - lc);
      const int matched = state >= 7 ? out[at - distances[0] - 1] : -1;
      out[at++] = decode_literal(&coder, model.literals + 0x300 * context, matched);
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    unsigned length;
    if (!decode_bit(&coder, &model.is_repeat[state])) {
      for (int i = 3; i > 0; i--) distances[i] = distances[i - 1];
      length = decode_length(&coder, &model.length, position_state);
      state = state < 7 ? 7 : 10;
      distances[0] = decode_distance(&coder, &model, length);
      // The mark of the end.
      if (distances[0] == 0xFFFFFFFF) return !coder.is_short && at == out_length && coder.code == 0 && coder.at == coder.end;
    } else {
      if (!decode_bit(&coder, &model.is_repeat_0[state])) {
        if (!decode_bit(&coder, &model.is_repeat_0_long[state][position_state])) {
          if (at == out_length || distances[0] >= at) return 0;
          out[at] = out[at - distances[0] - 1];
          at++;
          state = state < 7 ? 9 : 11;
          continue;
        }
      } else {
        unsigned which = !decode_bit(&coder, &model.is_repeat_1[state]) ? 1 : !decode_bit(&coder, &model.is_repeat_2[state]) ? 2 : 3;
        uint32_t distance = distances[which];
        for (; which > 0; which--) distances[which] = distances[which - 1];
        distances[0] = distance;
      }
      length = decode_length(&coder, &model.repeat_length, position_state);
      state = state < 7 ? 8 : 11;
    }
    length += MATCH_LENGTH_MIN;
    if (distances[0] >= at || length > out_length - at) return 0;
    for (const unsigned char *from = out + at - distances[0] - 1; length > 0; length--) out[at++] = *from++;
  }
  return 0;
}
