/** Scales from numbers to a ramp, with the ticks that stand under it. Pure. */

/** @typedef {{at: number, text: string}} Tick `at` from 0 to 1 along the ramp */
/**
 * @typedef {{place: (value: number) => number, ticks: Tick[]}} Scale `place` gives 0 to 1, NaN for what has no place
 */

const TICKS = 4;
const grouped = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });

/**
 * The scale of some values; NaN and, on a logarithmic scale, what is not positive have no place.
 * @param {Iterable<number>} values
 * @param {{log?: boolean, from?: number, to?: number}} [options] `from`, `to`: ends in place of the values' own
 * @returns {Scale}
 */
export function makeScale(values, { log = false, from, to } = {}) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  low = from ?? (low === Infinity ? 0 : low);
  high = to ?? (high === -Infinity ? low : high);
  const bend = (/** @type {number} */ value) => (log ? Math.log10(value) : value);
  const [start, end] = [bend(low), bend(high)];
  const place = (/** @type {number} */ value) => {
    if (!Number.isFinite(value) || (log && value <= 0)) return NaN;
    return end > start ? Math.min(Math.max((bend(value) - start) / (end - start), 0), 1) : 0.5;
  };
  const marks = end > start ? (log ? logMarks(low, high) : marksBetween(low, high)) : [low];
  return { place, ticks: marks.map((value) => ({ at: place(value), text: grouped.format(value) })) };
}

/** Round numbers in a range, at most TICKS + 1. @param {number} low @param {number} high */
function marksBetween(low, high) {
  const rough = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const marks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    marks.push(Number((k * step).toPrecision(12)));
  }
  return marks;
}

/**
 * Powers of ten in a range, thinned; with halves between where there are few.
 * @param {number} low
 * @param {number} high
 */
function logMarks(low, high) {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  const all = Array.from({ length: last - first + 1 },
    (_, i) => factors.map((factor) => Number((factor * 10 ** (first + i)).toPrecision(3)))).flat()
    .filter((value) => value >= low * 0.999 && value <= high * 1.001);
  const stride = Math.max(1, Math.ceil(all.length / (TICKS + 1)));
  const marks = all.filter((_, i) => i % stride === 0);
  return marks.length > 0 ? marks : [low, high];
}
