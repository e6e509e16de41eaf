import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '../errors/error-catalogue.js';

/** Where {@link ApiProblems} leaves its codes until the document is made. */
export const PROBLEMS_EXTENSION = 'x-problems';

/**
 * Documents the problems that a route responds with, besides those that every route shares (an access token rejected,
 * the general limit, a body that cannot be read or is not valid, an account that is gone or suspended, Logto away).
 */
export const ApiProblems = (...codes: ErrorCode[]) => applyDecorators(ApiExtension(PROBLEMS_EXTENSION, codes));
