// The linter's rules, among them the fence that keeps sim/ and models/ deterministic.
import tseslint from 'typescript-eslint';

const nondeterminism = [
  { object: 'Math', property: 'random', message: 'Draw from sim/random.ts: chance is indexed.' },
  { object: 'Date', property: 'now', message: 'Read Simulation.nowNs: only simulated time exists here.' },
  {
    object: 'process',
    property: 'hrtime',
    message: 'Read Simulation.nowNs: only simulated time exists here.',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'coverage/', 'node_modules/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', 'examples/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off', // typed arrays need it under noUncheckedIndexedAccess; tidy.test.ts counts them elsewhere
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: ['sim/**', 'models/**', 'scenarios/**', 'results/**'],
    rules: {
      'no-restricted-properties': ['error', ...nondeterminism],
    },
  },
  {
    files: ['sim/**', 'models/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        'performance',
        'setTimeout',
        'setInterval',
        'queueMicrotask',
        'crypto',
      ],
      'no-restricted-syntax': [
        'error',
        { selector: ':function[async=true]', message: 'Nothing is async inside the simulation.' },
        { selector: "NewExpression[callee.name='Date']", message: 'Only simulated time exists here.' },
        {
          selector: 'TryStatement > CatchClause',
          message: 'catch belongs to cli/ and the worker border; assert and crash here.',
        },
      ],
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-syntax': 'off',
      'max-lines': ['error', { max: 700 }],
    },
  },
  { files: ['eslint.config.js'], ...tseslint.configs.disableTypeChecked },
);
