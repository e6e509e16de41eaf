import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { guard } from './guard.js';

const page = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
});

/** Returns the page selected by `page` and `page_size`, and sets `Total-Number` and `Link` (RFC 8288). */
export function paginate<Item>(request: FastifyRequest, reply: FastifyReply, items: Item[]): Item[] {
  const { page: number, page_size: size } = guard(page, request.query, 'query');
  const last = Math.max(1, Math.ceil(items.length / size));
  const [path, search = ''] = request.url.split('?');
  const link = (to: number, rel: string): string => {
    const query = new URLSearchParams(search);
    query.set('page', String(to));
    // Logto's links omit `/api`.
    const target = `${request.protocol}://${request.host}${path!.replace(/^\/api/, '')}`;
    return `<${target}?${query}>; rel="${rel}"`;
  };
  const links = [link(1, 'first'), link(last, 'last')];
  if (number > 1) links.push(link(number - 1, 'prev'));
  if (number < last) links.push(link(number + 1, 'next'));
  void reply.header('total-number', String(items.length)).header('link', links.join(', '));
  return items.slice((number - 1) * size, number * size);
}
