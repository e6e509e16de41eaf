import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';

const EXECUTABLE = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * `describe` where there is a Chromium. Without one the tests are skipped and say so, unless
 * REQUIRE_BROWSER=1 demands them: then they fail at the launch.
 */
export const describeInChromium = (() => {
  if (existsSync(EXECUTABLE) || process.env['REQUIRE_BROWSER'] === '1') return describe;
  console.warn(`SKIPPED: browser tests, since there is no Chromium at ${EXECUTABLE} (set CHROMIUM_PATH).`);
  return describe.skip;
})();

export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
