/**
 * A report of format 1 that is never made anew (tests/fixtures/frozen): what this reader finds in it is what was found
 * on the day it was made. tests/contract/test_frozen.py holds Python's to the same.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { openReport } from '../../site_templates/src/data/report.js';
import { openManifest } from '../../site_templates/src/data/tables.js';

const FROZEN = new URL('../fixtures/frozen/format-1/', import.meta.url);
const read = (file) => JSON.parse(readFileSync(new URL(file, FROZEN), 'utf8'));
const fetchBytes = async (path) => new Uint8Array(await readFile(new URL(path, FROZEN)));
const manifest = await openManifest(read('manifest.json'), fetchBytes);
const models = read('expected.json').models;
const report = openReport({ manifest, base: 'http://localhost/', fetchBytes });

function assertClose(values, expected, tolerance, where) {
  assert.equal(values.length, expected.length, where);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(values[i] - value) <= tolerance, `${where}, entry ${i}: ${values[i]}, not ${value}`);
  });
}

test('heads have their names, labels and certificates', () => {
  for (const { name, heads, labels, certificates } of models) {
    assert.deepEqual(report.heads(name).map(({ id }) => id), heads);
    for (const head of report.heads(name)) {
      assert.deepEqual(head.labels.map((label) => label.name), labels[head.id]);
      assert.deepEqual(head.certificate, certificates[head.id]);
    }
  }
});

test('documents have their texts, tokens and labels', async () => {
  const documents = await report.documents();
  for (const { name, documents: records } of models) {
    for (const [at, record] of records.entries()) {
      assert.deepEqual([documents.title(at), documents.text(at)], [record.title, record.text]);
      for (const [label, value] of Object.entries(record.labels)) assert.equal(documents.label(at, label), value);
      for (const [axis, expected] of Object.entries(record.axes)) {
        const tokens = await report.tokens(name, axis, at);
        const { ids, texts, special, segment, row, column, crop, labels, surface } = tokens;
        assert.deepEqual({
          ids: [...ids], special, segment: [...segment], row: [...row], column: [...column], texts,
          surfaces: texts.map((_, token) => surface(token)),
          crop: crop && ['left', 'top', 'right', 'bottom'].map((edge) => crop[edge]),
          labels: Object.fromEntries(labels),
        }, expected, `${name}, ${axis}, document ${at}`);
      }
    }
  }
});

test('attention is what it was', async () => {
  for (const { name, attention: records } of models) {
    assert.ok(records.length >= 8);
    for (const { head, document, shape, rows } of records) {
      const attention = await report.attention(name, head, document);
      assert.deepEqual([attention.queries, attention.keys], shape);
      for (const [query, row] of Object.entries(rows)) {
        assertClose(attention.row(Number(query)), row, 1e-6, `${name} ${head}, document ${document}, row ${query}`);
      }
    }
  }
});

test('maps put tokens where they were', async () => {
  for (const { name, maps: records } of models) {
    assert.ok(records.length >= 8);
    for (const { head, map: id, tokens, places } of records) {
      const map = await report.map(name, head, id);
      const { query_axis: queries, key_axis: keys } = report.head(name, head).stackInfo;
      for (const [side, axis, codes] of [[0, queries, map.queries], [1, keys, map.keys]]) {
        const point = (await report.sample(name, axis)).indexOf(tokens[side]);
        const place = Array.from(map.lo, (lo, c) => lo + codes[point * map.dimensions + c] / 65535 * (map.hi[c] - lo));
        assertClose(place, places[side], 1e-5, `${name} ${head}, ${id}`);
      }
    }
  }
});

test('images are there', async () => {
  const images = await Promise.all([0, 1, 2, 3, 4].map((document) => report.image(document)));
  const sizes = images.map((image) => image && [image.width, image.height]);
  assert.deepEqual(sizes, [undefined, undefined, undefined, [30, 20], [24, 24]]);
});
