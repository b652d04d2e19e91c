/** What one sees and which keys do what. */
import { el, icon } from '../parts/element.js';

const WORDS = [
  ['Query, key', 'For each token, a head makes a query (what it looks for) and a key (what it offers). Attention compares them: the better a key answers a query, the larger its share.'],
  ['Map', 'Queries and keys of one head in one picture. The attention map is laid out so that near means attended; other maps show the vectors themselves. Its corner says how far to believe it: distances are a hint, percentages are the numbers.'],
  ['Colour', 'What a point’s colour says is chosen above the map; shape always tells queries (dots) from keys (diamonds). A point tells its value when you point at it, and a name in the legend shows its points alone.'],
  ['Motion', 'Another map of the same tokens, or another head: every point goes from its old place to its new one. Systems that ask for less motion get none.'],
  ['Label', 'What a head does on this corpus, by a measured score and a fixed threshold. Most heads have none, and that is an answer.'],
  ['Rollout', 'What becomes of attention through all layers: how much of a token at the end comes from each token of the input, if layers passed on the mean of their heads.'],
  ['Percentages', 'Attention recomputed in this page from what the report stores. The card of each head says how far that is from the model’s own.'],
];
const KEYS = [
  ['1 2 3 4', 'atlas, head, document, table of heads'],
  ['← ↑ ↓ →', 'to other heads in the atlas, the head view and the table; to other tokens in the document'],
  ['Shift ← ↑ ↓ →', 'to other heads, everywhere'],
  ['Drag Wheel', 'moves and zooms a map; in three dimensions a drag or an arrow key turns it, and Shift-drag, the right button or two fingers move it'],
  ['Enter', 'opens a head; pins a token'],
  ['Esc', 'lets go of what is selected'],
  ['+ − 0', 'zoom in, out, whole map'],
  ['?', 'this help'],
];

export function createHelp() {
  const dialog = el('dialog', { class: 'help', 'aria-label': 'Help' },
    el('header', {}, el('h2', {}, 'Reading this report'), el('button', { type: 'button', class: 'tool square', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close'))),
    el('dl', { class: 'help-words' }, ...WORDS.flatMap(([word, text]) => [el('dt', {}, word), el('dd', {}, text)])),
    el('h3', {}, 'Keys'),
    el('dl', { class: 'help-keys' }, ...KEYS.flatMap(([keys, text]) => [el('dt', {}, ...keys.split(' ').map((key) => el('kbd', {}, key))), el('dd', {}, text)])),
    el('p', { class: 'quiet' }, 'Everything works offline, and the address of the page always names what it shows.'));
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  const button = el('button', { type: 'button', class: 'tool square', 'aria-label': 'Help', title: 'Help (?)', onclick: () => dialog.showModal() }, icon('help'));
  return { dialog, button, toggle: () => (dialog.open ? dialog.close() : dialog.showModal()) };
}
