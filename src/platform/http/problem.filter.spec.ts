import { describe, expect, it } from '@jest/globals';
import { ForbiddenException } from '@nestjs/common';
import { describeError } from '../errors/describe-error.js';
import { ProblemError } from '../errors/problem-error.js';
import { toProblem } from '../errors/problem.js';
import { asProblemError } from './problem.filter.js';

const fastifyError = (code: string, statusCode: number) =>
  Object.assign(new Error('quoted input'), { code, statusCode });

describe('asProblemError', () => {
  it.each<[unknown, string]>([
    [fastifyError('FST_ERR_CTP_BODY_TOO_LARGE', 413), 'payload_too_large'],
    [fastifyError('FST_ERR_CTP_INVALID_MEDIA_TYPE', 415), 'unsupported_media_type'],
    [fastifyError('FST_ERR_BAD_URL', 400), 'malformed_request'],
    [fastifyError('FST_ERR_MAX_PARAM_LENGTH', 414), 'not_found'],
    [fastifyError('FST_ERR_OTHER', 418), 'malformed_request'],
    [fastifyError('FST_ERR_OTHER', 408), 'request_timeout'],
    [fastifyError('FST_ERR_OTHER', 503), 'overloaded'],
    [fastifyError('FST_ERR_OTHER', 500), 'internal_error'],
    [new TypeError('x is not a function'), 'internal_error'],
    // An object that only resembles an HTTP error must not choose the status.
    [Object.assign(new Error('upstream said'), { statusCode: 401 }), 'internal_error'],
    [Object.assign(new Error('upstream said'), { status: 404, response: { status: 404 } }), 'internal_error'],
    ['thrown text', 'internal_error'],
    [undefined, 'internal_error'],
    [null, 'internal_error'],
  ])('maps %p to the code %s', (thrown, code) => expect(asProblemError(thrown).code).toBe(code));

  it('keeps errors of the service unchanged', () => {
    const error = new ProblemError('identifier_taken', { detail: { code: 'body_missing' } });
    expect(asProblemError(error)).toBe(error);
  });

  it('does not reveal internal errors', () => {
    const secret = new Error('password=hunter2', { cause: new ForbiddenException('secret') });
    expect(toProblem(asProblemError(secret), 'id', 'en')).toEqual({
      type: '/docs/errors#internal_error',
      title: 'Internal error.',
      status: 500,
      code: 'internal_error',
      requestId: 'id',
    });
  });
});

describe('describeError', () => {
  it('names the error and its location without text that may quote user input', () => {
    const query = Object.assign(new Error('Failed query: insert … params: alice@example.com'), { code: '23505' });
    const text = describeError(new Error('outer alice@example.com', { cause: query }));
    expect(text).toContain('caused by Error [23505]');
    expect(text).toContain('problem.filter.spec');
    expect(text).not.toContain('alice');
  });

  it('includes the message of a programming error', () => {
    expect(describeError(new TypeError('x is not a function'))).toContain('TypeError x is not a function');
  });

  it('accepts any thrown value', () => {
    expect([undefined, null, 'text', 7].map(describeError)).toEqual(['undefined', 'object', 'string', 'number']);
  });
});
