/** A view alone in a frame of another page (`embed` in the link): the line that says what it is of. */
import { el, fill } from '../parts/element.js';
import { isFrameText } from './frame-text.js';

/** @import { Selection, State } from '../state/types.js' */
/** @import { Context } from '../parts/types.js' */

/** @param {Context} context */
export function createEmbedLine({ report, state }) {
  const name = el('span', { class: 'embed-name' });
  const link = el('a', { target: '_blank', rel: 'noopener' }, 'Open the report');
  const element = el('footer', { class: 'embed-line' }, name, isFrameText() ? '' : link);
  return {
    element,
    /** @param {Selection} selection */
    show({ model, head }) {
      const models = report.models.length > 1 ? ` · ${report.model(model)?.title}` : '';
      fill(name, el('b', {}, head), el('bdi', {}, models), ' · ', el('bdi', {}, report.manifest.title));
      link.href = state.hash({ embed: false });
    },
  };
}

/** Turning the wheel over a frame goes on through the page around it, until the reader has pressed into the frame.
 * @param {State} state */
export function leaveWheelToPage(state) {
  window.addEventListener('wheel', (event) => {
    if (state.get().embed && !document.hasFocus()) event.stopPropagation();
  }, { capture: true, passive: true });
}

/** What a frame brings into sight would move the page around it: until the reader is in the frame, nothing does.
 * @param {State} state */
export function leavePageInPlace(state) {
  const scroll = Element.prototype.scrollIntoView;
  Element.prototype.scrollIntoView = function scrollIntoView(options) {
    if (!state.get().embed || document.hasFocus()) scroll.call(this, options);
  };
}
