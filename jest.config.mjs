import { availableParallelism } from 'node:os';

// jose, lru-cache and lru-memoizer are ESM and required by CommonJS jwks-rsa: transformed on Node < 24.9.
const esmRequiredByCjs = ['jose', 'lru-cache', 'lru-memoizer'];

const base = {
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/test/support/load-jose.mjs'],
  extensionsToTreatAsEsm: ['.ts'],
  // Not `x.json.js`, as libphonenumber-js has it: that is a module beside x.json.
  moduleNameMapper: { '^(\\.{1,2}/.*(?<!\\.json))\\.js$': '$1' },
  transformIgnorePatterns: [`/node_modules/(?!(${esmRequiredByCjs.join('|')})/)`],
  transform: {
    '^.+\\.(t|j)s$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        jsc: {
          parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
          target: 'es2022',
          keepClassNames: true,
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
};

const suite = (displayName, testMatch, more = {}) => ({ ...base, displayName, testMatch, ...more });

export default {
  // Long enough for a busy machine: no test waits for it, except one that hangs.
  testTimeout: 90_000,
  // Tests wait for timeouts, disks and browsers: with one worker a core, a quarter of the machine would be idle.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  testSequencer: '<rootDir>/test/support/long-first.sequencer.mjs',
  projects: [
    suite('unit', ['<rootDir>/src/**/*.spec.ts']),
    suite('dev-logto', ['<rootDir>/dev-logto/**/*.spec.ts']),
    suite('client', ['<rootDir>/client/**/*.spec.ts']),
    suite('page', ['<rootDir>/examples/**/*.spec.ts']),
    suite('medium', ['<rootDir>/test/medium/**/*.spec.ts']),
    suite('e2e', ['<rootDir>/test/e2e/**/*.e2e-spec.ts']),
    suite('browser', ['<rootDir>/test/browser/**/*.e2e-spec.ts']),
  ],
};
