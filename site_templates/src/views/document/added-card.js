/** All that adds to one logit, below a text: the heads that add most, the keys that it comes from, and the rest. */
import { el, fill } from '../../parts/element.js';
import { nameToken } from '../../parts/names.js';
import { signed } from '../../parts/numbers.js';
import { createAddedMatrix } from './added-matrix.js';

/** @import { AddedByPairs, Attribution, Tokens } from '../../data/types.js' */
/** @import { Colors } from '../../parts/types.js' */
/** @typedef {{name: string | Node, by: number, choose: () => void}} Row */

const MOST = 5;

/**
 * @param {object} scene
 * @param {string} scene.head @param {Tokens} scene.tokens
 * @param {Attribution | null} scene.attribution @param {AddedByPairs | null} scene.pairs
 * @param {object} events
 * @param {(head: string) => void} events.onHead
 * @param {(token: number) => void} events.onToken
 * @param {(query: number, key: number, at: {x: number, y: number}) => void} events.onPoint
 * @param {() => void} events.onLeave
 */
export function createAddedCard({ head, tokens, attribution, pairs }, { onHead, onToken, onPoint, onLeave }) {
  const sum = el('p', {});
  const lists = el('div', { class: 'added-lists' });
  const matrix = pairs && createAddedMatrix(pairs, tokens.texts.length, { onPoint, onLeave, onPick: onToken });
  const element = el('section', { class: 'added', 'aria-label': 'What adds to the next token’s logit' }, sum,
    matrix?.element, lists);
  return {
    element,
    /** @param {Colors} theme @param {number | undefined} token */
    show(theme, token) {
      matrix?.show(theme, token);
      if (!attribution || token === undefined || token >= attribution.tokens) {
        fill(sum, el('span', { class: 'quiet' }, 'No token follows, so there is no logit to add to.'));
        return fill(lists);
      }
      fill(sum, ...sumInWords(attribution, tokens, token));
      const heads = attribution.heads(token).map(({ head: id, by }) => ({ name: id, by, choose: () => onHead(id) }));
      const from = [...pairs?.(token) ?? []]
        .map((by, key) => ({ name: el('bdi', {}, nameToken(tokens, key)), by, choose: () => onToken(key) }))
        .sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
      fill(lists, ranked('Raise it most', heads.sort((a, b) => b.by - a.by).filter(({ by }) => by > 0)),
        ranked('Lower it most', [...heads].reverse().filter(({ by }) => by < 0)),
        pairs && ranked(`${head} adds by attending to`, from.filter(({ by }) => by !== 0)));
    },
  };
}

/** @param {Attribution} attribution @param {Tokens} tokens @param {number} token */
function sumInWords(attribution, tokens, token) {
  const { logit, heads, embedding, feedForward, biases, rest } = attribution.sums(token);
  const sums = [['all heads', heads], ['feed-forward layers', feedForward], ['embedding', embedding],
    ['biases', biases], ['the rest of blocks', rest]];
  const listed = sums.filter(([, value]) => value !== 0).map(([name, value]) => `${name} ${signed(Number(value))}`);
  return ['Logit of ', el('b', {}, el('bdi', {}, nameToken(tokens, token + 1))), ' after ',
    el('bdi', {}, nameToken(tokens, token)), ': ', el('b', {}, signed(logit)),
    el('span', { class: 'quiet' }, ` = ${listed.join(', ')}`)];
}

/** @param {string} title @param {readonly Row[]} rows */
function ranked(title, rows) {
  return el('section', {}, el('h3', {}, title), el('ol', {}, ...rows.slice(0, MOST).map(({ name, by, choose }) => (
    el('li', {}, el('button', { type: 'button', class: 'link-button', onclick: choose }, name), ` ${signed(by)}`))),
  rows.length === 0 && el('li', { class: 'quiet' }, 'None.')));
}
