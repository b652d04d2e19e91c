/** Who reads by keyboard stays where they are while the page is filled anew around them. */

/** @typedef {{tag: string, name: string, at: number}} Place what has the focus: its kind, name, place among its kind */

/**
 * What has the focus within an element, undefined where nothing has.
 * @param {Element} element @returns {Place | undefined}
 */
export function focusWithin(element) {
  const { activeElement } = document;
  if (!activeElement || activeElement === document.body || activeElement === element
    || !element.contains(activeElement)) return undefined;
  const { tagName: tag } = activeElement;
  return { tag, name: nameOf(activeElement), at: [...element.querySelectorAll(tag)].indexOf(activeElement) };
}

/**
 * Gives the focus to what has the same name, else, unless only that will do, to what stands at the same place.
 * @param {Element} element @param {Place} place @param {{byName?: boolean}} [how]
 */
export function focusLike(element, { tag, name, at }, { byName = false } = {}) {
  const candidates = /** @type {HTMLElement[]} */ ([...element.querySelectorAll(tag)]);
  const namesakes = candidates.filter((candidate) => nameOf(candidate) === name);
  const nearest = namesakes.includes(candidates[at]) ? candidates[at] : namesakes[0];
  const next = nearest ?? (byName ? undefined : candidates[Math.min(at, candidates.length - 1)]);
  next?.focus({ preventScroll: true });
}

/** What a control is called, whatever it says at the moment. @param {Element} element */
function nameOf(element) {
  const label = element.getAttribute('aria-label');
  if (label) return label;
  const { labels, dataset, textContent } = /** @type {HTMLInputElement} */ (element);
  const data = Object.values(dataset).join(' ');
  return data || (labels?.[0] ?? { textContent }).textContent || '';
}
