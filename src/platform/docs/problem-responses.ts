import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '../errors/error-catalogue.js';

/** The extension in which {@link ApiProblems} stores its codes until the document is built. */
export const PROBLEMS_EXTENSION = 'x-problems';

/**
 * Documents the problems of a route, besides those that all routes share: a rejected access token, the general rate
 * limit, a malformed or invalid body, a deleted or suspended account, an outage of Logto.
 */
export const ApiProblems = (...codes: ErrorCode[]) => applyDecorators(ApiExtension(PROBLEMS_EXTENSION, codes));
