/** @import { FetchBytes } from './transport.js' */
/** @import { Manifest } from './types.d.ts' */

/**
 * Whether the site has another manifest now than the one the page was opened with: it was built anew since.
 * False also where the manifest cannot be read.
 * @param {FetchBytes} fetchBytes
 * @param {Manifest} manifest
 */
export async function isStale(fetchBytes, manifest) {
  try {
    const bytes = await fetchBytes('manifest.json', { fresh: true });
    return JSON.stringify(JSON.parse(new TextDecoder().decode(bytes))) !== JSON.stringify(manifest);
  } catch {
    return false;
  }
}
