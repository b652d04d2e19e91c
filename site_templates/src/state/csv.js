/**
 * Tables as comma-separated values (RFC 4180): a line of names, lines that end in CR LF, quotes only where needed.
 */

/**
 * What a spreadsheet would take for a formula: at the start of a text, after blanks, and, where it takes semicolons,
 * tabs or line ends for the borders of cells, after those. Full-width signs count in some languages.
 */
const FORMULA = /(^|[;\t\r\n])(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
/** A tab or a line end at the start is left out by some, and what follows stands first. */
const BLANK = /^(?=[\t\r\n])/;

/**
 * @param {readonly string[]} names of the columns
 * @param {readonly (readonly (string | number | null)[])[]} rows numbers with all their digits, null as an empty cell
 */
export function toCsv(names, rows) {
  return [names, ...rows].map(csvLine).join('');
}

/** @param {readonly (string | number | null)[]} row */
export function csvLine(row) {
  return `${row.map(cell).join(',')}\r\n`;
}

/**
 * A text that would be a formula gets an apostrophe before it; a number stays what it is, and NaN is an empty cell.
 * @param {string | number | null} value
 */
function cell(value) {
  if (value === null || Number.isNaN(value)) return '';
  if (typeof value === 'number') return String(value);
  const text = value.replace(FORMULA, "$1$2'").replace(BLANK, "'");
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
