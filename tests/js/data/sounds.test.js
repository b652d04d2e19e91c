import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReport } from '../../../site_templates/src/data/report.js';
import { sampleOf, wavOf } from '../../../site_templates/src/data/sounds.js';
import { Folder } from './fixture.js';

/** A report whose second document of three has a sound. */
function openSounds(content, rate = 8000) {
  const folder = new Folder();
  const sounds = [folder.add('sounds-0', 'sound', [{ document: 1, rate, content }], { documents: [1, 2] })];
  const manifest = {
    format: 'attnviz-report', format_version: 1, models: [], shards: folder.shards,
    documents: { count: 3, groups: [], shards: [], sounds },
  };
  const fetchBytes = async (path) => new Uint8Array(folder.files.get(path));
  return openReport({ manifest, base: 'http://localhost/', fetchBytes });
}

test('bytes are samples by µ-law', () => {
  assert.equal(sampleOf(128), 0);
  assert.equal(sampleOf(255), 1);
  assert.equal(sampleOf(1), -1);
  assert.ok(Math.abs(sampleOf(128 + 64) - (256 ** (64 / 127) - 1) / 255) < 1e-12);
});

test('a WAV file says what it is, and has the samples', () => {
  const file = new DataView(wavOf(Uint8Array.of(128, 255, 1, 192), 8000));
  const text = (at, length) => String.fromCharCode(...new Uint8Array(file.buffer, at, length));
  assert.deepEqual([text(0, 4), text(8, 8), text(36, 4)], ['RIFF', 'WAVEfmt ', 'data']);
  assert.deepEqual([file.getUint32(4, true), file.getUint32(40, true)], [44, 8]);
  assert.deepEqual([file.getUint32(24, true), file.getUint32(28, true)], [8000, 16000]);
  const samples = [0, 1, 2, 3].map((i) => file.getInt16(44 + 2 * i, true));
  assert.deepEqual(samples, [0, 32767, -32767, Math.round(32767 * sampleOf(192))]);
});

test('which documents have a sound is known before it is loaded', async () => {
  const report = openSounds(new Uint8Array(4000).fill(128));
  assert.deepEqual([0, 1, 2].map((d) => report.hasSound(d)), [false, true, false]);
  assert.equal(await report.sound(0), undefined);
  const sound = await report.sound(1);
  assert.deepEqual([sound.rate, sound.seconds], [8000, 0.5]);
  const { size, type } = await (await fetch(sound.url)).blob();
  assert.deepEqual([size, type], [44 + 8000, 'audio/wav']);
});

test('a sound without a rate is a fault of its shard', async () => {
  await assert.rejects(openSounds(Uint8Array.of(128), 0).sound(1), /sound 0 has no rate/);
});
