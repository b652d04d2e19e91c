/** How much more often a type of token occurs among some points than among all. Pure. */

/**
 * @typedef {object} Excess of one type
 * @property {number} type
 * @property {number} inside its points among those that are looked at
 * @property {number} all its points among all
 * @property {number} ratio its share inside, divided by its share among all
 * @property {number} score see `score`
 */

/**
 * The signed root of the binomial likelihood ratio (Dunning 1993): about a standard normal deviate where points fall
 * inside by chance, and good for small counts too.
 * @param {number} inside points of a type among `total` that are looked at
 * @param {number} total
 * @param {number} share of the type among all points, in (0, 1]
 */
export function score(inside, total, share) {
  const expected = total * share;
  const deviance = 2 * (term(inside, expected) + term(total - inside, total - expected));
  return Math.sign(inside - expected) * Math.sqrt(Math.max(0, deviance));
}

/** @param {number} observed @param {number} expected */
function term(observed, expected) {
  return observed === 0 ? 0 : observed * Math.log(observed / expected);
}

/**
 * Every type that occurs inside, the most over-represented first.
 * @param {ArrayLike<number>} types the type of each point
 * @param {ArrayLike<number>} points those that are looked at, by their place in `types`
 * @param {number} known how many types there are
 * @returns {Excess[]}
 */
export function excesses(types, points, known) {
  const [all, inside] = [new Uint32Array(known), new Uint32Array(known)];
  for (let point = 0; point < types.length; point++) all[types[point]]++;
  for (let i = 0; i < points.length; i++) inside[types[points[i]]]++;
  /** @type {Excess[]} */
  const rows = [];
  for (let type = 0; type < known; type++) {
    if (inside[type] === 0) continue;
    const share = all[type] / types.length;
    rows.push({
      type, inside: inside[type], all: all[type], ratio: inside[type] / points.length / share,
      score: score(inside[type], points.length, share),
    });
  }
  return rows.sort((a, b) => b.score - a.score || b.inside - a.inside || a.type - b.type);
}
