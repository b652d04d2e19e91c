/** What can be taken away of a view: each entry's name, how much it is, and what it does. */
import { figureElement, svgText } from '../../parts/figure/svg-figure.js';
import { pngSize, toPng } from '../../parts/figure/png.js';
import { bytes, count, plural } from '../../parts/numbers.js';
import { bibtexOf, captionOf } from './caption.js';
import { csvOf, fileName, save } from './files.js';

/** @import { Context } from '../../parts/types.js' */
/** @import { Exhibit } from '../../parts/figure/types.js' */

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {string} size in words
 * @property {() => Promise<void> | void} [save]
 * @property {string} [text] what is copied
 * @property {() => void} [show] what opens on the page
 * @property {boolean} [apart] whether others begin with it, files ending before
 * @property {boolean} [missing] whether it cannot be had; `size` says why
 */
/** @typedef {{exhibit: Exhibit, svg: SVGSVGElement, size: {width: number, height: number}, caption: string}} Plate */

/** Nothing but white is below a figure. */
const PAPER = '#ffffff';

/**
 * The figure of a view with its caption.
 * @param {Context} context @param {Exhibit} exhibit @param {string | undefined} title of the document
 * @returns {Plate}
 */
export function makePlate({ report, state, theme }, exhibit, title) {
  const model = report.model(state.get().model);
  const figure = theme.onPaper(() => exhibit.figure());
  const caption = model ? captionOf(report, model, exhibit, { link: state.link(), title }) : '';
  return { exhibit, svg: figureElement(figure, PAPER, caption), size: figure, caption };
}

/**
 * @param {Context} context @param {Plate} plate
 * @param {{print: () => void, numbers: () => void}} page what is done with the page itself
 * @returns {Entry[]}
 */
export function entriesOf({ report, state }, plate, { print, numbers }) {
  const { exhibit, svg, size, caption } = plate;
  const selection = state.get();
  const name = fileName(selection, exhibit, report.heads(selection.model).length);
  const text = svgText(svg);
  const blob = new Blob([text], { type: 'image/svg+xml;charset=utf-8' });
  const pixels = pngSize(size);
  const table = exhibit.table?.();
  // No file of a report has a date; the page's own is that of its file, or the one that its server gives.
  const bibtex = bibtexOf(report, String(new Date(document.lastModified).getFullYear()));
  return [
    { name: 'SVG', size: `vector, ${bytes(blob.size)}`, save: () => save(blob, `${name}.svg`) },
    { name: 'PNG', size: `${count(pixels.width)} × ${count(pixels.height)} pixels`,
      save: async () => save(await toPng(text, size), `${name}.png`) },
    { name: 'PDF', size: 'by the browser’s print', save: print },
    ...table ? [{ name: 'Table', size: 'here, to read', show: numbers },
      { name: 'CSV', size: plural(table.count, 'row'), save: async () => save(await csvOf(table), `${name}.csv`) }]
      : exhibit.noTable ? [{ name: 'CSV', size: exhibit.noTable, missing: true }] : [],
    { name: 'Link', size: 'to exactly this', text: state.link(), apart: true },
    { name: 'Caption', size: plural(caption.split(/\s+/).length, 'word'), text: caption },
    { name: 'BibTeX', size: plural(bibtex.split('@').length - 1, 'entry', 'entries'), text: bibtex },
  ];
}
