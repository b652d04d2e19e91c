/** How many points lie outside the part of a map that is in sight, and the way to see them. */
import { makePlacer } from '../../draw/project.js';
import { el, fill } from '../../parts/element.js';
import { plural } from '../../parts/numbers.js';

/** @import { Panel } from '../../draw/types.js' */

/** @param {() => void} onShowAll */
export function createOutside(onShowAll) {
  const element = el('p', { class: 'outside', hidden: true });
  return {
    element,
    /** @param {Panel | undefined} panel undefined where there is no map */
    show(panel) {
      const outside = panel ? countOutside(panel) : 0;
      element.hidden = outside === 0;
      if (outside === 0) return;
      fill(element, `${plural(outside, 'point lies', 'points lie')} outside the picture. `,
        el('button', { type: 'button', class: 'link-button', onclick: onShowAll }, 'Show all'));
    },
  };
}

/** @param {Panel} panel */
export function countOutside(panel) {
  const { first, count, rect } = panel;
  const place = makePlacer(panel);
  const spot = { x: 0, y: 0, near: 0 };
  let outside = 0;
  for (let vertex = first; vertex < first + count; vertex++) {
    const { x, y, near } = place(vertex, spot);
    if (near < 0 || x < rect.x || x > rect.x + rect.width || y < rect.y || y > rect.y + rect.height) outside++;
  }
  return outside;
}
