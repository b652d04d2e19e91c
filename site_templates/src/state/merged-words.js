/**
 * Words from subwords: tokens that stand side by side within one word are joined by their character offsets.
 * Attention to a word is the sum over its tokens; attention from a word is the mean over them.
 * @import { Attention, Tokens } from '../data/types.js'
 */
import { codePointSlicer } from '../data/texts.js';

/**
 * @typedef {object} Words
 * @property {Uint32Array} starts the first token of each word, and at the end the number of tokens
 * @property {Uint32Array} wordOf the word of each token
 */

/** Scripts that set no spaces between words: there a token stays one. */
const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{sc=${script}}`).join('');

/** What a word goes on with: letters, their marks and digits. */
const WITHIN = new RegExp(`^(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}_]$`, 'u');

/**
 * Which tokens make up each word.
 * @param {string} text the document's
 * @param {Pick<Tokens, 'texts' | 'start' | 'end' | 'special' | 'segment'>} tokens
 * @returns {Words}
 */
export function findWords(text, tokens) {
  const slice = codePointSlicer(text);
  const inWord = (/** @type {number} */ at) => WITHIN.test(slice(at, at + 1));
  const { start, end, segment, special } = tokens;
  /** Whether a token goes on with the word before it. @param {number} i */
  const goesOn = (i) => {
    if (start[i] < 0 || start[i - 1] < 0 || special[i] || special[i - 1] || segment[i] !== segment[i - 1]) return false;
    // Pieces of one character, as of an emoji, share its slice.
    if (start[i] < end[i - 1]) return true;
    return start[i] === end[i - 1] && inWord(start[i] - 1) && inWord(start[i]);
  };
  const wordOf = new Uint32Array(tokens.texts.length);
  const starts = wordOf.length > 0 ? [0] : [];
  for (let i = 1; i < wordOf.length; i++) {
    if (!goesOn(i)) starts.push(i);
    wordOf[i] = starts.length - 1;
  }
  return { starts: Uint32Array.from([...starts, wordOf.length]), wordOf };
}

/**
 * Words in place of tokens: what a view shows of tokens it can show of these.
 * @param {string} text
 * @param {Tokens} tokens
 * @param {Words} words
 * @returns {Tokens}
 */
export function mergeTokens(text, tokens, { starts }) {
  const slice = codePointSlicer(text);
  const first = starts.subarray(0, -1);
  const start = Int32Array.from(first, (token) => tokens.start[token]);
  const end = Int32Array.from(first, (_, word) => tokens.end[starts[word + 1] - 1]);
  return {
    start,
    end,
    ids: Int32Array.from(first, (token) => tokens.ids[token]),
    texts: Array.from(first, (token, word) => tokens.texts.slice(token, starts[word + 1]).join(' ')),
    // A word of several tokens has its characters whole.
    names: tokens.names && Array.from(first, (token, word) =>
      (starts[word + 1] === token + 1 ? tokens.names?.[token] : null)),
    special: Array.from(first, (token) => tokens.special[token]),
    segment: Uint8Array.from(first, (token) => tokens.segment[token]),
    row: Int16Array.from(first, (token) => tokens.row[token]),
    column: Int16Array.from(first, (token) => tokens.column[token]),
    kind: tokens.kind,
    crop: tokens.crop,
    labels: new Map([...tokens.labels].map(([name, values]) => [name, Array.from(first, (token) => values[token])])),
    surface: (word) => (start[word] < 0 ? '' : slice(start[word], end[word])),
  };
}

/**
 * Attention from words to words.
 * @param {Attention} attention
 * @param {Words} queryWords
 * @param {Words} keyWords
 * @returns {Attention}
 */
export function mergeAttention(attention, queryWords, keyWords) {
  return new MergedAttention(attention, queryWords, keyWords);
}

/** @implements {Attention} */
class MergedAttention {
  /**
   * @param {Attention} attention
   * @param {Words} queryWords
   * @param {Words} keyWords
   */
  constructor(attention, queryWords, keyWords) {
    this.attention = attention;
    this.queryWords = queryWords;
    this.keyWords = keyWords;
    this.encoding = attention.encoding;
    this.queryAxis = attention.queryAxis;
    this.keyAxis = attention.keyAxis;
    this.queries = queryWords.starts.length - 1;
    this.keys = keyWords.starts.length - 1;
    this.visited = 0;
    this.bytes = 0;
  }

  /** @param {number} query */
  row(query) {
    const { starts } = this.queryWords;
    const { wordOf } = this.keyWords;
    const sums = new Float64Array(this.keys);
    let defined = 0;
    this.visited = 0;
    for (let i = starts[query]; i < starts[query + 1]; i++) {
      const row = this.attention.row(i);
      this.visited += this.attention.visited;
      if (this.isEmpty(i)) continue;
      defined++;
      for (let j = 0; j < row.length; j++) sums[wordOf[j]] += row[j];
    }
    return sums.map((sum) => (defined === 0 ? NaN : sum / defined));
  }

  /** @param {number} key */
  column(key) {
    const { starts } = this.keyWords;
    const { wordOf } = this.queryWords;
    const sums = new Float64Array(this.queries);
    // A token that may see nothing has no share in the mean of its word.
    const defined = new Uint32Array(this.queries);
    for (let i = 0; i < wordOf.length; i++) if (!this.isEmpty(i)) defined[wordOf[i]]++;
    this.visited = 0;
    for (let j = starts[key]; j < starts[key + 1]; j++) {
      const column = this.attention.column(j);
      this.visited += this.attention.visited;
      for (let i = 0; i < column.length; i++) if (!this.isEmpty(i)) sums[wordOf[i]] += column[i];
    }
    return sums.map((sum, word) => (defined[word] === 0 ? NaN : sum / defined[word]));
  }

  /**
   * From the first to the last word that any of the query's tokens may see.
   * @param {number} query
   * @returns {[number, number]}
   */
  interval(query) {
    const { starts } = this.queryWords;
    const { wordOf } = this.keyWords;
    let first = Infinity;
    let last = -1;
    for (let i = starts[query]; i < starts[query + 1]; i++) {
      const [lo, hi] = this.attention.interval(i);
      if (hi <= lo) continue;
      first = Math.min(first, wordOf[lo]);
      last = Math.max(last, wordOf[hi - 1]);
    }
    return last < 0 ? [0, 0] : [first, last + 1];
  }

  /** The mean over the word's tokens. @param {number} query */
  sinkShare(query) {
    const { starts } = this.queryWords;
    let sum = 0;
    let defined = 0;
    for (let i = starts[query]; i < starts[query + 1]; i++) {
      if (this.isEmpty(i)) continue;
      defined++;
      sum += this.attention.sinkShare?.(i) ?? 0;
    }
    return defined === 0 ? NaN : sum / defined;
  }

  /** Whether a token may see nothing. @param {number} token */
  isEmpty(token) {
    const [lo, hi] = this.attention.interval(token);
    return hi <= lo;
  }
}
