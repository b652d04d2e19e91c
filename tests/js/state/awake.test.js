import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  labelNames, leadingLabels, leadingName, restOfHead, restsOften,
} from '../../../site_templates/src/state/awake.js';
import { hasLabel, NO_LABEL } from '../../../site_templates/src/state/heads-filter.js';
import { sortHeads } from '../../../site_templates/src/state/heads-order.js';

const sunk = { statistics: { rest: 0.83 }, labels: [{ name: 'first-token', score: 0.9 }],
  awake_labels: [{ name: 'previous-token', score: 0.8 }] };
const plain = { statistics: {}, labels: [{ name: 'self', score: 0.7 }] };

test('what a head does besides resting leads; a report that says nothing of it leads with all labels', () => {
  assert.deepEqual(leadingLabels(sunk).map(({ name }) => name), ['previous-token']);
  assert.deepEqual(leadingLabels(plain).map(({ name }) => name), ['self']);
  assert.deepEqual(leadingLabels({ ...sunk, awake_labels: undefined }), [], 'none besides is an answer');
  assert.deepEqual([restOfHead(sunk), restOfHead(plain)], [0.83, null]);
  assert.deepEqual([restsOften(sunk), restsOften(plain), restsOften({ statistics: { rest: 0.02 } })],
    [true, false, false]);
});

test('statistics lead that leave out what rests, where something can rest', () => {
  assert.deepEqual(['previous', 'awake_previous'].map((name) => leadingName(sunk, name)), [null, 'previous']);
  assert.deepEqual(['previous', 'awake_previous'].map((name) => leadingName(plain, name)), ['previous', null]);
});

test('heads are found by labels of both kinds, and sorted by those that lead', () => {
  assert.deepEqual(labelNames(sunk), ['previous-token', 'first-token']);
  assert.deepEqual(['previous-token', 'first-token', 'self', NO_LABEL].map((name) => hasLabel(name, sunk)),
    [true, true, false, false]);
  const labels = ['previous-token', 'self', 'first-token'].map((name) => ({ name }));
  const model = { labels, stacks: [], statistics: [], maps: [] };
  assert.deepEqual(sortHeads([plain, sunk], 'labels', model), [sunk, plain]);
});
