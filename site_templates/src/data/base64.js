/** Bytes of texts that twins carry: base64, and within it gzip. */

/**
 * Bytes of a base64 text: natively where the browser can (about 10 times faster), else by atob.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {SyntaxError | DOMException} where the text is no base64
 */
export function fromBase64(text) {
  /** @type {unknown} */
  const type = Uint8Array;
  const native = /** @type {{fromBase64?: (text: string) => Uint8Array<ArrayBuffer>}} */ (type);
  if (native.fromBase64) return native.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * The bytes that gzip packed.
 * @param {Uint8Array<ArrayBuffer>} packed
 * @param {number} most bytes: no more is unpacked
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 * @throws {RangeError} where they hold more; another error where they are damaged
 */
export async function unpack(packed, most) {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  /** @type {Uint8Array[]} */
  const parts = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > most) {
      void reader.cancel();
      throw new RangeError(`more than ${most} bytes`);
    }
    parts.push(part.value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
