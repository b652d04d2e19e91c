/**
 * The licences of what the bundle carries: its own, and those of the packages in it.
 *
 *     node licences.js    writes licences.txt, after a change of packages
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const RULE = '-'.repeat(80);

/**
 * The packages of the lock file that are not for development alone: what may be bundled.
 * @returns {{name: string, version: string, license: string}[]}
 */
export function lockedPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([path, entry]) => path && !entry.dev)
    .map(([path, { version, license }]) => ({ name: path.split('node_modules/').at(-1), version, license }));
}

/** The text of licences.txt. */
export function licences() {
  const { license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const viewer = section(`attnviz's viewer: ${license}`, readFileSync(join(root, '..', 'LICENSE'), 'utf8'));
  return `The viewer of an attnviz report carries these, under these licences.\n\n${viewer}\n${packageLicences()}`;
}

/** The licences of all packages that may be bundled, one after another. */
export function packageLicences() {
  return lockedPackages()
    .map(({ name, version, license }) => section(`${name} ${version}: ${license}`, licence(name)))
    .join('\n');
}

/** @param {string} title @param {string} text */
function section(title, text) {
  return `${RULE}\n${title}\n${RULE}\n\n${text.trim()}\n`;
}

/** @param {string} name of a package */
function licence(name) {
  const folder = join(root, 'node_modules', name);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no file LICENSE; its terms have to be found before it is bundled`);
  return readFileSync(join(folder, file), 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(root, 'licences.txt'), licences());
