/** Why a head looks where it does: what the score of the selected pair is made of, and the head's components. */
import { DataError } from '../../data/errors.js';
import { chosenPair } from '../../parts/chosen-pair.js';
import { el, fill } from '../../parts/element.js';
import { clip, nameToken } from '../../parts/names.js';
import { amount, count, hundredths, percent, plural } from '../../parts/numbers.js';
import { folded } from './lists.js';

/** @import { Component, Interaction, LoadingToken, Model, ScorePart } from '../../data/types.js' */
/** @import { Selection } from '../../state/types.js' */
/** @import { Context, Head } from '../../parts/types.js' */

const FEW = 3;
const LONGEST = 16;

/** What parts are called, and what is said of them. @type {Record<string, readonly [string, string]>} */
const NAMES = {
  rest: ['All other components', 'what is left of the product of query and key, both from their means'],
  key: ['Key alone', 'the mean query times this key: how much any query is drawn to it'],
  query: ['Query alone', 'this query times the mean key: the same for all keys of the query'],
  constant: ['Constant', 'the mean query times the mean key: the same for all pairs'],
  rotary: ['Position', 'what rotary embedding changes'],
  'soft cap': ['Soft cap', 'what the cap takes from large scores'],
  bias: ['Position', 'what the head adds by distance or place'],
};

/** @param {Context} context */
export function createWhyHere(context) {
  const { report, state } = context;
  const pair = el('div', { class: 'why-pair', 'aria-live': 'polite' });
  /** @type {HTMLDetailsElement | null} */
  let card = null;
  let place = '';

  /** @param {Selection} selection */
  function show(selection) {
    const { model: name, head, doc, token, side, key } = selection;
    const now = JSON.stringify([name, head, doc, token, side, key]);
    if (!card?.open || place === now) return;
    place = now;
    pairOf(context, selection).then((nodes) => {
      if (place === now) fill(pair, ...nodes);
    }).catch((error) => {
      if (!(error instanceof DataError || error instanceof RangeError)) throw error;
      if (place === now) fill(pair, el('p', { class: 'quiet' }, `The score could not be read. ${error.message}`));
    });
  }

  return {
    show,
    /** @param {Model} model @param {Head} head */
    card(model, head) {
      place = '';
      card = null;
      if (!model.components) return null;
      card = /** @type {HTMLDetailsElement} */ (folded('why', 'Why here: what its scores are made of', () => {
        const all = el('div', { 'aria-busy': 'true' });
        report.interaction(model.name, head.id).then((interaction) => {
          all.removeAttribute('aria-busy');
          const by = model.components?.contrast?.column ?? '';
          fill(all, ...(interaction ? inAll(interaction, by) : []), missing(model));
        }).catch((error) => {
          if (!(error instanceof DataError)) throw error;
          all.removeAttribute('aria-busy');
          fill(all, el('p', { class: 'quiet' }, `The components could not be read. ${error.message}`));
        });
        return [pair, all];
      }));
      card.addEventListener('toggle', () => show(state.get()));
      return card;
    },
  };
}

