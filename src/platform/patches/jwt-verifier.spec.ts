import { describe, expect, it, jest } from '@jest/globals';
import { Strategy } from 'passport-jwt';
import { installedVersion } from '../../../test/support/installed-version.js';
import { keyProvider, replaceJwtVerifier } from './jwt-verifier.js';

const KEY = { kid: 'a key that is no string' };

/** Authenticates once and resolves to how it ended: passport's `success` or `fail`, and with what. */
const authenticate = (findKey: () => Promise<unknown>) =>
  new Promise((resolve) => {
    const strategy = new Strategy(
      { jwtFromRequest: () => 'token', secretOrKeyProvider: keyProvider(findKey) },
      (payload, done) => done(null, payload),
    );
    Object.assign(strategy, {
      success: (user: unknown) => resolve(['success', user]),
      fail: (reason: unknown) => resolve(['fail', reason]),
    });
    strategy.authenticate({} as never);
  });

describe('the verifier of passport-jwt', () => {
  it('is checked with 4.0', () => {
    expect(installedVersion('passport-jwt')).toMatch(/^4\.0\./);
  });

  it('is the replaced one, and gets the key as it was found', async () => {
    const verify = jest.fn(async (_token: string, _key: typeof KEY) => ({ verified: true }));
    replaceJwtVerifier(verify);
    expect(await authenticate(async () => KEY)).toEqual(['success', { verified: true }]);
    expect(verify).toHaveBeenCalledWith('token', KEY);
  });

  it('fails the authentication with the error of the verifier, or of the search for the key', async () => {
    const error = new Error('rejected');
    replaceJwtVerifier(() => Promise.reject(error));
    expect(await authenticate(async () => KEY)).toEqual(['fail', error]);
    const noKey = new Error('no key');
    expect(await authenticate(() => Promise.reject(noKey))).toEqual(['fail', noKey]);
  });
});
