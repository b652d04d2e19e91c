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
