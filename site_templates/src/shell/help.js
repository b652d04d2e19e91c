/** What one sees and which keys do what. */
import { el, icon } from '../parts/element.js';
import { tabOf } from '../parts/ways.js';

/** @import { ViewDefinition } from '../parts/types.js' */

/** @typedef {readonly [word: string, meaning: string]} Meaning */

/** Explained before and after the views' own words. @type {Meaning} */
const FIRST = ['Query, key', 'For each token, a head makes a query (what it looks for) and a key (what it offers). '
  + 'Attention compares them: the better a key answers a query, the larger its share.'];
/** @type {Meaning} */
const LAST =
  ['Percentages', 'Attention recomputed in this page from what the report stores. The card of each head says '
  + 'how far that is from the model’s own.'];

/** After the numbers, which open the views. @type {readonly Meaning[]} */
const KEYS = [
  ['Tab', 'to the next control; what arrow keys move in is one'],
  ['Shift ← ↑ ↓ →', 'to other heads'],
  ['/', 'search: words, a token such as [CLS] or ##ing, a /pattern/, a label or the name of a head'],
  ['n N', 'to the next hit of the search, and back'],
  ['E', 'takes away what is shown: as a picture, numbers, words'],
  ['T', 'the numbers of what is shown, as a table'],
  ['?', 'this help'],
];

/** @param {readonly ViewDefinition[]} definitions @param {() => void} onTour */
export function createHelp(definitions, onTour) {
  const words = [FIRST, ...definitions.flatMap(({ help }) => help.words), LAST];
  const tabs = definitions.filter((definition) => tabOf(definition) === definition.name);
  const numbers = tabs.map((_, index) => index + 1).join(' ');
  /** @type {readonly Meaning[]} */
  const everywhere = [[numbers, tabs.map(({ help }) => help.opens).join(', ')], ...KEYS];
  const dialog = el('dialog', { class: 'sheet help', 'aria-label': 'Help' },
    el('header', {}, el('h2', {}, 'Reading this report'),
      el('button', { type: 'button', class: 'tool square', 'aria-label': 'Close', onclick: () => dialog.close() },
        icon('close'))),
    el('p', { class: 'help-tour' }, el('button', { type: 'button', class: 'link-button', onclick: () => {
      dialog.close();
      onTour();
    } }, 'Take the tour'), ' of this report, in five steps.'),
    el('dl', { class: 'help-words' }, ...words.flatMap(([word, text]) => [el('dt', {}, word), el('dd', {}, text)])),
    ...keyList('Keys everywhere', everywhere),
    ...definitions.flatMap(({ title, help }) => keyList(`Keys of ${title}`, help.keys)),
    el('p', { class: 'quiet' }, 'Everything works offline, and the address of the page always names what it shows.'));
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  const button = el('button',
    { type: 'button', class: 'tool square', 'aria-label': 'Help', title: 'Help (?)',
      onclick: () => dialog.showModal() }, icon('help'));
  return { dialog, button, toggle: () => (dialog.open ? dialog.close() : dialog.showModal()) };
}

/** @param {string} title @param {readonly Meaning[]} keys */
function keyList(title, keys) {
  return [el('h3', {}, title), el('dl', { class: 'help-keys' }, ...keys.flatMap(([names, text]) => (
    [el('dt', {}, ...names.split(' ').map((key) => el('kbd', {}, key))), el('dd', {}, text)])))];
}
