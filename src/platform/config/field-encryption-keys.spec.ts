import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { developmentKey, IN_MEMORY } from './field-encryption-keys.js';

describe('the key of development mode', () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'key-'));
  });
  afterEach(() => rmSync(data, { recursive: true }));

  it('is created once and readable only by its owner', () => {
    const { key } = developmentKey(join(data, 'database'));
    expect(key).toHaveLength(32);
    expect(developmentKey(join(data, 'database')).key).toEqual(key);
    expect(statSync(join(data, 'field-encryption-key')).mode & 0o777).toBe(0o600);
  });

  it('is never overwritten, not even when the file is damaged', () => {
    const file = join(data, 'field-encryption-key');
    writeFileSync(file, 'c2hvcnQ=');
    expect(() => developmentKey(join(data, 'database'))).toThrow('contains no key');
    expect(readFileSync(file, 'utf8')).toBe('c2hvcnQ=');
  });

  it('lasts as long as a database in memory', () => {
    expect(developmentKey(IN_MEMORY).key).not.toEqual(developmentKey(IN_MEMORY).key);
  });
});
