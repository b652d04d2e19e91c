import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  atMost, bytes, certificateInWords, clip, figure, figureInWords, mapInWords, percent, nameToken, plural,
  roughPercent, tokenName,
} from '../../../site_templates/src/parts/numbers.js';

test('percentages have the digits that mean something', () => {
  const cases = {
    0: '0', 1: '100', 0.4618: '46.2', 0.0531: '5.3', 0.00531: '0.53', 0.00994: '0.99', 0.00996: '1.0',
    0.00002: 'under\u202f0.01',
  };
  for (const [share, text] of Object.entries(cases)) assert.equal(percent(Number(share)), `${text}\u202f%`);
  assert.equal(percent(NaN), '–');
  assert.equal(roughPercent(0.4618), '46\u202f%');
  assert.equal(roughPercent(0.004), '0.40\u202f%');
});

test('a bound is never rounded below the truth', () => {
  assert.equal(atMost(0.002101), '0.22');
  assert.equal(atMost(0.0021), '0.21');
  assert.equal(atMost(0), '0');
  assert.ok(Number(atMost(1e-9)) >= 1e-7);
});

test('figures carry their unit', () => {
  assert.equal(figure(0.954, 'share'), '95\u202f%');
  assert.equal(figure(2.2049, 'nats'), '2.20');
  assert.equal(figure(15.24, 'tokens'), '15.2');
  assert.equal(figure(null, 'nats'), '–');
  assert.equal(figureInWords({ name: 'e', title: 'Entropy', unit: 'nats', description: '' }, 1.5), 'Entropy 1.50 nats');
  assert.equal(
    figureInWords({ name: 'p', title: 'First token', unit: 'share', description: '' }, 0.5), 'First token 50\u202f%',
  );
});

test('sizes and counts', () => {
  assert.equal(bytes(176_400), '176 kB');
  assert.equal(bytes(6_120_000), '6.1 MB');
  assert.equal(bytes(17_400_000), '17 MB');
  assert.equal(plural(1, 'file'), '1 file');
  assert.equal(plural(4394, 'token'), '4,394 tokens');
});

test('a certificate has the words of both languages', () => {
  const cases = JSON.parse(readFileSync(new URL('../../fixtures/certificates.json', import.meta.url), 'utf8'));
  for (const { certificate, sentences } of cases) {
    const { title, text } = certificateInWords(certificate);
    assert.deepEqual([title, text], [sentences[0], sentences.slice(1).join(' ')]);
  }
});

const CERTIFICATE = {
  total_variation: 0.00151, worst_total_variation: 0.0021, max_error: 0.0021, top1: 0.99987, rows: 4394,
  sampled: false, reference: 'eager-float32',
};

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

test('names of tokens are short and never empty', () => {
  assert.equal(tokenName(' the', 'Ġthe'), 'the');
  assert.equal(tokenName('', '[CLS]'), '[CLS]');
  assert.equal(tokenName('\n', 'Ċ'), 'Ċ');
  assert.equal(tokenName('', ''), '∅');
  assert.equal(Array.from(tokenName('x'.repeat(10_000), 'x')).length, 33);
  assert.equal(clip('🙂🙂🙂', 2), '🙂🙂…');
});

test('a map says how far near means attended, never more than is so', () => {
  const words = mapInWords({ top3_mass: 0.9299, rank: -0.784, rows: 4394 }, 'Attention map, 2-D');
  assert.match(words?.title ?? '', /carry 92.% of what any three could/);
  assert.match(words?.text ?? '', /correlation of −0\.78; .*4,394 queries/);
  assert.equal(mapInWords({ explained: 0.4 }, 'PCA, 2-D'), null);
});

test('a patch is called by its place, or by the name that it has', () => {
  const tokens = /** @type {any} */ ({
    row: [1, 1, -1],
    column: [2, 2, -1],
    texts: ['1,2', 'frame 2 r2 c3', '[CLS]'],
    surface: () => '',
  });
  assert.deepEqual([0, 1, 2].map((index) => nameToken(tokens, index)), ['r2 c3', 'frame 2 r2 c3', '[CLS]']);
});
