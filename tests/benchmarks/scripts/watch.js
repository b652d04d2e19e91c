/** From the first script on: long tasks, those until the view was first drawn, and when that was. */
const watched = { all: [], tasks: [], ready: 0 };
globalThis.watched = watched;
new PerformanceObserver((list) => {
  const durations = list.getEntries().map(({ duration }) => duration);
  watched.all.push(...durations);
  if (!watched.ready) watched.tasks.push(...durations);
}).observe({ entryTypes: ['longtask'] });
new MutationObserver((_, observer) => {
  if (document.documentElement?.dataset.ready !== 'true') return;
  watched.ready = performance.now();
  observer.disconnect();
}).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-ready'] });