/** The bars of the selected pair, or what to do to see some. @param {Context} context @param {Selection} selection */
async function pairOf({ report }, selection) {
  const { model, head: id, doc, token, side, key } = selection;
  const head = report.head(model, id);
  const interaction = head && await report.interaction(model, id);
  if (!head || !interaction) return [];
  if (doc === null || token === null) {
    return [el('p', { class: 'quiet' }, 'Select a token in a document, and then what it looks at: the score of the two '
      + 'is split here.')];
  }
  if (!await report.keeps(model, doc)) {
    return [el('p', { class: 'quiet' }, 'The attention of this document is not stored, nor are its scores.')];
  }
  const { query_axis: queryAxis, key_axis: keyAxis } = head.stackInfo;
  const [attention, queries, keys] = await Promise.all([report.attention(model, id, doc),
    report.tokens(model, queryAxis, doc), report.tokens(model, keyAxis, doc)]);
  const chosen = chosenPair(attention, { token, side, key });
  const bars = await report.scoreBars(model, id, { document: doc, ...chosen });
  const names = [el('bdi', { class: 'query' }, nameToken(queries, chosen.query)), ' → ',
    el('bdi', { class: 'key' }, nameToken(keys, chosen.key))];
  if (!bars) return [el('p', { class: 'quiet' }, ...names, ': the mask forbids this key, so there is no score.')];
  const most = Math.max(...bars.parts.map(({ value }) => Math.abs(value)));
  const weight = attention.row(chosen.query)[chosen.key];
  const by = report.model(model)?.components?.contrast?.column ?? '';
  return [el('table', { class: 'score-bars' },
    el('caption', {}, ...names, ` score ${hundredths(bars.score)}, ${percent(weight)} of the query’s attention`),
    el('colgroup', {}, ...['name', 'bar', 'value'].map((name) => el('col', { class: `score-${name}-column` }))),
    el('thead', { class: 'offscreen' }, el('tr', {}, ...['Part', 'Bar', 'Value']
      .map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, ...bars.parts.map((part) => barRow(part, interaction, most, by)),
      el('tr', { class: 'score-sum' }, el('th', { scope: 'row' }, 'Score, before softmax'), el('td'),
        el('td', { class: 'number' }, hundredths(bars.score)))))];
}

/** @param {ScorePart} part @param {Interaction} interaction @param {number} most @param {string} by labels */
function barRow(part, interaction, most, by) {
  const { value } = part;
  const bar = el('span', { class: `score-bar ${value < 0 ? 'lowers' : 'raises'}` });
  bar.style.width = `${most > 0 ? 50 * Math.abs(value) / most : 0}%`;
  const [name, meaning] = part.part === 'component' ? componentName(part, interaction, by) : NAMES[part.part];
  return el('tr', { 'data-part': part.number ? `component ${part.number}` : part.part, 'data-tip': meaning },
    el('th', { scope: 'row' }, name),
    el('td', { 'aria-hidden': 'true' }, el('span', { class: 'score-track' }, bar)),
    el('td', { class: 'number' }, hundredths(value)));
}

/**
 * The tokens that load as this query does and those that load as this key does.
 * @param {ScorePart} part @param {Interaction} interaction @param {string} by the contrast's labels
 * @returns {[Node, string]}
 */
function componentName({ number = 1, queryLoading = 0, keyLoading = 0 }, { components }, by) {
  const component = components[number - 1];
  const mark = component.contrast === null ? null : el('span', { class: 'quiet' }, 'by ', el('bdi', {}, by), ' ');
  const queries = like(component.queries, queryLoading);
  const keys = like(component.keys, keyLoading);
  const named = queries.length > 0 || keys.length > 0;
  const name = named ? [`${number} `, mark, tokensLike(queries, 'query'), ' → ', tokensLike(keys, 'key')]
    : [`Component ${number} `, mark];
  return [el('span', {}, ...name.filter((part) => part !== null)),
  `${percent(component.share)} of what pairs add. The query loads ${amount(queryLoading)} on it, the key `
    + `${amount(keyLoading)} standard deviations${named ? ': with tokens such as these' : ''}.`];
}

/** The types of one sign. @param {LoadingToken[]} tokens @param {number} sign */
function like(tokens, sign) {
  return tokens.filter(({ loading }) => (loading < 0) === (sign < 0)).slice(0, FEW);
}

/** @param {LoadingToken[]} tokens @param {'query' | 'key'} side */
function tokensLike(tokens, side) {
  const names = tokens.map(({ text }) => clip(text, LONGEST));
  return el('bdi', { class: side }, names.length > 0 ? names.join(' · ') : 'none');
}

/** What all components are together, and each of them. @param {Interaction} interaction @param {string} by */
function inAll(interaction, by) {
  const { components } = interaction;
  if (components.length === 0) {
    return [el('p', { class: 'quiet' }, 'Its queries or its keys are all alike in this corpus: pairs add nothing of '
      + 'their own.')];
  }
  return [
    contrastWords(interaction, by),
    el('p', { class: 'quiet why-share' }, togetherWords(interaction)),
    components.some(({ queries, keys }) => queries.length + keys.length > 0) && el('table', { class: 'why-components' },
      el('caption', {}, 'Raised where query and key are of one line'),
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, el('span', { class: 'offscreen' }, 'Component')),
        ...['Queries', 'Keys'].map((name) => el('th', { scope: 'col' }, name)))),
      ...components.map((component, i) => componentRows(component, i, by))),
  ].filter((part) => part instanceof Node);
}

/** How much pairs of one label differ from pairs of two. @param {Interaction} interaction @param {string} by */
function contrastWords({ contrast, components }, by) {
  if (contrast === null) return null;
  const contrastive = components.filter(({ contrast: of }) => of !== null);
  const brought = contrastive.reduce((sum, { contrast: of }) => sum + (of ?? 0), 0);
  return el('p', { class: 'quiet why-contrast' }, 'Where query and key have the same ', el('bdi', {}, by),
    ` scores are ${amount(Math.abs(contrast))} ${contrast < 0 ? 'lower' : 'higher'} in the mean than where they have `
      + `two. ${plural(contrastive.length, 'component')} by it ${contrastive.length === 1 ? 'brings' : 'bring'} `
      + `${amount(contrast < 0 ? -brought : brought)} of that.`);
}

/** How much of scores and of attention components tell. @param {Interaction} interaction */
function togetherWords({ components, dimensions, deviation, keyDeviation, totalVariation, totalVariation90 }) {
  const others = components.filter(({ contrast }) => contrast === null);
  const share = others.reduce((sum, { share: of }) => sum + of, 0);
  const left = components.length - others.length;
  const kind = left > 0 ? 'other component' : 'component';
  const which = others.length === dimensions - left ? `All ${count(others.length)} ${kind}s`
    : `The ${plural(others.length, `strongest ${kind}`)} of ${count(dimensions - left)}`;
  const kept = components.length === 1 ? 'it' : left > 0 ? 'all of these' : 'them';
  const off = totalVariation === null || totalVariation90 === null ? ''
    : ` With ${kept} and without the rest, attention is off by ${percent(totalVariation)} `
      + `(total variation; nine of ten rows by less than ${percent(totalVariation90)}).`;
  return `${which} carry ${percent(share)} of what pairs of a query and a key add to scores (a standard deviation of `
    + `${amount(deviation)}; keys alone add ${amount(keyDeviation)}).${off}`;
}

/** The two ends of a component. @param {Component} component @param {number} i @param {string} by */
function componentRows({ share, contrast, queries, keys }, i, by) {
  const figures = contrast === null ? [percent(share)]
    : [percent(share), el('br'), 'by ', el('bdi', {}, by), ` ${amount(contrast)}`];
  return el('tbody', {}, ...[1, -1].map((sign) => el('tr', {},
    sign > 0 && el('th', { scope: 'rowgroup', rowSpan: 2 }, `${i + 1} `,
      el('span', { class: 'quiet' }, ...figures)),
    el('td', {}, tokensLike(like(queries, sign), 'query')), el('td', {}, tokensLike(like(keys, sign), 'key')))));
}

/** @param {Model} model */
function missing({ components }) {
  const parts = components?.missing ?? [];
  const sentence = (/** @type {string} */ part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}.`;
  return parts.length === 0 ? null : el('p', { class: 'quiet' }, parts.map(sentence).join(' '));
}
