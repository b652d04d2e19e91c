/**
 * The elements of the document view, and which of them are seen: the text, its attention, or what stands in their
 * place.
 */
import { el, fill } from '../../parts/element.js';

/** @import { Tokens } from '../../data/types.js' */
/** @import { Texts } from '../../parts/document-texts.js' */
/** @import { Panel, PanelName } from './panels.js' */

/** From so many tokens on, the text needs the room more than the matrix does. */
const LONG = 160;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.picker
 * @param {HTMLElement} parts.ways
 * @param {HTMLElement} parts.controls
 * @param {HTMLElement} parts.hideSwitch
 * @param {Record<PanelName, Panel>} parts.panels
 * @param {HTMLElement} parts.matrix
 * @param {HTMLElement} parts.pictureTools
 * @param {HTMLElement} parts.wordPictures
 * @param {SVGSVGElement} parts.arrows
 */
export function createPage(parts) {
  const { picker, ways, controls, hideSwitch, panels: { row, column }, matrix, pictureTools } = parts;
  const { wordPictures, arrows } = parts;
  const lede = el('p', { class: 'lede', 'aria-live': 'polite' });
  const kindNote = el('p', { class: 'kind-note', hidden: true });
  const problem = el('div', { class: 'problem-place' });
  const texts = el('div', { class: 'texts' }, row.element, column.element, wordPictures, arrows);
  const note = el('p', { class: 'note', hidden: true });
  const below = el('div', { class: 'below', hidden: true });
  const dock = el('div', { class: 'dock' }, matrix, row.partners.element, column.partners.element);
  const element = el('section', { class: 'view document', 'aria-label': 'Attention in one document' },
    el('div', { class: 'toolbar' }, picker, ways, controls),
    el('div', { class: 'way-lede' }, lede, hideSwitch, pictureTools), kindNote, problem, texts, note, below, dock);
  return {
    element,
    lede,
    note,
    /** The texts with their shades, and what is said of them. */
    get reading() {
      const notes = [kindNote, note].filter(({ hidden }) => !hidden);
      return { element: texts, words: [lede, ...notes].map(({ textContent }) => textContent).join(' ') };
    },
    /** @param {boolean} loading */
    setLoading(loading) {
      element.classList.toggle('loading', loading);
    },
    /** Makes room for a text by what it is. @param {Texts} document */
    fit(document) {
      element.classList.toggle('long', document.keys.texts.length > LONG);
      element.classList.toggle('pictured', document.hasPatches);
      // Frames and recordings are as broad as there is room, one direction below the other.
      element.classList.toggle('broad', document.image?.frames !== undefined
        || [document.queries, document.keys].every(({ kind }) => kind === 'audio'));
      // Words stand below their picture: both are to be in sight.
      element.classList.toggle('worded', [document.queries, document.keys].some(hasWordsToo));
    },
    /** Both directions in one text, or in two. @param {boolean} one */
    setOne(one) {
      texts.classList.toggle('one', one);
    },
    /** How strongly shares lie over a picture. @param {number} overlay from 0 to 1 */
    setOverlay(overlay) {
      texts.style.setProperty('--overlay', String(overlay));
    },
    scrollToTop: () => texts.scrollTo(0, 0),
    /**
     * @param {boolean} text whether the text is seen
     * @param {boolean} attention whether what is said of its tokens is
     */
    reveal(text, attention) {
      texts.hidden = !text;
      dock.hidden = !attention;
    },
    /** Shows nothing but the attention. @param {string} words what it is made of, '' for one head's own */
    showAttention(words) {
      fill(problem);
      dock.hidden = false;
      fill(kindNote, words);
      kindNote.hidden = words === '';
    },
    /** Shows what adds to what the text is shaded by. @param {HTMLElement | undefined} card */
    showBelow(card) {
      fill(below, card);
      below.hidden = card === undefined;
    },
    /** What stands in place of the attention. @param {HTMLElement} card */
    showProblem: (card) => fill(problem, card),
    clear() {
      fill(lede);
      kindNote.hidden = true;
    },
  };
}

/** Whether patches stand among words. @param {Tokens} tokens */
function hasWordsToo({ row, special }) {
  return row.some((at) => at >= 0) && row.some((at, token) => at < 0 && !special[token]);
}
