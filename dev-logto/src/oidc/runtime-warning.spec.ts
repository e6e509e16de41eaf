import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { hideRuntimeWarning, RUNTIME_WARNING } from './runtime-warning.js';

afterEach(() => void jest.restoreAllMocks());

describe("oidc-provider's runtime warning", () => {
  it('has the known text', () => {
    const main = createRequire(import.meta.url).resolve('oidc-provider');
    expect(readFileSync(main, 'utf8')).toContain(`attention.warn('${RUNTIME_WARNING}')`);
  });

  it('is hidden while the package loads, and other warnings are not', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await hideRuntimeWarning(async () => {
      console.warn(`oidc-provider WARNING: ${RUNTIME_WARNING}`);
      console.warn('oidc-provider WARNING: another one');
    });
    console.warn(RUNTIME_WARNING);
    expect(warn.mock.calls).toEqual([['oidc-provider WARNING: another one'], [RUNTIME_WARNING]]);
  });

  it('is shown again when loading fails', async () => {
    const { warn } = console;
    await expect(hideRuntimeWarning(() => Promise.reject(new Error('missing')))).rejects.toThrow('missing');
    expect(console.warn).toBe(warn);
  });
});
