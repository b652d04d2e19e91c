import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { certificateInWords, mapInWords } from '../../../site_templates/src/parts/truth.js';

const CERTIFICATE = {
  total_variation: 0.00151, worst_total_variation: 0.0021, max_error: 0.0021, top1: 0.99987, rows: 4394,
  sampled: false, reference: 'eager-float32',
};

test('a certificate has the words of both languages', () => {
  const cases = JSON.parse(readFileSync(new URL('../../fixtures/certificates.json', import.meta.url), 'utf8'));
  for (const { certificate, sentences } of cases) {
    const { title, text } = certificateInWords(certificate);
    assert.deepEqual([title, text], [sentences[0], sentences.slice(1).join(' ')]);
  }
});

test('a certificate in words', () => {
  const { title, text } = certificateInWords(CERTIFICATE);
  assert.equal(title, 'Stored attention is off by 0.16\u202f% on average.');
  assert.match(text, /no|No weight is off by more than 0\.21 percentage points/);
  assert.match(text, /99\.98\u202f% of queries/);
  assert.match(text, /All 4,394 queries were measured/);
});

test('a sampled certificate is called an estimate', () => {
  const { text } = certificateInWords({ ...CERTIFICATE, sampled: true });
  assert.match(text, /sample of 4,394 queries: an estimate, no bound/);
});

test('a map says how far near means attended, never more than is so', () => {
  const words = mapInWords({ top3_mass: 0.9299, rank: -0.784, rows: 4394 }, 'Attention map, 2-D');
  assert.match(words?.title ?? '', /carry 92.% of what any three could/);
  assert.match(words?.text ?? '', /correlation of −0\.78; .*4,394 queries/);
  assert.equal(mapInWords({ explained: 0.4 }, 'PCA, 2-D'), null);
});

test('a map says whether its figures are exact, and how far a sample’s may be off', () => {
  const exact = mapInWords({ top3_mass: 0.93, rank: -0.7, rows: 4394, sampled: false }, 'PCA, 2-D');
  assert.match(exact?.text ?? '', /Measured on all 4,394 queries, so exact\.$/);
  const sampled = mapInWords({
    top3_mass: 0.93, rank: -0.7, rows: 800, sampled: true, top3_mass_standard_error: 0.00512,
    rank_standard_error: 0.011,
  }, 'PCA, 2-D');
  assert.match(sampled?.title ?? '', /carry about 93.% of/);
  assert.match(sampled?.text ?? '',
    /sample of 800 queries .* standard error ±.0\.52 percentage points for the share, ±.0\.011 for the corr/);
});
