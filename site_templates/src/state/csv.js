/**
 * Tables as comma-separated values (RFC 4180): a line of names, lines that end in CR LF, quotes only where needed.
 */

/** What a spreadsheet would take for a formula at the start of a text. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * @param {readonly string[]} names of the columns
 * @param {readonly (readonly (string | number | null)[])[]} rows numbers with all their digits, null as an empty cell
 */
export function toCsv(names, rows) {
  return [names, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/**
 * A text that would be a formula gets an apostrophe before it; a number stays what it is.
 * @param {string | number | null} value
 */
function cell(value) {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
