/** Models side by side: whose maps the atlas shows, their points, and which of these stand out. */
import { el } from '../../parts/element.js';
import { createMarks, NO_MARKS } from '../../parts/point-marks.js';

/** @import { Head, Overview } from '../../data/types.js' */
/** @import { Selection, State } from '../../state/types.js' */
/** @import { Marks } from '../../parts/point-marks.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { HeadPoints } from './overview.js' */

/** By the model's name. @typedef {ReadonlyMap<string, Marks>} ModelMarks */

const MEANING = 'Shows the heads of all models at once. Colours are then those of queries and keys, and hits of a '
  + 'search are lit in the selected model.';

/** @param {Context['report']} report @param {Selection} selection @returns {string[]} their names */
export function modelsShown(report, { model, beside }) {
  return beside ? report.models.map(({ name }) => name) : [model];
}

/** @param {State} state @param {Context['report']} report */
export function createBesideSwitch(state, report) {
  const box = el('input', {
    type: 'checkbox', onchange: () => state.set({ beside: box.checked }, { push: false }),
  });
  const element = el('label', { class: 'chip check beside', hidden: report.models.length < 2, 'data-tip': MEANING },
    box, 'All models');
  return {
    element,
    /** @param {Selection} selection */
    show({ beside }) {
      box.checked = beside;
    },
  };
}

/** The marks of each model that is shown, one selection after another. @param {Context} context */
export function createModelMarks(context) {
  /** @type {Map<string, ReturnType<typeof createMarks>>} */
  const markings = new Map(context.report.models.map(({ name }) => [name, createMarks(context)]));
  /** Only the selected model is searched. @param {Selection} selection @param {readonly string[]} models */
  return async (selection, models) => {
    /** @type {Map<string, Marks>} */
    const marks = new Map();
    for (const model of models) {
      const isSelected = model === selection.model;
      marks.set(model, await markings.get(model)?.load({ ...selection, model }, isSelected) ?? NO_MARKS);
    }
    return marks;
  };
}

/** @param {ModelMarks} marks @param {ModelMarks} others */
export function sameMarks(marks, others) {
  return marks.size === others.size && [...marks].every(([model, each]) => others.get(model) === each);
}

/**
 * The points of all heads that have a map.
 * @param {Context['report']} report @param {ReadonlyMap<string, readonly Overview[]>} overviews
 * @param {ModelMarks} marks
 * @returns {HeadPoints[]}
 */
export function pointsOf(report, overviews, marks) {
  return [...overviews].flatMap(([model, ofModel]) => ofModel.map((points) => (
    { head: /** @type {Head} */ (report.head(model, points.id)), points, marks: marks.get(model) ?? NO_MARKS })));
}
