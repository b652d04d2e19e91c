/** Patterns against the browser's own expressions, and the work they take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { codePoints, findMatches } from '../../../site_templates/src/state/find/matches.js';
import { compilePattern, compileWords, PatternError } from '../../../site_templates/src/state/find/pattern.js';

const TEXT = 'Alice fell, fell, FELL!\nDown the rabbit-hole: 42 aaab aab ab b (x) 🙂 naïve über Ünder'
  + '\n\nthe end. a.b a+b [CLS] x_1 ⁠„quoted“';

const SLICE = 1e9;

function spans(program, text) {
  return [...findMatches(program, codePoints(text), SLICE)];
}

/** What JavaScript itself finds, in code points. */
function native(source, flags, text) {
  const units = [...text.matchAll(new RegExp(source, `${flags}gmu`))].filter(([match]) => match !== '');
  return units.map((match) => {
    const start = codePoints(text.slice(0, match.index)).length;
    return { start, end: start + codePoints(match[0]).length };
  });
}

const PATTERNS = [
  'fell', 'f.ll', '[a-z]+', 'a*b', 'a*?b', 'a+b', 'a+?', 'a{2}b', 'a{2,}b', 'a{1,2}', 'a{0,2}?b', '(?:a|ab)(?:c|b)?',
  'ab|a', 'a|ab',
  '(a|b)+', '(a*)*b', '(?:a?){3}b', '\\d+', '\\w+', '\\s\\S', '^.', '.$', '^the', 'end\\.$', '\\p{Lu}\\w*',
  '[^a-z\\s]+', 'a\\.b', 'a\\+b', '\\[CLS\\]', '\\u{1F642}', '🙂', '\\(x\\)', 'x_\\d', '(?:fell,? ?)+', '\\x41l',
  '|a', 'a|',
  '(fell|FELL|Down)[,!]?', '[[a]', '.{3}', 'l{2}', '(?:)b', '\\u0041', '[\\d]+|[\\]]',
];

for (const source of PATTERNS) {
  test(`/${source}/ matches what the browser's own expression matches`, () => {
    for (const flags of ['', 'i']) {
      const expected = native(source, flags, TEXT);
      assert.deepEqual(spans(compilePattern(source, { ignoreCase: flags === 'i' }), TEXT), expected);
    }
  });
}

test('edges of words are those of any script', () => {
  const starts = (source) => spans(compilePattern(source, { ignoreCase: false }), 'über trüb überall')
    .map(({ start }) => start);
  assert.deepEqual(starts('\\bü'), [0, 10]);
  assert.deepEqual(starts('\\Bü'), [7]);
  assert.deepEqual(starts('b\\b'), [8]);
});

test('words are found as they are, capitals or not, and in no longer word', () => {
  const at = (words, text) => spans(compileWords(words), text).map(({ start }) => start);
  assert.deepEqual(at('fell', 'fell FELL felled unfell fell,fell'), [0, 5, 24, 29]);
  assert.deepEqual(at('a.b', 'a.b axb a.b.'), [0, 8]);
  assert.deepEqual(at('the end', 'the\nend the  end'), [0]);
  assert.deepEqual(at('über', 'Über überall'), [0]);
  assert.deepEqual(at('猫', '私の猫は猫です'), [2, 4]);
  assert.deepEqual(at('“', 'a“b'), [1]);
});

test('what is wrong is said in words', () => {
  const wrong = {
    '(a': /no “\)”/, 'a)': /no “\(”/, '[a': /no “]”/, '*a': /could repeat/, 'a**': /could repeat/,
    '(?=a)': /look-arounds/,
    '(a)\\1': /Back-references/, 'a{3,1}': /no range/, '[z-a]': /no set/, '\\p{Nothing}': /no set/,
    'a\\': /nothing after/,
    '(?:a{99}){99}': /too much/, [`${'a'.repeat(401)}`]: /at most 400/,
  };
  for (const [source, words] of Object.entries(wrong)) {
    assert.throws(() => compilePattern(source, { ignoreCase: false }),
      (error) => error instanceof PatternError && words.test(error.message), source);
  }
});

test('no pattern runs away: work grows with the text, not with the ways to match', () => {
  const text = codePoints(`${'a'.repeat(20_000)}!`);
  for (const source of ['(a+)+$', '(a|a)*b', '(a|aa)+$', '(?:a*)*b', '(.*)*x', 'a*a*a*a*a*b']) {
    const program = compilePattern(source, { ignoreCase: false });
    let breaths = 0;
    // One search from the first place that goes through the whole text is all that such a pattern may take.
    for (const match of findMatches(program, text, 1000)) {
      if (match === null) breaths++;
      assert.ok(breaths * 1000 < 40 * text.length, source);
      if (match !== null) break;
    }
  }
});

test('long work gives way', () => {
  const program = compilePattern('b', { ignoreCase: false });
  const results = [...findMatches(program, codePoints('a'.repeat(5000)), 1000)];
  assert.ok(results.length >= 5 && results.length <= 10, String(results.length));
  assert.ok(results.every((result) => result === null));
});
