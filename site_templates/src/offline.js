/**
 * The service worker of a published report, which makes what was visited work without a network.
 *
 * Files that are named by a hash of their bytes come from the cache; all others from the network, and from the cache
 * where that does not answer. Once the report is published anew, the page lets go what it no longer has
 * (shell/keep.js).
 */
import { isNamedByHash, openKept } from './data/kept.js';

/**
 * @typedef {Event & {request: Request, respondWith: (answer: Promise<Response>) => void,
 *   waitUntil: (work: Promise<unknown>) => void}} FetchEvent
 */

/** What a report has, by path; other files below its folder are none of the worker's. */
const REPORT = /^([^/]*|(assets|data|heads)\/.*)$/;

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
      event.waitUntil(cache.put(folder + path, response.clone()).catch(() => {}));
    }
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

