import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST, NONE, SLOTS } from '../../../site_templates/src/draw/palette.js';
import { groupValues, NAMED } from '../../../site_templates/src/parts/color/groups.js';

test('the most frequent values get the colours, ties in order of name', () => {
  const { named, rest, none, slotOf, countOf } = groupValues(['b', 'a', 'c', 'c', null, 'b']);
  assert.deepEqual(named, [
    { slot: FIRST, value: 'b', count: 2 }, { slot: FIRST + 1, value: 'c', count: 2 },
    { slot: FIRST + 2, value: 'a', count: 1 },
  ]);
  assert.deepEqual([rest, none], [{ values: 0, count: 0 }, 1]);
  assert.deepEqual(['a', null].map(slotOf), [FIRST + 2, NONE]);
  assert.equal(countOf('c'), 2);
});

test('the other values have tones of their own, always the same', () => {
  const values = Array.from({ length: 30 }, (_, i) => Array(30 - i).fill(`w${i}`)).flat();
  const groups = groupValues(values);
  assert.equal(groups.named.length, NAMED);
  assert.deepEqual(groups.rest, { values: 22, count: (22 * 23) / 2 });
  const slots = Array.from({ length: 22 }, (_, i) => groups.slotOf(`w${8 + i}`));
  assert.ok(slots.every((slot) => slot >= FIRST + NAMED && slot < FIRST + SLOTS));
  assert.ok(new Set(slots).size > 8, 'they differ');
  assert.deepEqual(slots, Array.from({ length: 22 }, (_, i) => groupValues(values.reverse()).slotOf(`w${8 + i}`)));
});

test('an order of its own is kept', () => {
  assert.deepEqual(
    groupValues([2, 2, 0], [0, 1, 2]).named.map(({ value, count }) => [value, count]), [[0, 1], [1, 0], [2, 2]],
  );
});
