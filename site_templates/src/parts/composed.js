/** Whether heads are composed, and how, in words. */
import { amount } from './numbers.js';

/** @import { Composed, Model } from '../data/types.js' */

const SIDES = { q: 'queries', k: 'keys', v: 'values' };

/** What of a head reads what the other writes, and how much. @param {Omit<Composed, 'head'>} composed */
export function sideInWords({ side, value }) {
  return `by ${SIDES[side]} ${amount(value)}`;
}

/** Whether a report says how the heads of a model are composed. @param {Model | undefined} model */
export function isComposed(model) {
  return (model?.writes?.composition ?? []).length > 0;
}
