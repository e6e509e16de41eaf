import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';

export async function registerManagementApi(_app: FastifyInstance, _context: Context): Promise<void> {}
