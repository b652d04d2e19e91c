/**
 * The service worker of a published report, which makes what was visited work without a network.
 *
 * Files that are named by a hash of their bytes come from the cache; all others from the network, and from the cache
 * where that does not answer. Once the report is published anew, what its manifest no longer names is let go.
 */
import { isNamedByHash, openKept } from './data/kept.js';
import { sha256Hex } from './data/digest.js';

/** @import { Manifest } from './data/types.d.ts' */
/**
 * @typedef {Event & {request: Request, respondWith: (answer: Promise<Response>) => void,
 *   waitUntil: (work: Promise<unknown>) => void}} FetchEvent
 */

/** What a report has, by path; other files below its folder are none of the worker's. */
const REPORT = /^([^/]*|(assets|data|heads)\/.*)$/;
/** The two that change with every publication, and prove each other. */
const FIRST = ['index.html', 'manifest.json'];

const worker = /** @type {any} */ (globalThis);
/** @type {string} */
const folder = worker.registration.scope;

worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (/** @type {FetchEvent} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('fetch', (/** @type {FetchEvent} */ event) => {
  const { request } = event;
  const path = pathOf(request.url);
  // The page itself keeps what it asks for without storing.
  if (request.method !== 'GET' || request.cache === 'no-store' || !REPORT.test(path)) return;
  event.respondWith(answer(event, path || 'index.html'));
});

/** A file's path in the report; '..' of one outside its folder. @param {string} url */
function pathOf(url) {
  const [address] = url.split(/[?#]/);
  return address.startsWith(folder) ? address.slice(folder.length) : '../';
}

/** @param {FetchEvent} event @param {string} path */
async function answer(event, path) {
  const { request } = event;
  const cache = await openKept(folder);
  const kept = await cache.match(folder + path, { ignoreVary: true });
  const isAskedAnew = request.cache === 'reload' || request.url.includes('?');
  if (kept && isNamedByHash(path) && !isAskedAnew) return kept;
  try {
    const response = await fetch(request);
    // A cache that is full keeps nothing more, and the page has its file in any case.
    if (response.status === 200 && !response.redirected) {
      event.waitUntil(keep(cache, path, response.clone()).catch(() => {}));
    }
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** @param {Cache} cache @param {string} path @param {Response} response */
async function keep(cache, path, response) {
  if (path === 'manifest.json') await letGo(cache, await response.clone().json());
  await cache.put(folder + path, response);
}

/** Lets go what a manifest does not name, or names with other bytes. @param {Cache} cache @param {Manifest} manifest */
async function letGo(cache, manifest) {
  const kept = await cache.match(`${folder}manifest.json`);
  if (kept && JSON.stringify(await kept.json()) === JSON.stringify(manifest)) return;
  const digests = new Map(Object.entries(manifest.files ?? {}).map(([path, { sha256 }]) => [path, sha256]));
  for (const { path, sha256 } of Object.values(manifest.shards)) digests.set(path, sha256);
  for (const request of await cache.keys()) {
    const path = pathOf(request.url);
    if (!FIRST.includes(path) && !await isSame(cache, request, path, digests.get(path))) await cache.delete(request);
  }
}

/** @param {Cache} cache @param {Request} request @param {string} path @param {string | undefined} digest */
async function isSame(cache, request, path, digest) {
  if (digest === undefined || isNamedByHash(path)) return digest !== undefined;
  const kept = await cache.match(request);
  return kept !== undefined && await sha256Hex(new Uint8Array(await kept.arrayBuffer())) === digest;
}
