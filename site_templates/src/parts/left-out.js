/**
 * The switch that leaves out special tokens and sinks, the same in every view, and beside it what that takes of a row
 * and of a head.
 * @import { Head, Model } from '../data/types.js'
 * @import { Sinks } from '../state/sinks.js'
 * @import { Selection } from '../state/types.js'
 * @import { Texts } from './document-texts.js'
 * @import { Context } from './types.js'
 */
import { leftOutInWords, leftOutKeys, sinksOf } from '../state/sinks.js';
import { el, fill } from './element.js';
import { joinedHeads } from './joined-heads.js';
import { percent } from './numbers.js';

/** @typedef {{id: string, share: number}} HeadShare what is left out of a head's rows on average */
/** @typedef {{sinks: Sinks, keys: readonly boolean[], special: boolean}} LeftOutKeys */

const MEANING = 'Leaves out special tokens and sinks: the first token where no query sees a later key, the model’s '
  + 'separators, and a learned sink, or what is missing of rows that were given. The rest of each row is divided by '
  + 'what is left, so that it sums to 100 %. The statistics “awake” leave out the same.';
const MOST_NAMED = 3;

/**
 * What can be left out of a document's attention under heads that are shown together.
 * @param {Pick<Context, 'report'>} context @param {string} model @param {readonly Head[]} heads @param {Texts} texts
 * @returns {LeftOutKeys}
 */
export function leftOutOf({ report }, model, heads, { keys }) {
  const sinks = { ...sinksOf(heads), missing: Boolean(report.model(model)?.attention_by) };
  const special = keys.special.includes(true);
  return { sinks, keys: leftOutKeys(sinks, /** @type {Model} */ (report.model(model)), keys), special };
}

/**
 * The heads whose attention the document view shows.
 * @param {Pick<Context, 'report'>} context @param {Selection} selection
 */
export function headsShown({ report }, { model, head: id, aggregate }) {
  const head = report.head(model, id);
  if (!head) return [];
  return aggregate === 'head' ? [head] : joinedHeads(report.heads(model), head, aggregate).flat();
}

/** @param {Context['state']} state */
export function createHideSwitch(state) {
  const box = el('input', {
    type: 'checkbox', onchange: () => state.set({ hide: box.checked }, { push: false }),
  });
  const words = el('span', { class: 'left-out quiet' });
  const element = el('span', { class: 'hide-switch', hidden: true },
    el('label', { class: 'chip check', 'data-tip': MEANING }, box, 'Hide special tokens and sinks'), words);
  return {
    element,
    /** @param {Selection} selection @param {boolean} offered whether there is anything to leave out */
    show(selection, offered) {
      box.checked = selection.hide;
      element.hidden = !offered;
      if (!selection.hide) fill(words);
    },
    /** @param {number} share of a map's points @param {string} id of its head */
    sayPoints(share, id) {
      fill(words, box.checked && !Number.isNaN(share) ? `left out: ${percent(share)} of the points of ${id}` : '');
    },
    /**
     * @param {number | undefined} row the share of the row that is looked at
     * @param {readonly HeadShare[]} heads
     */
    say(row, heads) {
      const [first] = heads;
      const parts = [row === undefined || Number.isNaN(row) ? '' : `${percent(row)} of this row`,
        heads.length === 1 && first ? `${percent(first.share)} of ${first.id} here` : severalInWords(heads)];
      const text = parts.filter(Boolean).join(', ');
      fill(words, box.checked && text ? `left out: ${text}` : '');
    },
  };
}

/** @param {readonly HeadShare[]} heads */
function severalInWords(heads) {
  if (heads.length === 0) return '';
  if (heads.length <= MOST_NAMED) return heads.map(({ id, share }) => `${id} ${percent(share)}`).join(', ');
  const shares = heads.map(({ share }) => share).filter((share) => !Number.isNaN(share));
  return `${percent(Math.min(...shares))} to ${percent(Math.max(...shares))} of ${heads.length} heads`;
}

/** Whether there is anything to leave out. @param {LeftOutKeys} leftOut @param {Texts} texts */
export function canLeaveOut({ keys, sinks }, { queries }) {
  return sinks.learned || keys.includes(true) || queries.special.includes(true);
}

/** @param {LeftOutKeys} leftOut */
export function whatIsLeftOut({ sinks, special }) {
  return leftOutInWords(sinks, special);
}
