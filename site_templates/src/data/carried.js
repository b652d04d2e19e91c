/**
 * A report in one page: its files lie in the page itself, each in a block of text that no browser runs, as base64 of
 * gzip. The page's policy knows the hashes of the scripts and the style among them.
 */
import { fromBase64, unpack } from './base64.js';
import { DataError } from './errors.js';

/** @import { FetchBytes } from './transport.js' */

const CUT_SHORT = 'The page may have been cut short on its way: get it again.';
const TOO_OLD = 'This browser is too old to unpack the report that this page carries: Chrome or Edge 100, Firefox 113, '
  + 'Safari 16.4 and newer can.';
/** Bytes that a file may unpack to. */
const LARGEST = 512_000_000;

/**
 * The blocks of the files that a page carries, by path; null where it carries none.
 * @param {Document | undefined} [page] undefined outside of a browser
 * @returns {Map<string, Element> | null}
 */
export function carriedFiles(page = globalThis.document) {
  const blocks = [...page?.querySelectorAll('script[data-carried]') ?? []];
  if (blocks.length === 0) return null;
  return new Map(blocks.map((block) => [block.getAttribute('data-carried') ?? '', block]));
}

/**
 * @param {Map<string, Element>} files
 * @returns {FetchBytes}
 */
export function carriedTransport(files) {
  return async (path) => {
    const block = files.get(path);
    if (!block) throw new DataError('missing', path, `${path} is not in this page. ${CUT_SHORT}`);
    if (typeof DecompressionStream !== 'function') throw new DataError('version', path, TOO_OLD);
    try {
      return await unpack(fromBase64(block.textContent ?? ''), LARGEST);
    } catch {
      throw new DataError('damaged', path, `${path} is damaged in this page. ${CUT_SHORT}`);
    }
  };
}

/**
 * Runs a script, or applies a style, that the page carries. A script runs before this returns.
 * @param {HTMLElement} element a script or a style, empty
 * @param {Uint8Array} bytes
 * @param {Document} [page]
 */
export function embed(element, bytes, page = document) {
  element.textContent = new TextDecoder().decode(bytes);
  page.head.append(element);
}
