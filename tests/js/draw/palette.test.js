import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, luminance } from '../../../site_templates/src/draw/color.js';
import {
  categories, emphasise, FIRST, makePalette, NONE, quantiseColors, ramp, rampSlot, rampSlots, SLOTS, TONES, tones,
  viridis,
} from '../../../site_templates/src/draw/palette.js';

const PAGES = { light: [251, 250, 248], dark: [19, 20, 22] };
const THEME = { query: [1, 2, 3], key: [4, 5, 6], quiet: [100, 100, 100], page: [0, 0, 0] };

/** Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB. */
const SIGHTS = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};
const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i], 0));
const linear = (color) => color.map((value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

/** Oklab (Ottosson 2020) of linear RGB: distances in it are about as large as differences look. */
function oklab(rgb) {
  const cones = times([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ], rgb).map(Math.cbrt);
  return times([
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
  ], cones);
}

/** The smallest difference between any two colours under a kind of sight. */
function closest(colors, matrix) {
  const clamp = (value) => Math.min(Math.max(value, 0), 1);
  const labs = colors.map((color) => oklab(times(matrix, linear(color)).map(clamp)));
  const pairs = labs.flatMap((a, i) => labs.slice(i + 1).map((b) => Math.hypot(...a.map((value, k) => value - b[k]))));
  return Math.min(...pairs);
}

for (const [theme, page] of Object.entries(PAGES)) {
  for (const [sight, matrix] of Object.entries(SIGHTS)) {
    test(`categories stay apart: ${theme}, ${sight}`, () => {
      // Okabe and Ito's own eight come to 0.076 under deuteranopia.
      assert.ok(closest(categories(page), matrix) > 0.1, String(closest(categories(page), matrix)));
    });
  }
  test(`nothing sinks into the page: ${theme}`, () => {
    for (const color of categories(page)) assert.ok(contrast(color, page) > 1.9, String(color));
    for (const color of rampSlots(page)) assert.ok(contrast(color, page) > 1.5, String(color));
    for (const color of tones(page)) assert.ok(contrast(color, page) > 1.4, String(color));
  });
  test(`the scale grows lighter all the way: ${theme}`, () => {
    const lights = Array.from({ length: 50 }, (_, i) => luminance(ramp(i / 49, page)));
    lights.slice(1).forEach((light, i) => assert.ok(light > lights[i]));
  });
}

test('viridis has its ends', () => {
  assert.deepEqual(viridis(0), [0x44, 0x01, 0x54]);
  assert.deepEqual(viridis(1), [0xfd, 0xe7, 0x25]);
});

test('a palette holds query, key, what has no value, and the mode’s own', () => {
  const palette = makePalette(THEME, [[7, 8, 9]]);
  assert.equal(palette.length, 768);
  assert.deepEqual([...palette.subarray(0, 12)], [1, 2, 3, 4, 5, 6, 45, 45, 45, 7, 8, 9]);
  assert.deepEqual([rampSlot(0), rampSlot(1), rampSlot(NaN)], [FIRST, FIRST + SLOTS - 1, NONE]);
  assert.equal(rampSlot(1), 255);
  assert.equal(tones(PAGES.light).length, TONES);
});

test('few colours keep their exact values, many are merged with similar ones', () => {
  const few = [[10, 20, 30], null, [200, 0, 0], [10, 20, 30]];
  const exact = quantiseColors(few);
  assert.deepEqual([...exact.slots].map((slot) => exact.modeColors[slot - FIRST] ?? null), few);
  const many = Array.from({ length: 4096 }, (_, i) => [(i & 15) * 17, ((i >> 4) & 15) * 17, (i >> 8) * 17]);
  const { slots, modeColors } = quantiseColors(many);
  assert.ok(modeColors.length <= SLOTS);
  many.forEach((color, i) => {
    const merged = modeColors[slots[i] - FIRST];
    assert.ok(Math.max(...color.map((value, k) => Math.abs(value - merged[k]))) < 45);
  });
});

test('one colour stands out when the others go back into the page', () => {
  const palette = makePalette(THEME, [[200, 100, 50], [90, 90, 90]]);
  assert.equal(emphasise(palette, -1, [0, 0, 0]), palette);
  const retreated = emphasise(palette, FIRST, [250, 250, 250]);
  assert.deepEqual([...retreated.subarray(3 * FIRST, 3 * FIRST + 3)], [200, 100, 50]);
  assert.deepEqual([...retreated.subarray(3 * FIRST + 3, 3 * FIRST + 6)], [228, 228, 228]);
});
