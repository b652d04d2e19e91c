/**
 * Integers in few bits: Rice codes of the channels of vectors, unpacked.
 * The twin, which says what they are, is generator/attnviz/rice.py.
 */

/**
 * Values of some tokens: `offset` and `width` are one a channel, `high` and `low` two streams of bits.
 * @typedef {Record<'offset' | 'width' | 'high' | 'low', ArrayLike<number>>} RiceCodes
 */

/** Bits that `wordAt` gives at least, and the most that a width may be. */
const WORD = 25;

/**
 * The integers, token after token, channel by channel; null where the streams do not have as many.
 * @param {RiceCodes} codes
 * @param {number} tokens
 * @returns {Float32Array | null}
 */
export function unpack({ offset, width, high, low }, tokens) {
  const size = width.length;
  const out = new Float32Array(tokens * size);
  let read = 0; // bits of the high stream
  let bits = 0; // bits of the low stream
  for (let c = 0; c < size; c++) {
    const w = width[c];
    if (w > WORD) return null;
    for (let t = 0; t < tokens; t++) {
      const one = nextOne(high, read);
      if (one < 0) return null;
      const u = (one - read) * 2 ** w + (wordAt(low, bits) & (2 ** w - 1));
      read = one + 1;
      bits += w;
      out[t * size + c] = offset[c] + (u % 2 ? -(u + 1) / 2 : u / 2);
    }
  }
  const isSpent = Math.ceil(read / 8) === high.length && nextOne(high, read) < 0;
  return isSpent && Math.ceil(bits / 8) === low.length ? out : null;
}

/**
 * Where the next one is in a stream of bits; −1 if there is none.
 * @param {ArrayLike<number>} bytes
 * @param {number} at
 */
function nextOne(bytes, at) {
  for (; at < bytes.length * 8; at += WORD) {
    const word = wordAt(bytes, at) & (2 ** WORD - 1);
    if (word) return at + 31 - Math.clz32(word & -word);
  }
  return -1;
}

/**
 * At least 25 bits of a stream, from bit `at` on; zeros follow its end.
 * @param {ArrayLike<number>} bytes
 * @param {number} at
 */
function wordAt(bytes, at) {
  const i = at >> 3;
  return (bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)) >>> (at & 7);
}
