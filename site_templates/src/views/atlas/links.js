/**
 * Which heads a head reads most, and which read it most, as curves over the atlas: upwards to what it reads, downwards
 * to what reads it. Only links that are stronger than chance are drawn, at most three each way.
 */
import { DataError } from '../../data/errors.js';
import { el, fill } from '../../parts/element.js';
import { isComposed, sideInWords } from '../../parts/composed.js';
import { amount } from '../../parts/numbers.js';
import { svg } from '../../parts/svg.js';
import { curveBetween, footOf, topOf, widthOf } from './link-curves.js';

/** @import { Composed, Model } from '../../data/types.js' */
/** @import { Rect } from '../../draw/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

const MOST = 3;
/** Milliseconds that a head is pointed at before its links are looked for. */
const REST = 140;
/** Of a badge, in pixels, and its share of a cell. */
const [LEAST_BADGE, MOST_BADGE, BADGE] = [5.5, 8, 0.1];
const KINDS = /** @type {const} */ ([['q', 'queries'], ['k', 'keys'], ['v', 'values']]);
const MEANING = 'Composition of the heads’ matrices (Elhage et al. 2021): how a later head reads what an earlier one '
  + 'writes, by its queries, keys or values, whichever is largest. Lines go up to the heads that it reads most, and '
  + 'down to those that read it most; wider is further above what a matrix turned at random has.';

/** @typedef {{model: Model, head: Head}} Place */
/** @typedef {Composed & {isRead: boolean}} Link whether the other head is the earlier one, that is read */

