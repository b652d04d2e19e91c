/**
 * Getting a report's files: by fetch from a web server, by injected twin scripts from file:// and within a sandbox
 * (a browser runs a sibling classic script there, but fetches nothing), out of the page itself where it carries them.
 */
import { fromBase64, unpack } from './base64.js';
import { carriedFiles, carriedTransport } from './carried.js';
import { DataError } from './errors.js';

/**
 * Bytes of a file of the report. `fresh` goes past every cache, for a second try.
 * @typedef {{fresh?: boolean, revalidate?: boolean}} FetchOptions
 * @typedef {(path: string, options?: FetchOptions) => Promise<Uint8Array<ArrayBuffer>>} FetchBytes
 */

const FETCH_SECONDS = 120; // 8 MB, the largest shard, over half a megabit a second
const SCRIPT_SECONDS = 60;
/** Bytes that twins may unpack to: of a shard what the format allows, of a manifest that of 25,000 heads. */
const LARGEST_SHARD = 8_000_000;
const LARGEST_MANIFEST = 100_000_000;
const WEB_HINT = 'A report that is published for the web opens there alone, or from this folder with attnviz serve; '
  + 'its zip (attnviz publish REPORT --to FILE.zip) opens by double-click. Otherwise it was copied only in part: copy '
  + 'its whole folder again.';
const SANDBOX_HINT = 'This page is in a sandbox, which lets it load scripts alone: publish the report with its twins '
  + '(manifest.js and data/*.arrow.js), or open the page outside of the frame.';
const TOO_OLD = 'This browser is too old to unpack the report\'s files: Chrome or Edge 100, Firefox 113, Safari 16.4 '
  + 'and newer can. From a web server the report opens here too.';
const COPY_HINT = 'The report may have been copied only in part: copy its whole folder again.';

/**
 * The transport that fits where the page was opened.
 * @param {string} base URL of the report's folder, ending in "/"; '' of a page that carries its files
 * @returns {FetchBytes}
 */
export function openTransport(base) {
  const files = carriedFiles();
  if (files) return carriedTransport(files);
  return canFetch(base) ? httpTransport(base) : scriptTransport(base);
}

/**
 * The transport of a report by where it opens. One that opens from a folder by twins alone has no shards beside them on
 * a web server either; `attnviz serve` gives out no twins, and unpacks them instead.
 * @param {string} base
 * @param {string | undefined} open as its manifest says
 * @param {Document} [page]
 * @returns {FetchBytes}
 */
export function transportFor(base, open, page = globalThis.document) {
  const usual = openTransport(base);
  if (open !== 'file' || !canFetch(base)) return usual;
  const runTwin = scriptTransport(base, page);
  const twins = fetch(resolve('manifest.js', base), { method: 'HEAD' }).then(({ ok }) => ok, () => false);
  return async (path, options) => (
    path.endsWith('.arrow') && await twins ? runTwin(path, options) : usual(path, options));
}

/**
 * Whether the page may fetch its own files: from a web server, unless that or a frame has put it into a sandbox, where
 * a page has no origin and everything counts as another site's.
 * @param {string} base
 */
export function canFetch(base) {
  return /^https?:/.test(base) && globalThis.origin !== 'null';
}

/**
 * Whether a service worker can keep the report: it is published, and this page is its own on a web server.
 * @param {{files?: Record<string, unknown>}} manifest
 */
export function canKeep({ files = {} }) {
  return 'offline.js' in files && carriedFiles() === null && canFetch(window.location.href)
    && navigator.serviceWorker !== undefined;
}

/** The files that are asked for. Dots and letters alone: nothing here that a server could decode into a way out. */
const KNOWN = /^(manifest\.js(on)?|assets\/[A-Za-z0-9._-]+|data\/[A-Za-z0-9._-]+\.arrow(\.js)?)$/;

/**
 * The address of a file of the report; none outside its folder is ever asked for.
 * @param {string} path
 * @param {string} base
 */
export function resolve(path, base) {
  const address = new URL(path, base).href;
  if (KNOWN.test(path) && address === base + path) return address;
  throw new DataError('format', path, `The manifest names ${path}, which is outside the report's folder.`);
}

