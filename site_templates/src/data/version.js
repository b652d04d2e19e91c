import { FORMAT, FORMAT_VERSIONS } from '../format/columns.js';
import { DataError } from './errors.js';

/**
 * Refuses, by name, a file that this viewer was not made for.
 * @param {unknown} format
 * @param {unknown} version
 * @param {string} path
 * @param {readonly number[]} [known] versions
 */
export function checkFormat(format, version, path, known = FORMAT_VERSIONS) {
  if (format !== FORMAT) {
    throw new DataError('format', path, `${path} is not part of an attnviz report: its format is ${quote(format)}, `
      + `not "${FORMAT}".`);
  }
  if (!known.includes(/** @type {number} */ (version))) {
    throw new DataError('version', path, `${path} has report format ${quote(version)}; `
      + `this viewer reads format ${known.join(' and ')}. `
      + 'Open the report with the viewer it was built with, or build it again.');
  }
}

/** @param {unknown} value */
function quote(value) {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
