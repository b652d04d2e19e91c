/** The first visit: a line that says what the report is, and a tour of it, below the view and never over it. */
import { el, fill, icon } from '../../parts/element.js';
import { reportInWords, stopsOf } from './stops.js';

/** @import { Context } from '../../parts/types.js' */

const STORAGE = 'attnviz.tour';
const OFF = 'off';

/** @param {Context} context @param {{invited: boolean}} how whether a reader comes by no link, to be shown around */
export function createTour(context, { invited }) {
  const words = el('p', { class: 'tour-words', 'aria-live': 'polite' });
  const place = el('span', { class: 'quiet' });
  const back = el('button', { type: 'button', class: 'tool', onclick: () => void go(at - 1) }, 'Back');
  const next = el('button', { type: 'button', class: 'tool tour-next', onclick: () => void go(at + 1) });
  const off = el('button', { type: 'button', class: 'tool square', 'aria-label': 'End the tour for good',
    title: 'Ends the tour for good; help (?) has it again', onclick: end }, icon('close'));
  const story = el('a', { class: 'tool', href: 'story.html' }, 'Read the story');
  const element = el('section', { class: 'tour', 'aria-label': 'Tour of this report', hidden: true },
    words, el('div', { class: 'tour-buttons' }, place, story, back, next, off));
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    end();
  });
  /** The stop that is shown; −1: the invitation. */
  let at = -1;
  /** @type {ReturnType<typeof stopsOf>} */
  let stops = [];

  function invite() {
    const model = modelNow();
    if (!model || isOff()) return;
    at = -1;
    stops = stopsOf(context, model);
    fill(words, reportInWords(context, model));
    fill(next, `Show me around in ${stops.length} steps`);
    fill(place);
    story.hidden = !context.report.manifest.files?.['story.html'];
    back.hidden = true;
    element.hidden = false;
  }
  /** @param {number} stop */
  async function go(stop) {
    if (stop >= stops.length) return end();
    at = stop;
    story.hidden = true;
    const { words: text, selection } = await stops[stop]();
    if (at !== stop) return undefined;
    context.state.set(selection);
    fill(words, text);
    fill(place, `${stop + 1} of ${stops.length}`);
    fill(next, stop + 1 < stops.length ? 'Next' : 'Done');
    back.hidden = stop === 0;
    return undefined;
  }
  function end() {
    element.hidden = true;
    remember();
  }
  function modelNow() {
    return context.report.model(context.state.get().model);
  }
  if (invited) invite();
  return {
    element,
    /** Begins, also where it was turned off. */
    begin() {
      const model = modelNow();
      if (!model) return;
      stops = stopsOf(context, model);
      element.hidden = false;
      void go(0).then(() => next.focus());
    },
  };
}

function isOff() {
  try {
    return window.localStorage.getItem(STORAGE) === OFF;
  } catch {
    return false;
  }
}

function remember() {
  try {
    window.localStorage.setItem(STORAGE, OFF);
  } catch {
    // Storage may be full or forbidden: the tour is then off as long as the page is open.
  }
}
