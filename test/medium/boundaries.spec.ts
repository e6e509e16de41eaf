import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Files that violate a dependency rule, and the name of the rule. */
const VIOLATIONS: [string, Record<string, string>, string][] = [
  [
    'a new platform folder that imports the domain',
    { 'src/platform/new/a.ts': "export { CrashPoints } from '../../domain/changes/crash-points.js';" },
    'platform-stands-alone',
  ],
  [
    'a new domain folder that imports a feature',
    { 'src/domain/new/a.ts': "export { HealthModule } from '../../features/health/health.module.js';" },
    'domain-knows-no-feature',
  ],
  [
    'a new domain folder that imports Fastify',
    { 'src/domain/new/a.ts': "import Fastify from 'fastify';\nexport const app = Fastify();" },
    'domain-knows-no-http',
  ],
  [
    'a new feature that imports the files of another',
    { 'src/features/new/a.ts': "export { HealthModule } from '../health/health.module.js';" },
    'features-keep-to-themselves',
  ],
  [
    'two new files that import each other',
    {
      'src/domain/new/a.ts': "import { b } from './b.js';\nexport const a = () => b;",
      'src/domain/new/b.ts': "import { a } from './a.js';\nexport const b = () => a;",
    },
    'no-cycles',
  ],
  [
    'two new folders that import each other without a cycle of files',
    {
      'src/domain/new/a.ts': "import { d } from '../other/d.js';\nexport const a = d;",
      'src/domain/new/b.ts': 'export const b = 1;',
      'src/domain/other/c.ts': "import { b } from '../new/b.js';\nexport const c = b;",
      'src/domain/other/d.ts': 'export const d = 1;',
    },
    'no-cycles-between-folders',
  ],
];

describe('the dependency rules', () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'boundaries-'));
    for (const part of ['src', 'dev-logto/src', '.dependency-cruiser.cjs', 'package.json', 'tsconfig.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  const checkDependencies = () => {
    const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const options = { cwd: copy, encoding: 'utf8' } as const;
    const { status, stdout } = spawnSync(process.execPath, [depcruise, 'src', 'dev-logto/src'], options);
    return { status, rules: [...stdout.matchAll(/error ([\w-]+):/g)].map(([, rule]) => rule) };
  };

  it('accept the current sources', () => {
    expect(checkDependencies()).toEqual({ status: 0, rules: [] });
  }, 60_000);

  it.each(VIOLATIONS)(
    'reject %s',
    (_case, files, rule) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(copy, name)), { recursive: true });
        writeFileSync(join(copy, name), text);
      }
      const { status, rules } = checkDependencies();
      for (const name of Object.keys(files)) rmSync(dirname(join(copy, name)), { recursive: true, force: true });
      expect(status).not.toBe(0);
      expect(rules).toContain(rule);
    },
    60_000,
  );
});
