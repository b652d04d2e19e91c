/** What is printed: the figure and its caption on a page, in place of the viewer. */
import { el, fill } from '../../parts/element.js';

/** @import { Plate } from './entries.js' */

/** @param {() => Plate | undefined} makePlate of what is seen */
export function createPrint(makePlate) {
  const sheet = el('figure', { class: 'print-sheet' });
  let prepared = false;
  const prepare = () => {
    const plate = prepared ? undefined : makePlate();
    if (!plate) return;
    prepared = true;
    const { svg, size, caption } = plate;
    // As wide as the paper, and no larger than it is.
    svg.setAttribute('width', '100%');
    svg.removeAttribute('height');
    svg.style.maxWidth = `${size.width}px`;
    fill(sheet, svg, el('figcaption', {}, caption));
    document.body.append(sheet);
    document.documentElement.classList.add('has-plate');
  };
  window.addEventListener('beforeprint', prepare);
  window.addEventListener('afterprint', () => {
    prepared = false;
    sheet.remove();
    document.documentElement.classList.remove('has-plate');
  });
  return () => {
    prepare();
    window.print();
  };
}
