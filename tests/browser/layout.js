/** What is wrong with how a page is laid out, in words: an expression, for a page to evaluate. */
({
  /** Texts of controls and headings that end before they are over, and nothing says so. */
  cutOff() {
    const texts = document.querySelectorAll('button, a, h1, h2, h3, label, summary, th, dt, legend');
    return [...texts].filter((e) => {
      const style = getComputedStyle(e);
      const hidden = style.visibility === 'hidden' || e.closest('.offscreen') || e.clientWidth === 0;
      if (hidden || style.overflowX === 'visible' || style.textOverflow === 'ellipsis') return false;
      return e.scrollWidth > e.clientWidth + 1;
    }).map((e) => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`);
  },

  /** Controls and notes whose middle is in sight, but is not what a click there would meet. */
  covered() {
    const within = ({ left, right, top, bottom }, x, y) => x >= left && x <= right && y >= top && y <= bottom;
    const faults = [];
    for (const e of document.querySelectorAll('button, a[href], select, input, summary, .map-badge')) {
      const { left, top, width, height } = e.getBoundingClientRect();
      const [x, y] = [left + width / 2, top + height / 2];
      if (width < 2 || height < 2 || getComputedStyle(e).visibility === 'hidden' || e.closest('.offscreen')) continue;
      // What a scrolled box has clipped away is not in sight.
      let inSight = within({ left: 0, top: 0, right: innerWidth - 1, bottom: innerHeight - 1 }, x, y);
      for (let up = e.parentElement; up; up = up.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(up);
        if (overflowX === 'visible' && overflowY === 'visible') continue;
        inSight &&= within(up.getBoundingClientRect(), x, y);
      }
      const hit = inSight && document.elementFromPoint(x, y);
      if (!hit || e.contains(hit) || hit.contains(e) || e.labels?.[0]?.contains(hit)) continue;
      // What was scrolled under a heading that stays, or under a phone's sheet, is as it should be.
      let stays = false;
      for (let up = hit; up; up = up.parentElement) {
        stays ||= getComputedStyle(up).position === 'sticky' || up.matches('.inspector:not(.open)');
      }
      const name = `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 30)}`;
      if (!stays) faults.push(`${name} is under ${hit.tagName}.${hit.className}`);
    }
    return faults;
  },
})
