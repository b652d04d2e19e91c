/**
 * What the JavaScript here holds to: the viewer, its build and its tests. `make lint` runs this from the root of the
 * repository, so that tests/js lies under it too; patterns begin with two stars, to mean the same from this folder.
 *
 * What a browser has, which types fit and which private fields are used is known to tsc.
 */
import js from '@eslint/js';

/** Names that say nothing of what they hold. */
const EMPTY_NAMES = [
  'own', 'found', 'given', 'said', 'made', 'taken', 'told', 'whole', 'held', 'heard', 'looked', 'wanted', 'placed',
  'shown', 'seen',
];

/** What turns a text into markup. */
const MARKUP = [
  'MemberExpression[property.name=/^(inner|outer)HTML$/]',
  'CallExpression[callee.property.name=/^(insertAdjacentHTML|createContextualFragment|parseFromString)$/]',
];

/** What Node knows that the tests and the build use. */
const NODE = [
  'Buffer', 'Event', 'EventTarget', 'Response', 'TextEncoder', 'URL', 'atob', 'fetch', 'performance', 'process',
  'queueMicrotask', 'setImmediate', 'setTimeout', 'structuredClone',
];

export default [
  { ignores: ['**/node_modules/', '**/dist/', '**/src/format/'] }, // src/format is generated
  js.configs.recommended,
  {
    files: ['**/*.js'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-undef': 'off', // but for what tsc does not read, below
      'no-unused-private-class-members': 'off',

      // Rooms small enough to be seen at once.
      'max-len': ['error', { code: 120 }],
      'max-lines-per-function': ['error', { max: 100 }],

      // Names and habits.
      eqeqeq: 'error',
      'id-denylist': ['error', ...EMPTY_NAMES],
      'no-console': ['error', { allow: ['error'] }],
      'no-else-return': 'error',
      'no-shadow': ['error', { allow: ['_'] }],
      'no-template-curly-in-string': 'error',
      'no-var': 'error',
      'no-warning-comments': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'prefer-template': 'error',

      // A page's security policy forbids what evaluates, and text enters the page as text.
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-script-url': 'error',
      'no-restricted-syntax': ['error', ...MARKUP.map((selector) => ({
        selector, message: 'Text enters the page as text: use textContent, or el().',
      }))],
    },
  },
  {
    files: ['**/tests/js/**/*.js', '**/build.js', '**/eslint.config.js'],
    languageOptions: { globals: Object.fromEntries(NODE.map((name) => [name, 'readonly'])) },
    rules: { 'no-undef': 'error' },
  },
];
