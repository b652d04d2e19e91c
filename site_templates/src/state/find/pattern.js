/**
 * Regular expressions that cannot run away: a pattern becomes a program for matches.js, whose work grows with the text
 * and never with the ways to match it (Thompson 1968). What a single character must be is left to the browser's own
 * expressions. There are no look-arounds and no back-references: they are what makes others slow. Pure.
 */

/**
 * @typedef {{op: 'char', test: (point: number) => boolean}
 *   | {op: 'split', first: number, second: number}
 *   | {op: 'jump', to: number}
 *   | {op: 'assert', holds: (before: number, after: number) => boolean}
 *   | {op: 'match'}} Instruction
 *   `first` is tried before `second`; code points before and after a place, −1 where the text begins or ends
 */
/** @typedef {readonly Instruction[]} Program */

/** What is wrong with a pattern, or with the work that it would take: a sentence. */
export class PatternError extends Error {}

const LONGEST = 400;
/** Repeated groups are written out: so many instructions at most. */
const MOST_INSTRUCTIONS = 1000;
const TOO_MUCH = 'The pattern repeats too much to be tried.';
const WORD = /[\p{L}\p{N}\p{M}_]/u;
/** Written without spaces between words. */
const SCRIPTS = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar'];
const UNSPACED = new RegExp(`[${SCRIPTS.map((name) => `\\p{Script=${name}}`).join('')}]`, 'u');
const NEWLINE = 10;
/** A set, a class, a character by its number, one after a backslash, one as it is. */
const PIECE =
  /^(?:\[(?:\\.|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\?.)/su;

/** Whether a code point can be part of a word; −1 is none. @param {number} point */
function isWord(point) {
  return point >= 0 && WORD.test(String.fromCodePoint(point));
}

/** @type {Record<string, (before: number, after: number) => boolean>} */
const ASSERTIONS = {
  '^': (before) => before === -1 || before === NEWLINE,
  $: (_, after) => after === -1 || after === NEWLINE,
  '\\b': (before, after) => isWord(before) !== isWord(after),
  '\\B': (before, after) => isWord(before) === isWord(after),
};

/**
 * A pattern's program. `^` and `$` are the ends of lines, `\b` an edge of a word in any script.
 * @param {string} source as JavaScript writes it, without look-arounds and back-references
 * @param {{ignoreCase: boolean}} flags
 * @returns {Program}
 * @throws {PatternError}
 */
export function compilePattern(source, { ignoreCase }) {
  if (source.length > LONGEST) throw new PatternError(`A pattern has at most ${LONGEST} characters.`);
  const parser = new Parser(source, ignoreCase);
  const program = [...parser.alternatives(), /** @type {Instruction} */ ({ op: 'match' })];
  if (!parser.ended) throw new PatternError('A “)” has no “(” before it; write \\) for the sign itself.');
  return program;
}

/**
 * The program of a plain text: as it is, but for capital letters, and no part of a longer word.
 * @param {string} text not empty
 * @returns {Program}
 */
export function compileWords(text) {
  const points = Array.from(text);
  const edge = (/** @type {string | undefined} */ end) => (
    end !== undefined && WORD.test(end) && !UNSPACED.test(end) ? [assertion('\\b')] : []);
  return [
    ...edge(points[0]),
    ...points.map((point) => character(/\s/.test(point) ? '\\s' : escaped(point), true)),
    ...edge(points.at(-1)),
    { op: 'match' },
  ];
}

/** @param {string} point */
function escaped(point) {
  return point.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}

/** @param {string} name @returns {Instruction} */
function assertion(name) {
  return { op: 'assert', holds: ASSERTIONS[name] };
}

/**
 * One character, as the browser's own expressions have it; each is asked once.
 * @param {string} source @param {boolean} ignoreCase @returns {Instruction}
 */
function character(source, ignoreCase) {
  let expression;
  try {
    expression = new RegExp(`^(?:${source})$`, ignoreCase ? 'iu' : 'u');
  } catch {
    throw new PatternError(`“${source}” is no character and no set of characters.`);
  }
  const native = expression;
  /** @type {Map<number, boolean>} */
  const known = new Map();
  return { op: 'char', test(point) {
    let answer = known.get(point);
    if (answer === undefined) known.set(point, answer = native.test(String.fromCodePoint(point)));
    return answer;
  } };
}

/** Reads a pattern from left to right; each method returns the program of what it has read. */
class Parser {
  #source;
  #ignoreCase;
  #at = 0;

  /** @param {string} source @param {boolean} ignoreCase */
  constructor(source, ignoreCase) {
    this.#source = source;
    this.#ignoreCase = ignoreCase;
  }

  get ended() {
    return this.#at >= this.#source.length;
  }

  /** What stands between bars, the first before the others. @returns {Instruction[]} */
  alternatives() {
    let program = this.#sequence();
    while (this.#take('|')) program = either(program, this.#sequence());
    return program;
  }

  #sequence() {
    /** @type {Instruction[]} */
    let program = [];
    while (!this.ended && !/^[|)]/.test(this.#rest)) {
      program = follow(program, this.#repeated());
      if (program.length > MOST_INSTRUCTIONS) throw new PatternError(TOO_MUCH);
    }
    return program;
  }

  /** One piece, as often as the sign after it says. */
  #repeated() {
    const piece = this.#piece();
    const sign = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})(\??)/.exec(this.#rest);
    if (!sign) return piece;
    this.#at += sign[0].length;
    const [text, low, comma, high, lazy] = sign;
    const least = low === undefined ? Number(text.startsWith('+')) : Number(low);
    const most = low === undefined ? (text.startsWith('?') ? 1 : Infinity)
      : comma === '' ? least : high === '' ? Infinity : Number(high);
    return repeat(piece, { least, most, lazy: lazy !== '' });
  }

  /** @returns {Instruction[]} */
  #piece() {
    if (this.#take('(')) return this.#group();
    const rest = this.#rest;
    const sign = /^(?:\^|\$|\\[bB])/.exec(rest);
    if (sign) {
      this.#at += sign[0].length;
      return [assertion(sign[0])];
    }
    if (/^[*+?]/.test(rest)) throw new PatternError(`There is nothing that “${rest[0]}” could repeat.`);
    if (/^\\(?:[1-9]|k<)/.test(rest)) throw new PatternError('Back-references are not known here.');
    const piece = PIECE.exec(rest);
    if (!piece || piece[0] === '[' || piece[0] === '\\') {
      throw new PatternError(rest.startsWith('[') ? 'A “[” has no “]” after it.' : 'A “\\” has nothing after it.');
    }
    this.#at += piece[0].length;
    // A sign that means nothing after a backslash stands for itself, and so does a brace that counts nothing.
    const plain = /^(?:\\[^\w\s]|[\]{}])$/u.exec(piece[0]);
    return [character(plain ? escaped(piece[0].at(-1) ?? '') : piece[0], this.#ignoreCase)];
  }

  #group() {
    if (this.#rest.startsWith('?') && !this.#take('?:')) {
      throw new PatternError('Of groups only ( ) and (?: ) are known here: no look-arounds, no names.');
    }
    const program = this.alternatives();
    if (!this.#take(')')) throw new PatternError('A “(” has no “)” after it.');
    return program;
  }

  get #rest() {
    return this.#source.slice(this.#at);
  }

  /** Goes over a text if it comes next. @param {string} text */
  #take(text) {
    const next = this.#rest.startsWith(text);
    if (next) this.#at += text.length;
    return next;
  }
}

