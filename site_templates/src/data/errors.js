/**
 * What can go wrong with a report's data.
 *
 * missing: a file is not there; damaged: it is not the file that the manifest describes;
 * version: made for another reader; format: intact, but against the format; network: no answer.
 * @typedef {'missing' | 'damaged' | 'version' | 'format' | 'network'} DataErrorKind
 */

/** A failure that the page can show as it is: the message says what is so and what to do. */
export class DataError extends Error {
  /**
   * @param {DataErrorKind} kind
   * @param {string} path the file, relative to the report
   * @param {string} message
   */
  constructor(kind, path, message) {
    super(message);
    this.name = 'DataError';
    this.kind = kind;
    this.path = path;
  }
}
