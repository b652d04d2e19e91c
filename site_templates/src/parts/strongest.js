/** The largest of many values. Pure. */

/** @typedef {{index: number, weight: number}} Partner a token and the attention between it and the selected one */

/**
 * The largest values, largest first.
 * @param {ArrayLike<number>} values
 * @param {number} least values below it are left out
 * @param {number} most how many at most
 * @returns {Partner[]}
 */
export function strongest(values, least, most) {
  /** @type {Partner[]} */
  const best = [];
  for (let index = 0; index < values.length; index++) {
    const weight = values[index];
    if (!(weight >= least) || (best.length === most && weight <= best[most - 1].weight)) continue;
    let at = best.length;
    while (at > 0 && best[at - 1].weight < weight) at--;
    best.splice(at, 0, { index, weight });
    if (best.length > most) best.pop();
  }
  return best;
}
