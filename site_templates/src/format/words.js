/**
 * What the viewer and the heads' pages say alike, with figures in braces.
 * Written by docs/generate.py from generator/attnviz/format/words.json: change it there.
 */
export const WORDS = {
  certificate: {
    verdict: 'Stored attention is off by {mean} on average.',
    variation: 'On average {mean} of a query’s attention lies on other keys than in the model (total variation), '
      + 'and {worst} in the document where it is worst.',
    variation_without_model: 'On average {mean} of a query’s attention lies on other keys than as it was given '
      + '(total variation), and {worst} in the document where it is worst.',
    error: 'No weight is off by more than {error} percentage points; the strongest key is the same for {top1} of '
      + 'queries.',
    error_of_sample: 'No measured weight is off by more than {error} percentage points; the strongest key is the '
      + 'same for {top1} of queries.',
    rows: 'All {rows} queries were measured against {reference}.',
    rows_of_sample: 'Measured against {reference} on a sample of {rows} queries: an estimate, no bound.',
    errors_of_sample: 'Standard errors: {mean_error} on average, {worst_error} in the worst document, {top1_error} '
      + 'of the strongest keys.',
    without_model: 'No model ran here: nothing certifies that what was given is a model’s own attention.',
    quantised: 'The model’s own weights are quantised ({method}): the figures say nothing of what that changed.',
  },
  references: {
    'eager-float32': 'the model’s own attention (eager, float32)',
    given: 'the attention as it was given',
  },
  masks: {
    full: 'every token sees every token',
    causal: 'a token sees itself and what comes before',
    band: 'a token sees {before} tokens before it and {after} after it',
    intervals: 'each token sees an interval of its own',
  },
  resting: {
    share: 'rests {share}',
    meaning: 'So much of a head’s attention rests on special tokens and sinks. Labels are of what it does besides.',
  },
  pieces: {
    text: 'token',
    image: 'patch',
    video: 'patch',
    audio: 'frame',
  },
};
