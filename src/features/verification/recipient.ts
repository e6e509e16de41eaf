import { addressKey, canonicalAddress, type AddressKind } from '../../domain/proofs/address.js';
import { ProblemError, type FieldError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { SendCodeDto, Target } from './verification.dto.js';

/** The recipient of a code, and what the code will prove. */
export interface Recipient {
  readonly kind: AddressKind;
  /** In the form that is sent to Logto. */
  readonly address: string;
  /** The key under which the address is limited, stored and compared. */
  readonly key: string;
  /** `address` proves only that address; a target proves the identity. */
  readonly purpose: Target | 'address';
}

const reject = (...errors: FieldError[]): never => {
  throw new ProblemError('validation_failed', { errors });
};

/** Converts exactly one of email, phone and target to a recipient. Throws `validation_failed` with a pointer. */
export function toRecipient(body: SendCodeDto, user: LogtoUser): Recipient {
  const given = (['email', 'phone', 'target'] as const).filter((name) => body[name] !== undefined);
  const [only] = given;
  if (only === undefined || given.length > 1) {
    const pointers = only === undefined ? [''] : given.map((name) => `/${name}`);
    return reject(...pointers.map((pointer): FieldError => ({ pointer, code: 'exactly_one' })));
  }
  if (only === 'target') return ownAddress(body.target!, user);
  const address = canonicalAddress(only, body[only], `/${only}`);
  if (typeof address !== 'string') return reject(address);
  return { kind: only, address, key: addressKey(only, address), purpose: 'address' };
}

function ownAddress(target: Target, user: LogtoUser): Recipient {
  const address = user[target];
  if (!address) return reject({ pointer: '/target', code: 'not_set' });
  const kind = target === 'primaryEmail' ? 'email' : 'phone';
  return { kind, address, key: addressKey(kind, address), purpose: target };
}