/** The links of one head at a time. */
export class HeadLinks {
  #context;
  /** Where a head's map is in the grid. @type {(model: string, id: string) => Rect | undefined} */
  #rectOf;
  #drawing = svg('svg', { class: 'atlas-links', 'aria-hidden': 'true' });
  #words = el('span', { class: 'link-words' });
  #kinds = el('span', { class: 'link-kinds', 'data-tip': MEANING }, ...KINDS.map(([side, name]) => el('span', {},
    svg('svg', { width: 26, height: 10, 'aria-hidden': 'true' },
      svg('path', { class: `link link-${side}`, d: 'M1 5H25', 'stroke-width': 2 })),
    ` ${side.toUpperCase()} ${name}`)));
  /** What stands above the atlas. */
  legend = el('p', { class: 'link-legend', 'aria-label': 'Links' }, this.#kinds, this.#words);
  /** The head that is selected, and the one that is pointed at. @type {Place | undefined} */
  #selected;
  /** @type {Place | undefined} */
  #pointed;
  /** Whose links are drawn. @type {Place | undefined} */
  #current;
  /** @type {Link[]} */
  #links = [];
  #timer = 0;
  #ask = 0;

  /** @param {Context} context @param {(model: string, id: string) => Rect | undefined} rectOf */
  constructor(context, rectOf) {
    this.#context = context;
    this.#rectOf = rectOf;
  }

  /**
   * The head whose links are shown while none is pointed at.
   * @param {HTMLElement} grid holds the drawing @param {string} model @param {Head | undefined} head
   */
  select(grid, model, head) {
    if (this.#drawing.parentElement !== grid) grid.append(this.#drawing);
    this.#selected = this.#place(model, head);
    this.#show(this.#pointed ?? this.#selected);
  }

  /** @param {string} [model] @param {Head} [head] */
  point(model, head) {
    this.#pointed = model === undefined ? undefined : this.#place(model, head);
    clearTimeout(this.#timer);
    const next = this.#pointed ?? this.#selected;
    if (next?.head === this.#current?.head) return;
    this.#clear();
    this.#timer = setTimeout(() => this.#show(next), REST);
  }

  /** What a figure needs to be read, where it has links. @returns {HTMLElement[]} */
  legends() {
    return this.#links.length > 0 ? [this.#kinds] : [];
  }

  /** The links in words; nothing where there are none. */
  caption() {
    const { model, head } = this.#current ?? {};
    if (!model || !head || this.#links.length === 0) return '';
    return `Links: ${sentence(head.id, this.#links, model.writes?.chance ?? 0, WORDS)}`;
  }

  hide() {
    clearTimeout(this.#timer);
    this.#pointed = undefined;
    this.#clear();
  }

  /** A head of a model that says how heads are composed. @param {string} name @param {Head | undefined} head */
  #place(name, head) {
    const model = this.#context.report.model(name);
    return model && head && isComposed(model) ? { model, head } : undefined;
  }

  #clear() {
    this.#ask++;
    this.#current = undefined;
    this.#links = [];
    fill(this.#drawing);
    fill(this.#words);
  }

  /** @param {Place | undefined} place */
  async #show(place) {
    if (place?.head === this.#current?.head) return this.draw();
    this.#clear();
    if (!place) return;
    const ask = this.#ask;
    this.#current = place;
    try {
      const { model, head } = place;
      const { reads, isReadBy } = await this.#context.report.composition(model.name, head.id, MOST);
      if (ask !== this.#ask) return;
      const chance = model.writes?.chance ?? 0;
      this.#links = [...reads.map((link) => ({ ...link, isRead: true })),
        ...isReadBy.map((link) => ({ ...link, isRead: false }))].filter(({ value }) => value > chance);
      const [words, letters] = [WORDS, LETTERS].map((style) => sentence(head.id, this.#links, chance, style));
      this.#tell(words, head, letters);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      if (ask === this.#ask) this.#tell(`Links could not be read. ${error.message}`, place.head);
    }
    this.draw();
  }

  /**
   * Says it in the legend, and to who has the focus on the head.
   * @param {string} words @param {Head} head @param {string} [letters] the same in short, for who sees the legend
   */
  #tell(words, head, letters = '') {
    const hidden = letters ? 'offscreen' : '';
    fill(this.#words, el('span', { 'aria-hidden': 'true' }, letters), el('span', { class: hidden }, words));
    if (document.activeElement?.getAttribute('data-head') === head.id) this.#context.announce(words);
  }

  /** Draws again: cells have moved. */
  draw() {
    const { model, head } = this.#current ?? {};
    const rectHere = model && head && this.#rectOf(model.name, head.id);
    if (!model || !rectHere) return fill(this.#drawing);
    const { width: middle } = this.#drawing.getBoundingClientRect();
    const chance = model.writes?.chance ?? 1;
    const gap = parseFloat(getComputedStyle(this.#drawing).getPropertyValue('--gap')) || 0;
    const drawn = this.#links.flatMap(({ head: other, side, value, isRead }) => {
      const rect = this.#rectOf(model.name, other);
      if (!rect) return [];
      const [earlier, later] = isRead ? [rect, rectHere] : [rectHere, rect];
      const d = curveBetween(earlier, later, { gap, middle: middle / 2 });
      return [{ d, rect, side, end: isRead ? footOf(rect) : topOf(rect), id: other, width: widthOf(value, chance) }];
    });
    // All halos lie below all lines, and these below the letters.
    fill(this.#drawing, ...drawn.map(({ d, width }) => svg('path', { class: 'halo', d, 'stroke-width': width + 3 })),
      ...drawn.flatMap(({ d, rect, side, width }) => [
        svg('rect', { class: `link-cell link-${side}`, ...rect, rx: 4 }),
        svg('path', { class: `link link-${side}`, d, 'stroke-width': width })]),
      ...drawn.map((link) => badge(link)));
  }
}

/** The letter of a link's kind, at its other head. @param {{rect: Rect, side: string, end: {x: number, y: number},
 * id: string}} link */
function badge({ rect, side, end, id }) {
  const r = Math.min(Math.max(BADGE * rect.width, LEAST_BADGE), MOST_BADGE);
  return svg('g', { class: `link-badge link-${side}`, 'data-link': id },
    svg('circle', { cx: end.x, cy: end.y, r }),
    svg('text', { x: end.x, y: end.y + 0.36 * 1.35 * r, 'font-size': 1.35 * r }, side.toUpperCase()));
}

/**
 * How links are said: in full, and by the letters of the legend.
 * @typedef {{reads: string, isReadBy: string, side: (link: Composed) => string}} Style
 */
/** @type {Style} */
const WORDS = { reads: 'reads most from', isReadBy: 'is read most by', side: sideInWords };
/** @type {Style} */
const LETTERS = {
  reads: 'reads', isReadBy: 'is read by', side: ({ side, value }) => `${side.toUpperCase()} ${amount(value)}`,
};

/** @param {string} id @param {readonly Link[]} links @param {number} chance @param {Style} style */
function sentence(id, links, chance, style) {
  const listed = (/** @type {boolean} */ isRead) => links.filter((link) => link.isRead === isRead)
    .map((link) => `${link.head} ${style.side(link)}`).join(', ');
  const [read, readers] = [listed(true), listed(false)];
  const parts = [read && `${style.reads} ${read}`, readers && `${style.isReadBy} ${readers}`].filter(Boolean);
  const words = parts.join('; ') || 'reads no head, and none reads it, by more than random';
  return `${id} ${words} (random ${amount(chance)}).`;
}
