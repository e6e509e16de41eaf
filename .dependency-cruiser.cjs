/** The boundaries of docs/architecture.md, checked by `npm run boundaries`. */
const features = 'profile|password|custom-data|verification|sign-in|account-security|webhooks|health';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'features-keep-to-themselves',
      comment: 'A feature does not import the insides of another; what two share lives in a folder of its own.',
      severity: 'error',
      from: { path: `^src/(${features})/` },
      to: { path: `^src/(${features})/`, pathNot: '^src/$1/' },
    },
    {
      name: 'shared-parts-know-no-feature',
      severity: 'error',
      from: {
        path: '^src/(config|errors|json|auth|http|management-api|database|fields|proofs|limits|account|sessions|tenant-rules)/',
      },
      to: { path: `^src/(${features})/` },
    },
    {
      name: 'only-management-api-talks-to-logto',
      comment: 'One place holds the machine token, the retries and the mapping of errors.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/management-api/' },
      to: { path: 'node_modules/(axios|undici|@nestjs/axios)/' },
    },
    {
      name: 'production-never-holds-dev-logto',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(dev-logto|test|bench|client|examples)/|node_modules/dev-logto' },
    },
    {
      name: 'dev-logto-stands-alone',
      severity: 'error',
      from: { path: '^dev-logto/' },
      to: { path: '^(src|test|client|examples)/' },
    },
    {
      name: 'errors-know-only-config-and-http',
      severity: 'error',
      from: { path: '^src/errors/' },
      to: { path: '^src/(?!errors/|config/|http/|json/)' },
    },
    {
      name: 'production-uses-production-packages',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
    combinedDependencies: true,
  },
};