/**
 * The same program from another place on.
 * @param {readonly Instruction[]} program @param {number} by @returns {Instruction[]}
 */
function moved(program, by) {
  return program.map((instruction) => (
    instruction.op === 'split' ? { ...instruction, first: instruction.first + by, second: instruction.second + by }
      : instruction.op === 'jump' ? { ...instruction, to: instruction.to + by } : instruction));
}

/** @param {readonly Instruction[]} one @param {readonly Instruction[]} next @returns {Instruction[]} */
function follow(one, next) {
  return [...one, ...moved(next, one.length)];
}

/** @param {readonly Instruction[]} one @param {readonly Instruction[]} other @returns {Instruction[]} */
function either(one, other) {
  const end = one.length + other.length + 2;
  return [{ op: 'split', first: 1, second: one.length + 2 }, ...moved(one, 1), { op: 'jump', to: end },
    ...moved(other, one.length + 2)];
}

/**
 * @param {readonly Instruction[]} piece
 * @param {{least: number, most: number, lazy: boolean}} times
 * @returns {Instruction[]}
 */
function repeat(piece, { least, most, lazy }) {
  if (most < least) throw new PatternError(`{${least},${most}} is no range: the first number is the smaller.`);
  const copies = most === Infinity ? least + 1 : most;
  if (copies * (piece.length + 1) > MOST_INSTRUCTIONS) throw new PatternError(TOO_MUCH);
  /** @type {Instruction[]} */
  let program = [];
  for (let copy = 0; copy < least; copy++) program = follow(program, piece);
  const [enter, leave] = [1, piece.length + (most === Infinity ? 2 : 1)];
  /** @type {Instruction} */
  const choice = { op: 'split', first: lazy ? leave : enter, second: lazy ? enter : leave };
  if (most === Infinity) return follow(program, [choice, ...moved(piece, 1), { op: 'jump', to: 0 }]);
  /** @type {Instruction[]} */
  let optional = [];
  for (let copy = least; copy < most; copy++) {
    // Each further copy is inside the one before: whoever leaves one leaves all.
    const inner = [...piece, ...moved(optional, piece.length)];
    const end = inner.length + 1;
    optional = [{ op: 'split', first: lazy ? end : 1, second: lazy ? 1 : end }, ...moved(inner, 1)];
  }
  return follow(program, optional);
}
