import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReport } from '../../../site_templates/src/data/report.js';
import { buildReport, LENGTHS } from './report-fixture.js';

/** Opens the fixture with a transport that reads from memory and notes every request. */
function open(options = {}) {
  const built = buildReport();
  const requests = [];
  const fetchBytes = async (path) => {
    requests.push(path);
    return new Uint8Array(built.files.get(path));
  };
  return { ...built, requests, report: openReport({ manifest: built.manifest, base: 'http://localhost/', fetchBytes, ...options }) };
}

test('heads carry their name and stack', () => {
  const { report } = open();
  assert.deepEqual(report.heads('toy').map((head) => head.id), ['L0H0', 'L0H1', 'L0H2', 'L0H3', 'L1H0', 'L1H1', 'L1H2', 'L1H3']);
  assert.equal(report.head('toy', 'L1H3').stackInfo.head_size, 4);
  assert.equal(report.head('toy', 'L9H9'), undefined);
  assert.equal(report.head('other', 'L0H0'), undefined);
});

test('rows and columns of both encodings are the attention they were made from', async () => {
  const { report, truth } = open();
  for (const { id } of report.heads('toy')) {
    for (const document of [0, 2]) {
      const expected = truth.get(`${id} ${document}`);
      const attention = await report.attention('toy', id, document);
      const tolerance = id.startsWith('L0') ? 0.004 : 1e-6;
      assert.deepEqual([attention.queries, attention.keys], [LENGTHS[document], LENGTHS[document]]);
      expected.forEach((row, i) => {
        const got = attention.row(i);
        row.forEach((p, j) => assert.ok(Math.abs(p - got[j]) <= tolerance, `${id} document ${document} (${i}, ${j}): ${got[j]} for ${p}`));
        row.forEach((_, j) => assert.ok(Math.abs(attention.column(j)[i] - got[j]) <= 1e-12));
      });
    }
  }
});
