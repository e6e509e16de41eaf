import { canonicalAddress, type AddressKind } from '../../domain/proofs/address.js';
import { ProblemError, type FieldError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { CodeRecipient } from '../../platform/management-api/management-api.service.js';
import type { SendCodeDto, Target } from './verification.dto.js';

/** An address that a code is sent to, and what the code will prove. */
export interface AddressAndPurpose {
  readonly kind: AddressKind;
  /** In the form that is sent to Logto. */
  readonly address: string;
  /** `address` proves only that address; a target proves the identity. */
  readonly purpose: Target | 'address';
}

/** The recipient of a code. */
export interface Recipient extends AddressAndPurpose {
  /** The keyed hash under which the address is limited, stored and compared. */
  readonly addressHash: string;
}

export const toCodeRecipient = ({ kind, address }: Pick<AddressAndPurpose, 'kind' | 'address'>): CodeRecipient =>
  kind === 'email' ? { email: address } : { phone: address };

const reject = (...errors: FieldError[]): never => {
  throw new ProblemError('validation_failed', { errors });
};

/** Converts exactly one of email, phone and target to an address. Throws `validation_failed` with a pointer. */
export function toAddress(body: SendCodeDto, user: LogtoUser): AddressAndPurpose {
  const given = (['email', 'phone', 'target'] as const).filter((name) => body[name] !== undefined);
  const [only] = given;
  if (only === undefined || given.length > 1) {
    const pointers = only === undefined ? [''] : given.map((name) => `/${name}`);
    return reject(...pointers.map((pointer): FieldError => ({ pointer, code: 'exactly_one' })));
  }
  if (only === 'target') return ownAddress(body.target!, user);
  const address = canonicalAddress(only, body[only], `/${only}`);
  if (typeof address !== 'string') return reject(address);
  return { kind: only, address, purpose: 'address' };
}

function ownAddress(target: Target, user: LogtoUser): AddressAndPurpose {
  const address = user[target];
  if (!address) return reject({ pointer: '/target', code: 'not_set' });
  return { kind: target === 'primaryEmail' ? 'email' : 'phone', address, purpose: target };
}
