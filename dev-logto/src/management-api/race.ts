import { setTimeout } from 'node:timers/promises';

/**
 * The time between Logto's reading of a row and its writing. What it decides by what it has read is open
 * to a race: a code passes twice, an email that differs by case is taken twice. So it is here, unless a test
 * decides itself how long it is.
 */
export const briefWindow = (): Promise<void> => setTimeout(3);
