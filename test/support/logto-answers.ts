import { readFileSync } from 'node:fs';

/** Answers of a running Logto 1.42, by what was asked; tokens, codes and hosts in them are made up. */
export const logtoAnswers = JSON.parse(
  readFileSync(new URL('../data/logto-answers.json', import.meta.url), 'utf8'),
) as Record<string, { status: number; body: unknown }>;
