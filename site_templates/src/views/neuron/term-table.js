/** From the sum of products to the weight, a line a step: a table that everyone reads. */
import { el } from '../../parts/element.js';
import { percent, real } from '../../parts/numbers.js';

/** @import { Pair } from './pair.js' */

/**
 * Only steps that the head has are lines.
 * @param {Pair} pair
 */
export function termTable({ terms, rule, sink, biased }) {
  const { products, dot, scaled, capped, bias, score, lse, allowed, weight } = terms;
  const rest = score - lse;
  const lines = [
    line('dot', `Sum of ${products.length} products, q·k`, '', real(dot)),
    line('scaled', 'Scaled', `× ${real(rule.scaling)}`, real(scaled)),
    rule.softcap !== null && line('capped', 'Under the soft cap',
      `${real(rule.softcap)} · tanh(s / ${real(rule.softcap)})`, real(capped)),
    biased && allowed && line('score', 'With the bias', plus(bias), real(score)),
    ...(allowed ? [
      line('lse', 'Less the row’s log-sum-exp', plus(-lse), real(rest),
        sink === null ? '' : `It counts the head’s sink, ${real(sink)}, as one more score.`),
      line('weight', 'Attention', `exp(${real(rest)})`, percent(weight)),
    ] : [line('weight', 'Attention', 'the mask forbids this key', Number.isNaN(weight) ? '–' : '0')]),
  ];
  return el('table', { class: 'terms' }, el('caption', { class: 'offscreen' }, 'The terms of this pair’s score'),
    el('tbody', {}, ...lines));
}

/** "+ 0.5", "− 0.5". @param {number} value */
function plus(value) {
  return `${value < 0 ? '−' : '+'} ${real(Math.abs(value))}`;
}

/** @param {string} term @param {string} name @param {string} step @param {string} value @param {string} [remark] */
function line(term, name, step, value, remark = '') {
  return el('tr', { 'data-term': term }, el('th', { scope: 'row' }, name, remark && el('small', {}, remark)),
    el('td', { class: 'step-formula' }, step), el('td', { class: 'number' }, value));
}
