/** The boundaries of docs/architecture.md, checked by `npm run boundaries`. By path, so a new folder obeys them without being named. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-cycles-between-folders',
      comment: 'Of the folders of a tier, and of the tiers themselves.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^src/[^/]+/[^/]+$' },
      to: { circular: true },
    },
    {
      name: 'platform-stands-alone',
      comment: 'Imports point one way: features, domain, platform.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/', pathNot: '^src/platform/' },
    },
    {
      name: 'domain-knows-no-feature',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { path: '^src/', pathNot: '^src/(domain|platform)/' },
    },
    {
      name: 'domain-knows-no-http',
      comment: 'Only domain/access, where requests become callers, sees requests.',
      severity: 'error',
      from: { path: '^src/domain/', pathNot: '^src/domain/access/' },
      to: { path: 'node_modules/(fastify|@fastify|@nestjs/platform-fastify)/' },
    },
    {
      name: 'features-keep-to-themselves',
      comment: 'What two features share lives in the domain.',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/', pathNot: '^src/(features/$1|domain|platform)/' },
    },
    {
      name: 'errors-know-no-http',
      severity: 'error',
      from: { path: '^src/platform/errors/' },
      to: { path: '^src/platform/(?!errors/|json/|config/)|node_modules/fastify/' },
    },
    {
      name: 'only-management-api-calls-logto',
      comment: 'One place holds the machine token, the retries and the mapping of errors.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/management-api/' },
      to: { path: 'node_modules/(axios|undici|@nestjs/axios)/' },
    },
    {
      name: 'production-never-holds-dev-logto',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(dev-logto|test|bench|client|examples)/|node_modules/dev-logto' },
    },
    {
      name: 'dev-logto-stands-alone',
      severity: 'error',
      from: { path: '^dev-logto/' },
      to: { path: '^(src|test|client|examples)/' },
    },
    {
      name: 'production-uses-production-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // A spec may import what a folder may not: its neighbours' helpers, and those of test/.
    exclude: { path: '(^|/)dist/|\\.spec\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
    combinedDependencies: true,
    metrics: true,
  },
};
