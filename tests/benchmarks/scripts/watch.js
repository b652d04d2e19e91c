/** From the first script on: long tasks, and when the view was first drawn. */
const watched = { tasks: [], ready: 0 };
globalThis.watched = watched;
new PerformanceObserver((list) => {
  if (!watched.ready) watched.tasks.push(...list.getEntries().map(({ duration }) => duration));
}).observe({ entryTypes: ['longtask'] });
new MutationObserver((_, observer) => {
  if (document.documentElement?.dataset.ready !== 'true') return;
  watched.ready = performance.now();
  observer.disconnect();
}).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-ready'] });
