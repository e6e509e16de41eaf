import type { PasswordIssue } from '../../platform/management-api/management-api.types.js';

/** A rule that a password breaks. */
export interface BrokenRule {
  readonly code: string;
  readonly detail: string;
}

const DETAILS: Readonly<Record<string, string>> = {
  too_short: 'The password must have at least # characters.',
  too_long: 'The password must have at most # characters.',
  character_types: 'The password must mix at least # of lower case, upper case, digits and symbols.',
  unsupported_characters: 'The password has characters that are not supported.',
  pwned: 'The password is known from a data breach.',
  'restricted.repetition': 'The password repeats characters.',
  'restricted.sequence': 'The password has runs like 123 or abc.',
  'restricted.user_info': 'The password contains something about you.',
  'restricted.words': 'The password contains words that are not allowed.',
  same_as_current: 'The password is the present one.',
};

/** Logto's issue in our words; the code is Logto's without its prefix. */
export function brokenRule({ code, interpolation }: PasswordIssue): BrokenRule {
  const rule = code.replace(/^password_rejected\./, '');
  const figure = interpolation?.['min'] ?? interpolation?.['max'];
  const detail = DETAILS[rule] ?? 'The password does not meet the policy.';
  return { code: rule, detail: detail.replace('#', typeof figure === 'number' ? String(figure) : 'more') };
}

export const PWNED = brokenRule({ code: 'pwned' });
export const SAME_AS_CURRENT = brokenRule({ code: 'same_as_current' });
