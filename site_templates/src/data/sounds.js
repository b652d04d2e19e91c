/** Documents' sounds, as addresses of WAV files that an <audio> can play without leaving the page. */
import { ByDocument } from './by-document.js';

/** @import { Manifest, DocumentSound } from './types.d.ts' */
/** @import { Shard } from './shard.js' */
/** @import { ShardStore } from './store.js' */

/** So many stay open: each holds 32 kB a second. */
const OPEN = 2;
const HEADER = 44;
const BYTES = 2;

/** @param {Manifest} manifest @param {ShardStore} store @returns {ByDocument<DocumentSound>} */
export function documentSounds(manifest, store) {
  return new ByDocument(manifest, store, manifest.documents.sounds ?? [], { read: openSound, most: OPEN });
}

/** @param {Shard} shard @param {number} row @returns {DocumentSound} */
function openSound(shard, row) {
  /** @type {Uint8Array} */
  const codes = shard.value('content', row);
  const rate = shard.value('rate', row);
  if (!(rate > 0)) throw shard.fault(`sound ${row} has no rate`);
  const blob = new Blob([wavOf(codes, rate)], { type: 'audio/wav' });
  return { rate, seconds: codes.length / rate, url: URL.createObjectURL(blob) };
}

/** A sample of −1 … 1 by its byte, as the format defines it. @param {number} code */
export function sampleOf(code) {
  const bent = (code - 128) / 127;
  return (Math.sign(bent) * (256 ** Math.abs(bent) - 1)) / 255;
}

/**
 * A WAV file of 16-bit samples.
 * @param {Uint8Array} codes
 * @param {number} rate samples per second
 */
export function wavOf(codes, rate) {
  const levels = Int16Array.from({ length: 256 }, (_, code) => Math.round(32767 * Math.max(sampleOf(code), -1)));
  const file = new DataView(new ArrayBuffer(HEADER + BYTES * codes.length));
  const name = (/** @type {number} */ at, /** @type {string} */ text) => (
    Array.from(text).forEach((letter, i) => file.setUint8(at + i, letter.charCodeAt(0))));
  name(0, 'RIFF');
  file.setUint32(4, HEADER - 8 + BYTES * codes.length, true);
  name(8, 'WAVEfmt ');
  // 16 bytes that say: plain samples, one channel, rate, bytes a second, bytes a sample, bits a sample.
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true);
  file.setUint16(22, 1, true);
  file.setUint32(24, rate, true);
  file.setUint32(28, BYTES * rate, true);
  file.setUint16(32, BYTES, true);
  file.setUint16(34, 8 * BYTES, true);
  name(36, 'data');
  file.setUint32(40, BYTES * codes.length, true);
  codes.forEach((code, i) => file.setInt16(HEADER + BYTES * i, levels[code], true));
  return file.buffer;
}
