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
 * `describe` if Chromium is installed. Otherwise the tests are skipped with a warning, or fail if
 * REQUIRE_BROWSER=1 is set.
 */
export const describeInChromium = (() => {
  if (existsSync(EXECUTABLE) || process.env['REQUIRE_BROWSER'] === '1') return describe;
  console.warn(`SKIPPED: browser tests, because Chromium was not found at ${EXECUTABLE}. Set CHROMIUM_PATH.`);
  return describe.skip;
})();

export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