/**
 * @param {string} base
 * @returns {FetchBytes}
 */
export function httpTransport(base) {
  return async (path, { fresh, revalidate } = {}) => {
    const cache = fresh ? 'reload' : revalidate ? 'no-cache' : 'default';
    try {
      const response = await fetch(resolve(path, base), { cache, signal: AbortSignal.timeout(FETCH_SECONDS * 1000) });
      if (!response.ok) throw refusal(path, response.status);
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw error instanceof DataError ? error : silence(path, error);
    }
  };
}

/**
 * @param {string} path
 * @param {number} status
 */
function refusal(path, status) {
  return status === 404 || status === 410
    ? new DataError('missing', path, `${path} is not on the server (status ${status}). ${COPY_HINT}`)
    : new DataError('network', path, `The server refused ${path} (status ${status}). Try again later.`);
}

/**
 * @param {string} path
 * @param {unknown} error
 */
function silence(path, error) {
  const late = error instanceof Error && error.name === 'TimeoutError';
  return new DataError('network', path, late
    ? `${path} did not arrive within ${FETCH_SECONDS} seconds. Check the connection and try again.`
    : `${path} could not be loaded: no answer from the server. Check the connection and try again.`);
}

/** Twins call this global by name, whoever waits for them. */
const CALLBACK = 'attnvizShard';

/**
 * @param {string} base
 * @param {Document} [page]
 * @returns {FetchBytes}
 */
export function scriptTransport(base, page = document) {
  /** Takers of scripts under way, by path. @type {Map<string, (base64: string, packing?: string) => void>} */
  const takers = new Map();
  Object.defineProperty(globalThis, CALLBACK, {
    configurable: true,
    value: (/** @type {string} */ path, /** @type {string} */ base64, /** @type {string | undefined} */ packing) =>
      takers.get(path)?.(base64, packing),
  });

  return (path, { fresh } = {}) => new Promise((deliver, reject) => {
    const source = resolve(twinOf(path), base) + (fresh ? '?again' : '');
    const script = page.createElement('script');
    const timer = setTimeout(() => {
      fail('network', `${path} did not arrive within ${SCRIPT_SECONDS} seconds. Reload the page to try again.`);
    }, SCRIPT_SECONDS * 1000);
    const finish = () => {
      clearTimeout(timer);
      takers.delete(path);
      script.onload = script.onerror = null;
      script.remove();
    };
    /** @type {(kind: import('./errors.js').DataErrorKind, message: string) => void} */
    const fail = (kind, message) => {
      finish();
      reject(new DataError(kind, path, message));
    };
    takers.set(path, (base64, packing) => {
      finish();
      contentOf(base64, packing, path).then(deliver, reject);
    });
    const hint = base.startsWith('file:') ? (path === 'manifest.json' ? WEB_HINT : COPY_HINT) : SANDBOX_HINT;
    script.onerror = () => fail('missing', `${twinOf(path)} is not there. ${hint}`);
    script.onload = () => fail('damaged', `${twinOf(path)} is damaged or cut short. ${COPY_HINT}`);
    script.src = source;
    page.head.append(script);
  });
}

/**
 * The bytes that a twin carries.
 * @param {string} base64
 * @param {string | undefined} packing "gzip"; undefined in reports from before twins were packed
 * @param {string} path
 */
async function contentOf(base64, packing, path) {
  const most = path === 'manifest.json' ? LARGEST_MANIFEST : LARGEST_SHARD;
  if (packing !== undefined && typeof DecompressionStream !== 'function') throw new DataError('version', path, TOO_OLD);
  try {
    const bytes = fromBase64(base64);
    return packing === undefined ? bytes : await unpack(bytes, most);
  } catch (error) {
    const fault = error instanceof RangeError
      ? `it unpacks to more than the ${most / 1e6} MB that such a file may have`
      : `it does not hold ${packing ?? 'base64'}`;
    throw new DataError('damaged', path, `${twinOf(path)} is damaged: ${fault}. ${COPY_HINT}`);
  }
}

/**
 * The script that carries a file of the report.
 * @param {string} path
 */
export function twinOf(path) {
  return path === 'manifest.json' ? 'manifest.js' : `${path}.js`;
}
