import type { FieldMessage } from '../../platform/errors/messages/messages.js';
import type { PasswordIssue } from '../../platform/management-api/logto-responses.js';

const PREFIX = 'password_rejected.';

/** The rules of Logto whose texts have no parameters. */
const SIMPLE_RULES = [
  'unsupported_characters',
  'pwned',
  'restricted.repetition',
  'restricted.sequence',
  'restricted.user_info',
  'restricted.words',
] as const;

/** Converts an issue of Logto: the code is Logto's without its prefix, or `policy` if it is unknown. */
export function toBrokenRule({ code, interpolation = {} }: PasswordIssue): FieldMessage {
  const rule = code.startsWith(PREFIX) ? code.slice(PREFIX.length) : code;
  const { min, max } = interpolation as { min?: number; max?: number };
  if (rule === 'too_short' || rule === 'character_types') return { code: rule, params: { min } };
  if (rule === 'too_long') return { code: rule, params: { max } };
  return { code: SIMPLE_RULES.find((each) => each === rule) ?? 'policy' };
}
