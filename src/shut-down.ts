import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppConfig } from './platform/config/app-config.js';
import { ShutdownService } from './platform/http/shutdown.service.js';

/** For background jobs and connections to other servers, after the last request. */
const CLOSE_MS = 2_000;

/**
 * Shuts the service down: it is no longer ready, then stops listening, finishes the requests, and ends its background jobs. What is not
 * finished at the deadline is abandoned, as after a crash.
 */
export async function shutDown(app: NestFastifyApplication, reason: string): Promise<void> {
  const logger = new Logger('Shutdown');
  const { delayMs, timeoutMs } = app.get(AppConfig).shutdown;
  logger.log(`${reason}: not ready any more, stops listening in ${delayMs / 1000} s.`);
  app.get(ShutdownService, { strict: false }).start();
  await delay(delayMs);
  const isClosed = await Promise.race([close(app), delay(timeoutMs + CLOSE_MS, false)]);
  if (!isClosed) logger.warn(`Not everything could be finished within ${(timeoutMs + CLOSE_MS) / 1000} s.`);
}

/** Nest would end the background jobs first, although requests still need them. */
async function close(app: NestFastifyApplication): Promise<true> {
  await app.getHttpAdapter().getInstance().close();
  await app.close();
  return true;
}
