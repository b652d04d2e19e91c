import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextSort, sortHeads } from '../../../site_templates/src/state/heads-order.js';
import { heads, model } from './heads-known.js';

const order = (sort) => sortHeads(heads, sort, model).map((head) => heads.indexOf(head));

test('the model’s own order, and it turned round', () => {
  assert.deepEqual(order(''), [0, 1, 2, 3, 4]);
  assert.deepEqual(order('head'), [0, 1, 2, 3, 4]);
  assert.deepEqual(order('-head'), [4, 3, 2, 1, 0]);
  assert.deepEqual(order('magic'), [0, 1, 2, 3, 4]);
});

test('numbers either way: equal ones keep their order, missing ones come last', () => {
  assert.deepEqual(order('entropy'), [1, 4, 0, 3, 2]);
  assert.deepEqual(order('-entropy'), [3, 0, 1, 4, 2]);
  assert.deepEqual(order('attention-2d.top3_mass'), [0, 1, 3, 4, 2]);
});

test('labels in the model’s order, the stronger first, those without at the end', () => {
  assert.deepEqual(order('labels'), [1, 4, 3, 0, 2]);
  assert.deepEqual(order('-labels'), [3, 4, 1, 0, 2]);
});

test('stacks as the model has them', () => {
  assert.deepEqual(order('-stack'), [4, 0, 1, 2, 3]);
});

test('presses on a heading go through both orders and back', () => {
  assert.equal(nextSort('', 'entropy', true), '-entropy');
  assert.equal(nextSort('-entropy', 'entropy', true), 'entropy');
  assert.equal(nextSort('entropy', 'entropy', true), '');
  assert.equal(nextSort('entropy', 'labels', false), 'labels');
});
