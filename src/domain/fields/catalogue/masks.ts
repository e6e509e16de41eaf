import type { Json } from '../../../platform/json/json.js';
import type { FieldMask } from './catalogue-field.js';

const HIDDEN = '••••';

/** The last characters, at most half of them; nothing of a short text. */
function last(text: string, count: number): string {
  const characters = [...text];
  return characters.length < 2 * count ? HIDDEN : `${HIDDEN} ${characters.slice(-count).join('')}`;
}

const TEXT_MASKS: Readonly<Record<FieldMask, (text: string) => string>> = {
  all: () => HIDDEN,
  last4: (text) => last(text, 4),
  phone: (text) => last(text.replace(/\D/g, ''), 2),
  email: (text) => {
    const at = text.lastIndexOf('@');
    return at < 2 ? HIDDEN : `${[...text][0]}${HIDDEN}${text.slice(at)}`;
  },
};

/** The visible part of a sensitive value, such as `•••• 1234`. Its length does not depend on the length of the value. */
export const maskValue = (mask: FieldMask, value: Json): string =>
  typeof value === 'string' ? TEXT_MASKS[mask](value) : HIDDEN;
