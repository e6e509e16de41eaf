import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';

export async function registerPages(_app: FastifyInstance, _context: Context): Promise<void> {}
