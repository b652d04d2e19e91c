import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  amount, atMost, bytes, figure, figureInWords, hundredths, percent, plural, roughPercent,
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

test('a column of real numbers lines up, and nothing is −0', () => {
  assert.deepEqual([-1.4, 0.408, -0.000607, 26.861].map(hundredths), ['−1.40', '0.41', '0.00', '26.86']);
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

test('amounts have two digits that mean something, and small figures are not nothing', () => {
  assert.deepEqual([4.158, 0.1234, 0.0123, 0.00123, -0.0031, 0.00001, 0, NaN].map(amount),
    ['4.16', '0.12', '0.012', '0.0012', '−0.0031', 'under 0.0001', '0', '–']);
  assert.deepEqual([0.0042, -0.0042, 0.00001, 0].map((value) => figure(value, 'nats')),
    ['0.0042', '-0.0042', '0.00', '0.00']);
});
