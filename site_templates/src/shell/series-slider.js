/** The slider through the models of a series: head, document, token and view stay, and points glide on. */
import { el } from '../parts/element.js';
import { placeInWords, seriesOf, stepText } from '../state/series.js';
import { switchModel } from './model-switch.js';

/** @import { Selection } from '../state/types.js' */
/** @import { Context } from '../parts/types.js' */

/** @param {Context} context */
export function createSeriesSlider(context) {
  const series = seriesOf(context.report.models);
  const output = el('output', { class: 'series-step' });
  const slider = el('input', {
    type: 'range', min: '0', max: String(Math.max(series.length - 1, 0)), step: '1', 'aria-label': 'Step',
    oninput: () => {
      const model = series[Number(slider.value)];
      say(Number(slider.value));
      void switchModel(context, model.name, { push: false });
    },
  });
  const element = el('label', { class: 'chip series', hidden: series.length < 2 },
    el('span', { class: 'chip-label' }, 'Step'), slider, output);

  /** @param {number} place −1: a model that is not of the series */
  function say(place) {
    const text = place < 0 ? '–' : stepText(series[place]);
    output.textContent = text;
    slider.setAttribute('aria-valuetext', place < 0 ? 'none, the model has no step' : placeInWords(series, place));
  }

  return {
    element,
    /** @param {Selection} selection */
    show({ model }) {
      if (series.length < 2) return;
      const place = series.findIndex(({ name }) => name === model);
      if (place >= 0) slider.value = String(place);
      say(place);
    },
  };
}
