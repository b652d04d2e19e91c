/**
 * The report on the first page. Where the site was built with it, the picture gives way to the report itself, which
 * takes part once it is clicked: until then the wheel scrolls the page, and Tab passes by. Phones keep the picture,
 * whose link opens the report.
 */
const figure = document.querySelector('.live[data-report="there"]');
if (figure && matchMedia('(min-width: 45em) and (hover: hover)').matches) showReport(figure);

/** @param {HTMLElement} figure the picture, in a link to the report */
function showReport(figure) {
  const link = figure.querySelector('a');
  const frame = Object.assign(document.createElement('iframe'), { src: link.href, title: 'The quickstart’s report' });
  frame.inert = true;
  const explore = Object.assign(document.createElement('button'), { type: 'button' });
  explore.append(Object.assign(document.createElement('span'), { textContent: 'Explore it here' }));
  explore.addEventListener('click', () => {
    frame.inert = false;
    explore.hidden = true;
    frame.focus();
  });
  figure.addEventListener('mouseleave', () => {
    frame.inert = true;
    explore.hidden = false;
  });
  link.replaceWith(frame);
  frame.after(explore);
}
