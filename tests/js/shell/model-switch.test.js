import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchToken, switchModel } from '../../../site_templates/src/shell/model-switch.js';
import { known } from '../state/known.js';

const tokens = (pieces) => ({
  texts: pieces.map(([text]) => text), special: pieces.map(([, start]) => start === undefined),
  start: Int32Array.from(pieces, ([, start]) => start ?? -1), end: Int32Array.from(pieces, ([, , end]) => end ?? -1),
});
const FINE = tokens([['[CLS]'], ['cat', 0, 3], ['##er', 3, 5], ['##pillar', 5, 11], ['[SEP]']]);
const COARSE = tokens([['cater', 0, 5], ['pillar', 5, 11], ['</s>']]);

test('a token goes with the one that covers its beginning', () => {
  assert.deepEqual([1, 2, 3].map((token) => matchToken(FINE, token, COARSE)), [0, 0, 1]);
  assert.deepEqual([0, 1].map((token) => matchToken(COARSE, token, FINE)), [1, 3]);
});

test('a special token goes with its equal, if there is one', () => {
  assert.equal(matchToken(FINE, 4, FINE), 4);
  assert.equal(matchToken(FINE, 4, COARSE), null);
});

/** A report of two models whose heads have stacks, and a state that notes what is set. */
function scene(selection, failing = false) {
  const stackInfo = { query_axis: 'text', key_axis: 'text' };
  const heads = (model) => known.heads(model).map((head) => ({ ...head, stackInfo }));
  const report = {
    heads, head: (model, id) => heads(model).find((head) => head.id === id),
    tokens: async (model) => (failing ? Promise.reject(new Error('gone')) : model === 'mini' ? FINE : COARSE),
  };
  const set = [];
  return { context: { report, state: { get: () => selection, set: (patch) => set.push(patch) } }, set };
}

test('head, document and token are kept where the other model has them', async () => {
  const { context, set } = scene({ model: 'mini', head: 'L0H1', doc: 3, token: 3, side: 'query' });
  await switchModel(context, 'pair');
  assert.deepEqual(set, [{ model: 'pair', head: 'encoder.L0H1', token: 1 }]);
});

test('what the other model lacks is let go of', async () => {
  const { context, set } = scene({ model: 'mini', head: 'L1H2', doc: 3, token: 4, side: 'key' });
  await switchModel(context, 'pair');
  assert.deepEqual(set, [{ model: 'pair', head: '', token: null }]);
});

test('a model can be switched to where the tokens cannot be read', async () => {
  const { context, set } = scene({ model: 'mini', head: 'L0H1', doc: 3, token: 3, side: 'query' }, true);
  await switchModel(context, 'pair');
  assert.deepEqual(set, [{ model: 'pair', head: 'encoder.L0H1', token: null }]);
});
