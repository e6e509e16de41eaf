import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import type { Oidc } from '../oidc/index.js';

export async function registerControl(_app: FastifyInstance, _context: Context, _oidc: Oidc): Promise<void> {}
