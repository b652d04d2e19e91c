/** What opens when a link was copied: the link itself, and the code of a frame that shows the view in another page. */
import { el, fill } from '../parts/element.js';
import { copyText } from './copy.js';
import { THANKS_MS } from './share.js';

/** @import { Shared } from './share.js' */

const BY_HAND = 'This browser does not let the page copy. Copy the link from here:';
const UNPUBLISHED = 'A frame in another page can show this view once the report is published: here it has no '
  + 'address on the web.';
/** Of a frame, in pixels: a map or a document has room, and most of a laptop’s window is left to the text around it. */
const HEIGHT = 560;

/** Shows it. @param {HTMLElement} panel @param {Shared} shared @param {boolean} copied whether the link was */
export function fillPanel(panel, shared, copied) {
  const field = el('input', { type: 'text', readOnly: true, class: 'share-field', 'aria-label': 'Link to this view',
    value: shared.link() });
  fill(panel, el('p', {}, copied ? 'Copied:' : BY_HAND), field, ...embedding(shared));
  panel.hidden = false;
  if (copied) return;
  field.focus();
  field.select();
}

/** @param {Shared} shared */
function embedding({ embedded, title, announce }) {
  if (!/^https?:$/.test(window.location.protocol)) return [el('p', {}, UNPUBLISHED)];
  const code = el('textarea', { readOnly: true, rows: 5, class: 'share-code', 'aria-label': 'Code of a frame',
    value: frameOf(embedded(), title()) });
  const button = el('button', { type: 'button', class: 'chip', onclick: async () => {
    if (!await copyText(code.value)) return code.select();
    fill(button, 'Copied');
    announce('Code copied');
    setTimeout(() => fill(button, 'Copy the code'), THANKS_MS);
    return undefined;
  } }, 'Copy the code');
  return [el('p', {}, 'This view alone, as a frame in another page:'), code, button];
}

/** @param {string} address @param {string} title */
function frameOf(address, title) {
  return `<iframe src="${escaped(address)}" title="${escaped(title)}" width="100%" height="${HEIGHT}" loading="lazy" `
    + 'style="border: 0"></iframe>';
}

/** A text as it stands in an attribute. @param {string} text */
function escaped(text) {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
