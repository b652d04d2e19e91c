/**
 * Runs a pattern's program over a text, all threads at once (Pike 1987): each character is looked at once for each
 * instruction at most. Pure.
 * @import { Program } from './pattern.js'
 */

/** @typedef {{start: number, end: number}} Span in code points */
/** @typedef {{pc: number, start: number}} Thread */

/**
 * A text as code points. @param {string} text
 */
export function codePoints(text) {
  const points = new Uint32Array(text.length);
  let count = 0;
  for (let unit = 0; unit < text.length; count++) {
    const point = /** @type {number} */ (text.codePointAt(unit));
    points[count] = point;
    unit += point > 0xffff ? 2 : 1;
  }
  return points.subarray(0, count);
}

/**
 * The matches from left to right, none over another, the first that begins before those that begin later, and what a
 * pattern prefers before what it allows; empty ones are left out. Between them, each time so much work is done, comes
 * `null`.
 * @param {Program} program
 * @param {Uint32Array} text code points
 * @param {number} slice instructions between two nulls
 * @returns {Generator<Span | null>}
 */
export function* findMatches(program, text, slice) {
  const run = new Run(program, text);
  let from = 0;
  let steps = 0;
  while (from <= text.length) {
    run.begin();
    let at = from;
    while (run.step(at)) {
      at++;
      steps += run.threads + 1;
      if (steps >= slice) {
        steps = 0;
        yield null;
      }
    }
    const { best } = run;
    if (!best) return;
    if (best.end > best.start) yield best;
    from = Math.max(best.end, best.start + 1);
  }
}

/** The threads of one search. */
class Run {
  #program;
  #text;
  /** @type {Thread[]} */
  #now = [];
  /** @type {Thread[]} */
  #next = [];
  /** The place at which an instruction was last reached. */
  #reached;
  /** @type {Span | undefined} */
  best;

  /** @param {Program} program @param {Uint32Array} text */
  constructor(program, text) {
    this.#program = program;
    this.#text = text;
    this.#reached = new Int32Array(program.length);
  }

  get threads() {
    return this.#now.length;
  }

  begin() {
    this.#now = [];
    this.best = undefined;
    this.#reached.fill(-1);
  }

  /** Goes over one character; false where no thread is left. @param {number} at */
  step(at) {
    // A thread that begins here comes after all that began before.
    if (!this.best && at <= this.#text.length) this.#reach(this.#now, { pc: 0, start: at }, at);
    this.#next = [];
    const point = at < this.#text.length ? this.#text[at] : -1;
    for (const { pc, start } of this.#now) {
      const instruction = this.#program[pc];
      if (instruction.op === 'match') {
        this.best = { start, end: at };
        // What comes after is liked less.
        break;
      }
      if (instruction.op === 'char' && point >= 0 && instruction.test(point)) {
        this.#reach(this.#next, { pc: pc + 1, start }, at + 1);
      }
    }
    [this.#now, this.#next] = [this.#next, this.#now];
    return this.#now.length > 0 || (!this.best && at < this.#text.length);
  }

  /**
   * Adds a thread and those that it splits into, each instruction once a place.
   * @param {Thread[]} list @param {Thread} thread @param {number} at
   */
  #reach(list, { pc: first, start }, at) {
    const open = [first];
    while (open.length > 0) {
      const pc = /** @type {number} */ (open.pop());
      if (this.#reached[pc] === at) continue;
      this.#reached[pc] = at;
      const instruction = this.#program[pc];
      if (instruction.op === 'jump') open.push(instruction.to);
      else if (instruction.op === 'split') open.push(instruction.second, instruction.first);
      else if (instruction.op === 'assert') {
        if (instruction.holds(this.#text[at - 1] ?? -1, this.#text[at] ?? -1)) open.push(pc + 1);
      } else list.push({ pc, start });
    }
  }
}
