import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseInput } from './parse-input.js';

const pageQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
});

/** Returns the page selected by `page` and `page_size`, and sets `Total-Number` and `Link` (RFC 8288). */
export function paginate<Item>(request: FastifyRequest, reply: FastifyReply, items: Item[]): Item[] {
  const { page, page_size: size } = parseInput(pageQuery, request.query, 'query');
  const lastPage = Math.max(1, Math.ceil(items.length / size));
  const [path, search = ''] = request.url.split('?');
  const createLink = (targetPage: number, rel: string): string => {
    const query = new URLSearchParams(search);
    query.set('page', String(targetPage));
    // Logto's links omit `/api`.
    const target = `${request.protocol}://${request.host}${path!.replace(/^\/api/, '')}`;
    return `<${target}?${query}>; rel="${rel}"`;
  };
  const links = [createLink(1, 'first'), createLink(lastPage, 'last')];
  if (page > 1) links.push(createLink(page - 1, 'prev'));
  if (page < lastPage) links.push(createLink(page + 1, 'next'));
  void reply.header('total-number', String(items.length)).header('link', links.join(', '));
  return items.slice((page - 1) * size, page * size);
}
