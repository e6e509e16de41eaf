import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailableError, QueryError, toDatabaseError } from './query-error.js';

const failure = (code: string | undefined, message = 'with a value') => Object.assign(new Error(message), { code });

describe('the error of a query', () => {
  it.each([
    ['a lost connection', 'ECONNRESET', 'unknown'],
    ['a broken pipe, whose code has the length of an SQLSTATE', 'EPIPE', 'unknown'],
    ['a statement without a response', undefined, 'unknown'],
    ['a connection exception', '08006', 'unknown'],
    ['a shutdown', '57P01', 'unknown'],
    ['a crash', '57P02', 'unknown'],
    ['a server that is starting', '57P03', 'not_sent'],
    ['a rejected login', '28P01', 'not_sent'],
    ['a missing database', '3D000', 'not_sent'],
    ['a read-only server', '25006', 'rejected'],
    ['a full disk', '53100', 'rejected'],
    ['too little memory', '53200', 'rejected'],
    ['too many connections', '53300', 'rejected'],
    ['a lock', '55P03', 'rejected'],
    ['a deadlock', '40P01', 'rejected'],
    ['a statement that takes too long', '57014', 'rejected'],
    ['a failed disk', '58030', 'rejected'],
  ] as const)('means that the database is unavailable after %s', (_kind, code, outcome) => {
    const error = toDatabaseError(failure(code));
    expect(error).toBeInstanceOf(DatabaseUnavailableError);
    expect(error).toMatchObject({ status: 503, code: 'database_unavailable', outcome, cause: { code } });
    expect((error as DatabaseUnavailableError).options.headers).toEqual({ 'Retry-After': '1' });
  });

  it('means that nothing was sent if no connection was available', () => {
    for (const code of ['ECONNREFUSED', '53300', '57P01', undefined]) {
      expect(toDatabaseError(failure(code), { isSent: false })).toMatchObject({ outcome: 'not_sent' });
    }
  });

  it.each(['23505', '22001', '42P01', '21000'])('is an error of the statement with SQLSTATE %s', (code) => {
    const error = toDatabaseError(failure(code));
    expect(error).toBeInstanceOf(QueryError);
    expect(error.message).not.toContain('with a value');
  });

  it('is an error of our own code if a value cannot be serialized', () => {
    expect(toDatabaseError(new TypeError('Do not know how to serialize a BigInt'))).toBeInstanceOf(QueryError);
  });

  it('is not converted twice', () => {
    const error = toDatabaseError(failure('53100'));
    expect(toDatabaseError(error)).toBe(error);
  });
});
