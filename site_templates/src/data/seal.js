/**
 * Whether manifest and page belong together: index.html has the SHA-256 of its manifest. A browser may have kept an
 * older page than the manifest it gets; over http the page is then looked at anew.
 */
import { sha256Hex } from './digest.js';
import { DataError } from './errors.js';

/** @typedef {() => Promise<string>} FetchPage the text of index.html as it is now */

const SEAL = /<script src="assets\/boot\.js" data-manifest="([0-9a-f]{64})"/;

/**
 * @param {Uint8Array<ArrayBuffer>} bytes of the manifest
 * @param {string | undefined} seal what the page says; undefined in reports from before pages said it
 * @param {FetchPage | null} fetchPage null where a page cannot be looked at again
 * @throws {DataError} where the manifest is another
 */
export async function proveManifest(bytes, seal, fetchPage) {
  const digest = await sha256Hex(bytes);
  if (digest === seal) return;
  const page = fetchPage && await fetchPage().catch(() => '');
  if (page ? SEAL.exec(page)?.[1] === digest : false) return;
  throw new DataError('damaged', 'manifest.json', 'manifest.json is damaged or cut short, or index.html is of another '
    + 'build. Reload the page; where that does not help, copy the report’s whole folder again, or build it again.');
}

/**
 * Looks at index.html past every cache.
 * @param {string} base
 * @returns {FetchPage}
 */
export function pageFetcher(base) {
  return async () => (await fetch(`${base}index.html`, { cache: 'reload' })).text();
}
