/** What stands beside a token: its share in numbers of one head, in squares of several. */
import { cssColor } from '../../draw/color.js';
import { el } from '../../parts/element.js';
import { roughPercent } from '../../parts/numbers.js';
import { hueOf } from './head-chips.js';
import { LEAST } from './strokes.js';

/** @import { Rgb } from '../../draw/types.js' */
/** @import { Head } from '../../parts/types.js' */

/** Even a faint square is seen. */
const LEAST_OPACITY = 0.08;

/** @param {readonly Head[]} heads @param {readonly number[]} shares one a head @param {Rgb} page */
export function sharesBeside(heads, shares, page) {
  if (heads.length === 1) {
    return shares[0] >= LEAST ? el('span', { class: 'lines-share' }, roughPercent(shares[0])) : null;
  }
  const words = heads.flatMap(({ id }, i) => (shares[i] >= LEAST ? [`${id} ${roughPercent(shares[i])}`] : []));
  return el('span', { class: 'lines-squares', title: words.join(', ') }, ...shares.map((share, i) => {
    const square = el('i', {});
    square.style.background = cssColor(hueOf(i, page));
    square.style.opacity = String(share >= LEAST ? Math.max(LEAST_OPACITY, share) : 0);
    return square;
  }));
}
