import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  counterpart, defaultHead, headNumbers, layerRows, mainStatistics, neighbour,
} from '../../../site_templates/src/state/layout.js';
import { known } from './known.js';

const rows = layerRows(known.heads('pair'));

test('rows are layers, stacks one after another', () => {
  assert.deepEqual(rows.map(({ stack, layer, heads }) => [stack, layer, heads.length]), [
    ['encoder', 0, 2], ['encoder', 1, 1], ['cross', 0, 2],
  ]);
});

test('stacks stay together, layers in order, however the heads are listed', () => {
  const heads = [
    { stack: 'decoder', layer: 0, head: 0 },
    { stack: 'cross', layer: 0, head: 0 },
    { stack: 'decoder', layer: 2, head: 1 },
    { stack: 'cross', layer: 2, head: 0 },
    { stack: 'decoder', layer: 2, head: 4 },
  ];
  const layers = layerRows(heads);
  const names = layers.map(({ stack, layer }) => `${stack} ${layer}`);
  assert.deepEqual(names, ['decoder 0', 'decoder 2', 'cross 0', 'cross 2']);
  assert.deepEqual(headNumbers(layers), [0, 1, 4]);
});

test('a head has its counterpart in another model, in the stack of its name where there is one', () => {
  const from = (model, id) => known.head(model, id);
  assert.equal(counterpart(known.heads('pair'), from('mini', 'L0H1'))?.id, 'encoder.L0H1');
  assert.equal(counterpart(known.heads('pair'), from('pair', 'cross.L0H1'))?.id, 'cross.L0H1');
  assert.equal(counterpart(known.heads('mini'), from('pair', 'cross.L0H1'))?.id, 'L0H1');
  assert.equal(counterpart(known.heads('pair'), from('mini', 'L1H2')), undefined);
  assert.equal(counterpart(known.heads('pair'), undefined), undefined);
});

test('figures that a head does not have are not among its main ones', () => {
  const model = known.model('mini');
  const statistics = { entropy: 1, distance: null, previous: null, first: 0.3 };
  const head = { ...known.head('mini', 'L0H0'), statistics };
  assert.deepEqual(mainStatistics(model, head).map(({ name }) => name), ['entropy', 'first']);
});

test('steps go to neighbours, over stacks, and stop at the edges', () => {
  const step = (id, across, down) => neighbour(rows, id, across, down)?.id;
  assert.equal(step('encoder.L0H0', 1, 0), 'encoder.L0H1');
  assert.equal(step('encoder.L0H1', 1, 0), undefined);
  assert.equal(step('encoder.L0H0', -1, 0), undefined);
  assert.equal(step('encoder.L0H0', 0, -1), undefined);
  assert.equal(step('encoder.L1H0', 0, 1), 'cross.L0H0');
  assert.equal(step('cross.L0H0', 0, 1), undefined);
  assert.equal(step('no such head', 1, 0), undefined);
});

test('a shorter row gives its last head', () => {
  assert.equal(neighbour(rows, 'encoder.L0H1', 0, 1)?.id, 'encoder.L1H0');
});

test('the main figures end with the largest share', () => {
  const model = known.model('mini');
  const names = (id) => mainStatistics(model, known.head('mini', id)).map(({ name }) => name);
  assert.deepEqual(names('L0H0'), ['entropy', 'distance', 'first']);
  assert.deepEqual(names('L1H1'), ['entropy', 'distance', 'previous']);
});

test('a model without heads has no default', () => {
  assert.equal(defaultHead(undefined, []), '');
});
