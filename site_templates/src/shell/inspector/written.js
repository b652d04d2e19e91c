/** What a head writes: the next tokens that it raises and lowers at what it attends to, and which heads read it. */
import { DataError } from '../../data/errors.js';
import { el, fill } from '../../parts/element.js';
import { sideInWords } from '../../parts/composed.js';
import { clip } from '../../parts/names.js';
import { amount, count, percent } from '../../parts/numbers.js';
import { folded } from './lists.js';

/** @import { Composed, LogitChange, Model, WrittenToken } from '../../data/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

const FEW = 6;
const NEXT = 3;
const LONGEST = 24;

/** @param {Context} context @param {Model} model @param {Head} head */
export function writtenCard(context, model, head) {
  if (!model.writes) return null;
  return folded('written', 'What it writes', () => {
    const tokens = el('div', { 'aria-busy': 'true' });
    const heads = el('div');
    const { report } = context;
    Promise.all([report.writes(model.name, head.id), report.composition(model.name, head.id, NEXT)])
      .then(([rows, { reads, isReadBy }]) => {
        tokens.removeAttribute('aria-busy');
        fill(tokens, ...tokenTable(model, rows));
        fill(heads, composedLine(context, model, 'Reads most from', reads),
          composedLine(context, model, 'Is read most by', isReadBy), missing(model));
      })
      .catch((error) => {
        if (!(error instanceof DataError)) throw error;
        tokens.removeAttribute('aria-busy');
        fill(tokens, el('p', { class: 'quiet' }, `What it writes could not be read. ${error.message}`));
      });
    return [tokens, heads];
  });
}

/** @param {Model} model @param {WrittenToken[]} rows */
function tokenTable({ writes }, rows) {
  if (rows.length === 0) return [];
  const known = writes?.inverse_scale !== null;
  const body = el('tbody', {}, ...rows.slice(0, FEW).map((row) => tokenRow(row, known)));
  const more = rows.length > FEW && el('button', {
    type: 'button', class: 'link-button written-more',
    onclick: () => {
      fill(body, ...rows.map((row) => tokenRow(row, known)));
      more && more.remove();
    },
  }, `All ${count(rows.length)} tokens`);
  const columns = known ? ['Attends to', 'Raises', 'Lowers'] : ['Attends to', 'Length'];
  const caption = known
    ? 'What attending to a token alone adds to the logits of the next one, in the mean over the corpus: directly, with '
      + 'the last norm’s scale at its mean.'
    : 'How long what it puts out is where it attends to a token alone, in the mean over the corpus.';
  return [el('table', { class: 'written' }, el('caption', {}, caption),
    el('thead', {}, el('tr', {}, ...columns.map((name) => el('th', { scope: 'col' }, name)))), body), more]
    .filter((part) => part instanceof Node);
}

/** @param {WrittenToken} row @param {boolean} known whether next tokens are */
function tokenRow({ text, attention, length, copying, raised, lowered }, known) {
  const about = [`${percent(attention)} of its attention`];
  if (known) about.push(`length ${amount(length)}`);
  if (copying !== null) about.push(`copying ${amount(copying)}`);
  return el('tr', {},
    el('th', { scope: 'row' }, el('bdi', { class: 'key' }, clip(text, LONGEST)),
      el('span', { class: 'quiet' }, about.join(', '))),
    ...(known ? [changeCell(raised), changeCell(lowered)] : [el('td', {}, amount(length))]));
}

/** @param {LogitChange[]} changes */
function changeCell(changes) {
  if (changes.length === 0) return el('td', { class: 'quiet' }, 'none');
  return el('td', {}, ...changes.slice(0, NEXT).map(({ text, by }) => el('span', { class: 'written-change' },
    el('bdi', {}, clip(text, LONGEST)), ` ${by > 0 ? '+' : ''}${amount(by)}`)));
}

/** @param {Context} context @param {Model} model @param {string} title @param {Composed[]} others */
function composedLine({ state }, { writes }, title, others) {
  if (others.length === 0) return null;
  const chance = writes?.chance ?? 0;
  return el('p',
    { class: 'composed',
      'data-tip': 'Composition of their matrices (Elhage et al. 2021), the largest of queries, keys and values, from '
        + `0 to 1. A matrix turned at random has ${amount(chance)}.` },
    el('span', { class: 'quiet' }, `${title} (random ${amount(chance)}): `),
    ...others.flatMap(({ head, ...composed }, i) => [
      i > 0 ? ', ' : '',
      el('span', { class: 'composed-head' },
        el('button', { type: 'button', class: 'link-button', onclick: () => state.set({ head }) }, head),
        el('span', { class: 'quiet' }, ` ${sideInWords(composed)}`)),
    ]));
}

/** @param {Model} model */
function missing({ writes }) {
  const parts = [...(writes?.missing ?? []), ...(writes?.attribution?.missing ?? [])];
  return parts.length === 0 ? null : el('p', { class: 'quiet' }, `${parts.map(sentence).join(' ')}`);
}

/** @param {string} part */
function sentence(part) {
  return `${part.charAt(0).toUpperCase()}${part.slice(1)}.`;
}
