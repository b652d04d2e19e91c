/** A page that is the text of a frame (srcdoc), as in a notebook's cell: it has no address of its own. */

/** Whether this page is one. */
export function isFrameText() {
  return window.location.protocol === 'about:';
}

/**
 * Links to hashes would lead to the page around the frame, from whose address they count: they are followed by hand.
 * @param {MouseEvent} event
 */
export function followLink(event) {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  if (event.defaultPrevented || !link) return;
  event.preventDefault();
  window.location.hash = link.getAttribute('href') ?? '';
}
