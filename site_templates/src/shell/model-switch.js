/** From one model of a report to another, keeping head, document and token where the other has them. */
import { counterpart } from '../state/layout.js';

/** @import { Tokens } from '../data/types.js' */
/** @import { Selection } from '../state/types.js' */
/** @import { Context } from '../parts/types.js' */

/**
 * @param {Pick<Context, 'report' | 'state'>} context
 * @param {string} model
 * @param {{push?: boolean}} [options] whether the step back leads here
 */
export async function switchModel({ report, state }, model, options = {}) {
  const selection = state.get();
  const head = counterpart(report.heads(model), report.head(selection.model, selection.head))?.id ?? '';
  const token = await sameToken(report, selection, model, head).catch(() => null);
  if (state.get() === selection) state.set({ model, head, token }, options);
}

/**
 * The other model's token for the same piece of the text.
 * @param {Context['report']} report
 * @param {Selection} selection
 * @param {string} model
 * @param {string} head
 */
async function sameToken(report, { model: from, head: fromHead, doc, token, side }, model, head) {
  const here = report.head(from, fromHead)?.stackInfo;
  const there = (report.head(model, head) ?? report.heads(model)[0])?.stackInfo;
  if (doc === null || token === null || !here || !there) return null;
  const axis = side === 'query' ? 'query_axis' : 'key_axis';
  const [tokens, otherTokens] =
    await Promise.all([report.tokens(from, here[axis], doc), report.tokens(model, there[axis], doc)]);
  return matchToken(tokens, token, otherTokens);
}

/**
 * The token that covers where another tokenizer's token begins; a special one or a patch goes with its equal.
 * @param {Tokens} tokens
 * @param {number} token
 * @param {Tokens} others
 * @returns {number | null}
 */
export function matchToken(tokens, token, others) {
  const start = tokens.start[token];
  const index = others.texts.findIndex((text, i) => (start < 0
    ? others.start[i] < 0 && others.special[i] === tokens.special[token] && text === tokens.texts[token]
    : others.start[i] <= start && start < others.end[i] && others.start[i] >= 0));
  return index < 0 ? null : index;
}
