import { FORMAT, FORMAT_VERSION } from '../format/columns.js';
import { DataError } from './errors.js';

/**
 * Refuses, by name, a file that this viewer was not made for.
 * @param {unknown} format
 * @param {unknown} version
 * @param {string} path
 */
export function checkFormat(format, version, path) {
  if (format !== FORMAT) {
    throw new DataError('format', path, `${path} is not part of an attnviz report: its format is ${quote(format)}, `
      + `not "${FORMAT}".`);
  }
  if (version !== FORMAT_VERSION) {
    throw new DataError('version', path, `${path} has report format ${quote(version)}; `
      + `this viewer reads format ${FORMAT_VERSION}. `
      + 'Open the report with the viewer it was built with, or build it again.');
  }
}

/** @param {unknown} value */
function quote(value) {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
