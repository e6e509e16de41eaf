import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { WebhookArrivalsService } from '../../src/domain/users/webhook-arrivals.service.js';
import type { AppConfig } from '../../src/platform/config/app-config.js';
import { onEachDatabase } from './support/each-database.js';

const DAY_MS = 24 * 3_600_000;

describe('the arrival of webhooks', () => {
  onEachDatabase((database) => {
    let now = 1_800_000_000_000;
    const createReplica = () =>
      new WebhookArrivalsService(database.current, { now: () => now }, { cacheMaxAgeMs: 2_000 } as AppConfig);
    afterEach(async () => {
      jest.restoreAllMocks();
      await database.current.query({ text: 'delete from logto_profile.webhook_arrival' });
    });

    it('is known to every replica, for a day', async () => {
      const [first, second] = [createReplica(), createReplica()];
      await Promise.all([first.refresh(), second.refresh()]);
      expect([first.areArriving, second.areArriving]).toEqual([false, false]);
      await first.record();
      await second.refresh();
      expect([first.areArriving, second.areArriving]).toEqual([true, true]);
      now += DAY_MS - 1;
      expect(second.areArriving).toBe(true);
      now += 1;
      await second.refresh();
      expect([first.areArriving, second.areArriving]).toEqual([false, false]);
    });

    it('is written once a minute, and never moves back', async () => {
      const replica = createReplica();
      const executed = jest.spyOn(database.current.db, 'execute');
      for (let n = 0; n < 10; n += 1) await replica.record();
      expect(executed).toHaveBeenCalledTimes(1);
      const late = new WebhookArrivalsService(database.current, { now: () => now - DAY_MS }, {} as AppConfig);
      await late.record();
      const other = createReplica();
      await other.refresh();
      expect(other.areArriving).toBe(true);
    });

    it('is reported as missing once, until a webhook arrives', async () => {
      const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
      const replica = createReplica();
      await replica.refresh();
      await replica.refresh();
      expect(warn.mock.calls).toEqual([[expect.stringContaining('no webhook arrived')]]);
      await replica.record();
      now += DAY_MS;
      await replica.refresh();
      expect(warn).toHaveBeenCalledTimes(1);
      now += 2 * DAY_MS;
    });
  });
});
