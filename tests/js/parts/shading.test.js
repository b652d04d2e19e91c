import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEAT_EXPONENT, HEAT_STEPS } from '../../../site_templates/src/draw/heat.js';
import { MASKED, levelOf, shade, USUAL_SCALE } from '../../../site_templates/src/parts/shading.js';
import { makeShares } from '../../../site_templates/src/parts/token-shares.js';
import { USUAL_EXPONENT } from '../../../site_templates/src/state/link-keys.js';

const VALUES = Float64Array.of(0.6, 0.2, 0.1, 0.06, 0.04, 0);
const all = () => false;
const lastMasked = (i) => i === 5;
const usual = (patch) => ({ ...USUAL_SCALE, ...patch });

test('the usual exponent of a link is the one that shades have', () => {
  assert.equal(USUAL_EXPONENT, HEAT_EXPONENT);
});

test('a power and a logarithm go from nothing to the strongest shade', () => {
  for (const law of [{ scale: 'power', exponent: 0.5 }, { scale: 'log', exponent: 0.5 }]) {
    const level = levelOf(law);
    assert.deepEqual([level(0), level(1), level(2)], [0, HEAT_STEPS, HEAT_STEPS]);
  }
  assert.equal(levelOf({ scale: 'power', exponent: 0.5 })(0.25), HEAT_STEPS / 2);
  assert.equal(levelOf({ scale: 'log', exponent: 1 })(0.1), Math.round((2 / 3) * HEAT_STEPS));
  assert.equal(levelOf({ scale: 'log', exponent: 1 })(0.0005), 0);
});

test('shares up to mean and n sigma of what counts are not shaded', () => {
  const { least, levels } = shade(VALUES, lastMasked, usual({ cut: 0.5 }));
  const mean = 0.2;
  const sigma = Math.sqrt((0.4 ** 2 + 0 + 0.1 ** 2 + 0.14 ** 2 + 0.16 ** 2) / 5);
  assert.ok(Math.abs(least - (mean + 0.5 * sigma)) < 1e-12);
  assert.deepEqual([...levels], [HEAT_STEPS, 0, 0, 0, 0, MASKED]);
  assert.ok(shade(VALUES, lastMasked, usual({ cut: 0 })).levels[1] === 0, 'the mean itself is not above the mean');
});

test('ignored first tokens have no shade and do not set the scale; shares stay', () => {
  const { top, levels, values } = shade(VALUES, all, usual({ ignore: 1 }));
  assert.equal(top, 0.2);
  assert.deepEqual([levels[0], levels[1]], [0, HEAT_STEPS]);
  assert.equal(values[0], 0.6);
});

test('several tokens are added, and masked where none of them sees', () => {
  const ROWS = [[1, 0, 0], [0.75, 0.25, 0], [0.5, 0.25, 0.25]];
  const tokens = { special: [false, false, false] };
  const shares = makeShares({
    queries: 3, keys: 3,
    row: (i) => Float64Array.from(ROWS[i]),
    column: (j) => Float64Array.from(ROWS, (row) => row[j]),
    interval: (i) => [0, i + 1],
  }, { queries: tokens, keys: tokens });
  const row = shares.row([0, 1], false);
  assert.deepEqual([...row.values], [1.75, 0.25, 0]);
  assert.deepEqual([...row.levels].map((level) => level === MASKED), [false, false, true]);
  const column = shares.column([1, 2], false);
  assert.deepEqual([...column.values], [0, 0.25, 0.5]);
  assert.deepEqual([...column.levels].map((level) => level === MASKED), [true, false, false]);
});
