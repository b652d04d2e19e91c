import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyCloud, weave } from '../../../site_templates/src/draw/cloud.js';
import { findRegions } from '../../../site_templates/src/views/head/regions.js';
import { levelOf } from '../../../site_templates/src/views/head/region-names.js';

/** Numbers that look random and are always the same, from 0 to 1. */
function makeNoise() {
  let seed = 7;
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

/** 600 points all over the map, of forty types; and of type 0 twenty more about each of some places. */
function makeMap(dimensions, places) {
  const noise = makeNoise();
  const codes = [];
  const of = [];
  for (let i = 0; i < 600; i++) {
    for (let k = 0; k < dimensions; k++) codes.push(Math.floor(noise() * 65535));
    of.push(1 + (i % 40));
  }
  for (const place of places) {
    for (let i = 0; i < 20; i++) {
      for (let k = 0; k < dimensions; k++) codes.push(Math.floor((place[k] + 0.03 * (noise() - 0.5)) * 65535));
      of.push(0);
    }
  }
  const cloud = emptyCloud(of.length, true, dimensions);
  weave(cloud, 0, Uint16Array.from(codes), new Uint16Array(0));
  const names = Array.from({ length: 41 }, (_, i) => `type ${i}`);
  return { cloud, types: { names, places: names.map(() => false), of: [Uint32Array.from(of), new Uint32Array(0)] } };
}

for (const dimensions of [2, 3]) {
  // On an edge between squares, and in the middle of one.
  const places = [[0.5, 0.25, 0.5], [0.83, 0.8, 0.2]];
  test(`a group of points names its region once, wherever squares are cut, in ${dimensions} dimensions`, () => {
    const { cloud, types } = makeMap(dimensions, places);
    const regions = findRegions(cloud, types, 3);
    assert.deepEqual(regions.map(({ name }) => name), ['type 0', 'type 0']);
    for (const place of places) {
      const near = regions.filter((region) => Math.hypot(...region.place.map((x, k) => x - place[k])) < 0.03);
      assert.equal(near.length, 1);
      assert.ok(near[0].points >= 18);
    }
  });
}

test('points at random have no regions, nor do places of patches', () => {
  const { cloud, types } = makeMap(2, []);
  assert.deepEqual(findRegions(cloud, types, 3), []);
  const { cloud: grouped, types: ofPatches } = makeMap(2, [[0.5, 0.5]]);
  assert.deepEqual(findRegions(grouped, { ...ofPatches, places: ofPatches.names.map(() => true) }, 3), []);
});

test('a group that is two from near is one from afar', () => {
  const { cloud, types } = makeMap(2, [[0.4, 0.4], [0.48, 0.4]]);
  assert.equal(findRegions(cloud, types, 2).length, 1);
  assert.equal(findRegions(cloud, types, 5).length, 2);
});

test('squares stay as large as the eye comes nearer', () => {
  const rect = { x: 0, y: 0, width: 880, height: 880 };
  const view = (zoom) => Float64Array.of(2 * zoom, 0, 0, 0, 0, 2 * zoom, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1);
  assert.deepEqual([1, 2, 8].map((zoom) => levelOf({ view: view(zoom), rect })), [3, 4, 6]);
});
