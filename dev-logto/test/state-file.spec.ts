import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../src/tenant/clock.js';
import { StateFile } from '../src/tenant/state-file.js';
import { Tenant } from '../src/tenant/tenant.js';

describe('a state file that cannot be written', () => {
  let folder: string;
  let tenant: Tenant;
  let stateFile: StateFile;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'dev-logto-')), 'missing');
    tenant = new Tenant(new Clock());
    stateFile = new StateFile(join(folder, 'state.json'), tenant);
  });
  afterEach(async () => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    await rm(join(folder, '..'), { recursive: true });
  });
  const readState = async (): Promise<unknown> => JSON.parse(await readFile(join(folder, 'state.json'), 'utf8'));
  const asJson = () => JSON.parse(JSON.stringify(tenant)) as object;

  it('is written by the next save that can', async () => {
    await expect(stateFile.stop()).rejects.toThrow('ENOENT');
    await mkdir(folder);
    await stateFile.stop();
    expect(await readState()).toEqual(asJson());
  });

  it('is reported, and tried again, by the regular save', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
    const reports: string[] = [];
    let reported!: () => void;
    const report = new Promise<void>((resolve) => (reported = resolve));
    jest.spyOn(console, 'error').mockImplementation((message: string) => {
      reports.push(message);
      reported();
    });
    stateFile.start();
    jest.advanceTimersByTime(1000);
    await report;
    expect(reports).toEqual([expect.stringMatching(/^The state was not saved.*ENOENT/)]);

    await mkdir(folder);
    jest.advanceTimersByTime(1000);
    await stateFile.stop();
    expect(await readState()).toEqual(asJson());
    expect(reports).toHaveLength(1);
  });

  it('is named, without its contents, if it holds no JSON', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'state.json'), '{"signingKeys": [secret]}');
    const error = await stateFile.load().catch((reason: unknown) => String(reason));
    expect(error).toContain(join(folder, 'state.json'));
    expect(error).not.toContain('secret');
  });
});
