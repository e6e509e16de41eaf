import { setTimeout } from 'node:timers/promises';

/**
 * The delay between reading and writing a row. Logto has race conditions here, which dev-logto reproduces:
 * concurrent requests can use the same verification code twice, or store emails that differ only by case.
 */
export const defaultRaceWindow = (): Promise<void> => setTimeout(3);
