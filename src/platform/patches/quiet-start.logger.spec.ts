import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { installedVersion } from '../../../test/support/installed-version.js';
import { QuietStartLogger } from './quiet-start.logger.js';

@Module({
  providers: [
    {
      provide: 'broken',
      useFactory: () => {
        throw new Error('no database');
      },
    },
  ],
})
class BrokenModule {}

describe('QuietStartLogger', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is checked with Nest 12', () => {
    expect(installedVersion('@nestjs/core')).toMatch(/^12\./);
  });

  it('logs nothing of a failed start, which is thrown, and every other error', async () => {
    const written: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    }
    const logger = new QuietStartLogger({ logLevels: ['error'] });
    const start = NestFactory.createApplicationContext(BrokenModule, { logger, abortOnError: false });
    await expect(start).rejects.toThrow('no database');
    expect(written).toEqual([]);
    logger.error('disk full', 'Database');
    expect(written.join('')).toContain('disk full');
  });
});
