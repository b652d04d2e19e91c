/** Several ways to see the same thing: which there are, and the switch among them. */
import { el, fill } from './element.js';

/** @import { Context, ViewDefinition, Way } from './types.js' */

/** The view whose tab a view is under: its own, unless it is another way. @param {ViewDefinition} definition */
export function tabOf({ name, way }) {
  return way?.of ?? name;
}

/** @param {readonly ViewDefinition[]} definitions @param {string} view any of the ways @returns {Way[]} */
export function waysOf(definitions, view) {
  const definition = definitions.find(({ name }) => name === view);
  const tab = definition && tabOf(definition);
  return definitions.flatMap(({ name, way, alsoWay }) => [way, alsoWay]
    .flatMap((each) => (each && each.of === tab ? [{ ...each, view: name }] : [])));
}

/** The switch, with the way that is seen marked. @param {Context} context @param {string} view */
export function createWays({ state, ways }, view) {
  const element = el('nav', { class: 'ways', 'aria-label': 'Ways to see it' });
  return {
    element,
    /** Makes links that restore the rest of the selection. */
    show() {
      fill(element, ...ways(view).map((way) => el('a', {
        class: 'way', href: state.hash({ ...way.patch, view: way.view }), 'data-way': way.view,
        'aria-current': way.view === view ? 'page' : null,
        onclick: /** @param {MouseEvent} event */ (event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          state.set({ ...way.patch, view: way.view });
        },
      }, way.title)));
      // In a narrow window the ways are wider than their place.
      element.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
  };
}
