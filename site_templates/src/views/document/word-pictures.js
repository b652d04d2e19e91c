/** For each word that looks at a picture, the picture as it looks at it, all on one scale. */
import { HEAT_STEPS } from '../../draw/heat.js';
import { el, fill } from '../../parts/element.js';
import { createHeatLegend } from '../../parts/heat-legend.js';
import { nameToken } from '../../parts/names.js';
import { percent } from '../../parts/numbers.js';
import { gridOf, layPicture } from '../../parts/patches.js';
import { levelOf } from '../../parts/shading.js';
import { pictureRows } from './picture-rows.js';

/** @import { Tokens } from '../../data/types.js' */
/** @import { Heat } from '../../draw/heat.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Scale } from '../../parts/shading.js' */
/** @import { PictureRow } from './picture-rows.js' */
/** @import { Shares } from './reading.js' */

/** So many words at most have a picture. */
const MOST = 300;

/** @typedef {ReturnType<typeof createWordPictures>} WordPictures */

/** @param {(query: number) => void} onPick */
export function createWordPictures(onPick) {
  const legend = createHeatLegend();
  const note = el('span', { class: 'quiet' });
  const list = el('div', { class: 'word-list', role: 'group', 'aria-label': 'Each word’s picture' });
  const element = el('section', { class: 'word-pictures', hidden: true },
    el('h2', {}, 'Each word’s picture', note, legend.element), list);
  /** What was drawn last. @type {unknown[]} */
  let drawn = [];
  list.addEventListener('click', ({ target }) => {
    const word = wordOf(target);
    if (word) onPick(Number(word.dataset.word));
  });
  list.addEventListener('keydown', (event) => {
    if (walk(list, event.key)) event.stopPropagation();
  });
  return {
    element,
    /**
     * @param {Texts} texts
     * @param {Shares | undefined} shares
     * @param {{hide: boolean, scale: Scale, heat: Heat}} how
     */
    show(texts, shares, { hide, scale, heat }) {
      const next = [texts, shares, hide, scale.scale, scale.exponent, heat];
      if (next.every((value, i) => value === drawn[i])) return;
      drawn = next;
      const all = shares ? pictureRows(texts, shares, hide) : [];
      const rows = all.slice(0, MOST);
      element.hidden = rows.length === 0;
      element.classList.toggle('heard', texts.keys.kind === 'audio');
      const top = rows.reduce((most, { largest }) => Math.max(most, largest), 0);
      fill(note, ` where each looks, and how much of its attention the ${seenAs(texts)} gets`
        + `${all.length > MOST ? `; the first ${MOST} of ${all.length} words` : ''}`);
      legend.show(top, heat, scale);
      fill(list, ...rows.map((row) => makeWord(texts, row, levelsOf(row, top, scale), heat)));
    },
    /** @param {readonly number[]} words that are looked through */
    mark(words) {
      const all = /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('.word'));
      const first = [...all].findIndex(({ dataset }) => words.includes(Number(dataset.word)));
      all.forEach((word, i) => {
        word.classList.toggle('active', words.includes(Number(word.dataset.word)));
        word.tabIndex = i === Math.max(first, 0) ? 0 : -1;
      });
    },
  };
}

/** @param {Texts} texts */
function seenAs({ keys, image }) {
  return keys.kind === 'audio' ? 'recording' : image?.frames ? 'video' : 'picture';
}

/** @param {PictureRow} row @param {number} top @param {Scale} scale */
function levelsOf({ values }, top, scale) {
  const level = levelOf(scale);
  return (/** @type {number} */ key) => (values[key] > 0 ? level(values[key] / top) : 0);
}

/** @param {Texts} texts @param {PictureRow} row @param {(key: number) => number} level @param {Heat} heat */
function makeWord({ queries, keys, image }, { query, share }, level, heat) {
  const { rows, columns } = gridOf(keys);
  const canvas = el('canvas', { class: 'pixels', width: columns, height: rows });
  paint(canvas, keys, level, heat);
  return el('button', { type: 'button', class: 'word', tabIndex: -1, 'data-word': query, 'data-share': share },
    layPicture(keys, image, canvas),
    el('span', { class: 'word-name' }, el('bdi', {}, nameToken(queries, query)), el('b', {}, percent(share))));
}

/** A pixel a patch. @param {HTMLCanvasElement} canvas @param {Tokens} keys @param {(key: number) => number} level
 * @param {Heat} heat */
function paint(canvas, { row, column }, level, { colors }) {
  const ink = canvas.getContext('2d');
  const pixels = new ImageData(canvas.width, canvas.height);
  const strongest = colors[HEAT_STEPS];
  row.forEach((down, key) => {
    if (down < 0) return;
    pixels.data.set([...strongest, (255 * level(key)) / HEAT_STEPS], 4 * (down * canvas.width + column[key]));
  });
  ink?.putImageData(pixels, 0, 0);
}

/** @param {EventTarget | null} target */
function wordOf(target) {
  const word = target instanceof Element ? target.closest('.word') : null;
  return word instanceof HTMLElement ? word : undefined;
}

/** Moves the focus among the words; whether it did. @param {HTMLElement} list @param {string} key */
function walk(list, key) {
  const words = /** @type {HTMLElement[]} */ ([...list.children]);
  const here = words.findIndex((word) => word === document.activeElement);
  const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: words.length - 1 }[key];
  if (here < 0 || to === undefined) return false;
  words[to]?.focus();
  return true;
}
