import { sha256 } from '@noble/hashes/sha2.js';

/**
 * SHA-256 in hexadecimal. Plain http away from localhost has no crypto.subtle; a small implementation stands in.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export async function sha256Hex(bytes) {
  const subtle = globalThis.crypto?.subtle;
  const digest = subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : sha256(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
