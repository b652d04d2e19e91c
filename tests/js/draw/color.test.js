import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, mix, parseColor } from '../../../site_templates/src/draw/color.js';
import { HEAT_STEPS, heatLevel, makeHeat } from '../../../site_templates/src/draw/heat.js';

test('colours are read and mixed', () => {
  assert.deepEqual(parseColor(' #2f5bd7 '), [47, 91, 215]);
  assert.deepEqual(parseColor('#fff'), [255, 255, 255]);
  assert.throws(() => parseColor('red'), RangeError);
  assert.deepEqual(mix([0, 0, 0], [100, 200, 50], 0.5), [50, 100, 25]);
});

test('contrast is that of WCAG', () => {
  assert.equal(contrast([255, 255, 255], [0, 0, 0]), 21);
  assert.ok(Math.abs(contrast([118, 118, 118], [255, 255, 255]) - 4.54) < 0.01);
});

const LIGHT = [[251, 250, 248], [47, 91, 215], [28, 27, 25]];
const DARK = [[19, 20, 22], [138, 168, 255], [236, 234, 230]];

for (const [name, [page, accent, ink]] of Object.entries({ light: LIGHT, dark: DARK })) {
  test(`shaded text can be read, ${name}`, () => {
    const heat = makeHeat(page, accent, ink);
    heat.colors.forEach((color, level) => {
      const flipped = heat.ink[level] === '' ? ink : heat.ink[level].match(/\d+/g).map(Number);
      assert.ok(contrast(flipped, color) >= 4.5, `level ${level}: ${contrast(flipped, color)}`);
    });
    assert.equal(heat.background[0], '');
    assert.equal(heat.ink[0], '');
    assert.notEqual(heat.ink[HEAT_STEPS], '', 'the strongest shade flips the ink');
  });
}

test('levels lift small shares and stay in range', () => {
  assert.equal(heatLevel(0, 1), 0);
  assert.equal(heatLevel(NaN, 1), 0);
  assert.equal(heatLevel(0.5, 0), 0);
  assert.equal(heatLevel(1, 1), HEAT_STEPS);
  assert.equal(heatLevel(2, 1), HEAT_STEPS);
  assert.ok(heatLevel(0.01, 1) >= 4, 'one percent is seen');
  assert.deepEqual([0, 0.5, NaN].map((value) => heatLevel(value, 0.5)), [0, HEAT_STEPS, 0]);
});
