import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeScale } from '../../../site_templates/src/parts/color/scale.js';

test('a scale runs from the least to the greatest, with round numbers under it', () => {
  const { place, ticks } = makeScale([0.3, NaN, 4.1, 2], { from: 0 });
  assert.deepEqual([place(0), place(4.1), place(2.05), place(9), place(-1)], [0, 1, 0.5, 1, 0]);
  assert.ok(Number.isNaN(place(NaN)));
  assert.deepEqual(ticks.map(({ text }) => text), ['0', '2', '4']);
  assert.ok(ticks.every(({ at, text }) => Math.abs(at - Number(text) / 4.1) < 1e-12));
});

test('a logarithmic scale gives each factor the same room, and nothing to zero', () => {
  const { place, ticks } = makeScale([1, 10, 1000, 0], { log: true });
  assert.ok(Math.abs(place(10) - 1 / 3) < 1e-12);
  assert.ok(Number.isNaN(place(0)));
  assert.deepEqual(ticks.map(({ text }) => text), ['1', '10', '100', '1,000']);
  assert.deepEqual(makeScale([2, 30], { log: true }).ticks.map(({ text }) => text), ['2', '5', '10', '20']);
});

test('ticks stay few and inside, whatever the range', () => {
  const scales = [
    [0, 1e-3, false], [1, 7, false], [-5, 5e6, false], [1e-6, 1e6, true], [3, 4, true], [0.9, 1.1, true],
  ];
  for (const [low, high, log] of scales) {
    const { ticks } = makeScale([low, high], { log });
    assert.ok(ticks.length >= 1 && ticks.length <= 6, `${low} to ${high}: ${ticks.map(({ text }) => text)}`);
    assert.ok(ticks.every(({ at }) => at >= 0 && at <= 1));
  }
});

test('one value, or none, is a scale too', () => {
  assert.equal(makeScale([3, 3]).place(3), 0.5);
  assert.deepEqual(makeScale([3, 3]).ticks.map(({ text }) => text), ['3']);
  assert.ok(Number.isNaN(makeScale([]).place(NaN)));
});
