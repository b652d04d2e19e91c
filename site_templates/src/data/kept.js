/** What a browser keeps of a published report, for the page and for the service worker beside it (../offline.js). */

/** The cache of a report. Others of the same host have their own. @param {string} folder URL, ending in "/" */
export function openKept(folder) {
  return caches.open(`attnviz ${folder}`);
}

/** Whether a file has a part of its hash in its name, so that its bytes never change. @param {string} path */
export function isNamedByHash(path) {
  return /^(assets|data)\/.+-[0-9a-f]{16}\.[a-z]+$/.test(path);
}
